"""The organisation room as a Django app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class OrganisationConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.organisation"
    label = "organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let each new connection of the workbench keep as many plans as the settings say."""
        from guanxi.crm.organisation.plans import keep_plans

        connection_created.connect(keep_plans)
