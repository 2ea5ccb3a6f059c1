"""The salons room as a Django app."""

from django.apps import AppConfig


class SalonsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.salons"
    label = "salons"
    default_auto_field = "django.db.models.BigAutoField"
