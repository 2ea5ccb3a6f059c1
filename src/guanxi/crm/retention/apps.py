"""The retention room as a Django app."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"
