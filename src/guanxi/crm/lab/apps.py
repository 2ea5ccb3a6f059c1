"""The policy lab as a Django app."""

from django.apps import AppConfig


class LabConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.lab"
    label = "lab"
    default_auto_field = "django.db.models.BigAutoField"
