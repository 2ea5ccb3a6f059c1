"""The keeping room as a Django app."""

from django.apps import AppConfig


class KeepingConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.keeping"
    label = "keeping"
    default_auto_field = "django.db.models.BigAutoField"
