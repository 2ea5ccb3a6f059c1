"""The audit room as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
