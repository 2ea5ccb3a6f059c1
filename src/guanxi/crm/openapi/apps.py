"""The openapi room as a Django app."""

from django.apps import AppConfig


class OpenApiConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.openapi"
    label = "openapi"
    default_auto_field = "django.db.models.BigAutoField"
