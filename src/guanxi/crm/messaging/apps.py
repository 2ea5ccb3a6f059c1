"""The messaging room as a Django app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"
