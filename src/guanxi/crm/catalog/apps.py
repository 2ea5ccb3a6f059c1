"""The catalog room as a Django app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
