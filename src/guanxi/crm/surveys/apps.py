"""The surveys room as a Django app."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.surveys"
    label = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
