"""The assessments room as a Django app."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.assessments"
    label = "assessments"
    default_auto_field = "django.db.models.BigAutoField"
