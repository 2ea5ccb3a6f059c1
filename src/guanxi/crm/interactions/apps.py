"""The interactions room as a Django app."""

from django.apps import AppConfig


class InteractionsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.interactions"
    label = "interactions"
    default_auto_field = "django.db.models.BigAutoField"
