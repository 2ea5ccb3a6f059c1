"""The worklist room as a Django app."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.worklist"
    label = "worklist"
    default_auto_field = "django.db.models.BigAutoField"
