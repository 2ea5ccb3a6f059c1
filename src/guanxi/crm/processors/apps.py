"""The processors room as a Django app."""

from django.apps import AppConfig


class ProcessorsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.processors"
    label = "processors"
    default_auto_field = "django.db.models.BigAutoField"
