"""The planning room as a Django app."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.planning"
    label = "planning"
    default_auto_field = "django.db.models.BigAutoField"
