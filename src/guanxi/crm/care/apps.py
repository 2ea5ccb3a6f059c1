"""The care room as a Django app."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"
