"""The performance room as a Django app."""

from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.performance"
    label = "performance"
    default_auto_field = "django.db.models.BigAutoField"
