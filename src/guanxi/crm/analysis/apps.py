"""The analysis room as a Django app."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.analysis"
    label = "analysis"
    default_auto_field = "django.db.models.BigAutoField"
