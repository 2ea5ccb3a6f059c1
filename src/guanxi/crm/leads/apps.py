"""The leads room as a Django app."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.leads"
    label = "leads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tasks about a lead are called by its name in the list of the day."""
        from guanxi.crm.leads.selectors import names_of
        from guanxi.crm.worklist.pictures import NAMED

        NAMED["leads:detail"] = names_of
