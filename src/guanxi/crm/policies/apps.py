"""The policies room as a Django app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.policies"
    label = "policies"
    default_auto_field = "django.db.models.BigAutoField"
