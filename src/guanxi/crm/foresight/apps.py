"""The foresight room as a Django app."""

from django.apps import AppConfig


class ForesightConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.foresight"
    label = "foresight"
    default_auto_field = "django.db.models.BigAutoField"
