"""The counter room as a Django app."""

from django.apps import AppConfig


class CounterConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.counter"
    label = "counter"
    default_auto_field = "django.db.models.BigAutoField"
