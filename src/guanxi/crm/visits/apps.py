"""The visits room as a Django app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.visits"
    label = "visits"
    default_auto_field = "django.db.models.BigAutoField"
