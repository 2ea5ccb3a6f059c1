"""The segments room as a Django app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"
