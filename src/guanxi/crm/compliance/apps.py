"""The compliance room as a Django app."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.compliance"
    label = "compliance"
    default_auto_field = "django.db.models.BigAutoField"
