"""The leads room as a Django app."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.leads"
    label = "leads"
    default_auto_field = "django.db.models.BigAutoField"
