"""The organisation room as a Django app."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.organisation"
    label = "organisation"
    default_auto_field = "django.db.models.BigAutoField"
