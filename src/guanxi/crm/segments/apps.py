"""The segments room as a Django app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Notices and pieces of content may be meant for a saved segment."""
        from guanxi.crm.messaging.audiences import ASKED, Segments
        from guanxi.crm.segments import audiences

        ASKED[:] = [Segments(audiences.offered, audiences.kept, audiences.says, audiences.found)]
