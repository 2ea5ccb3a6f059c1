"""The customers room as a Django app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"
