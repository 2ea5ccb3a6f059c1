"""The exports room as a Django app."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.exports"
    label = "exports"
    default_auto_field = "django.db.models.BigAutoField"
