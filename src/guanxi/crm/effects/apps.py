"""The effects room as a Django app."""

from django.apps import AppConfig


class EffectsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.effects"
    label = "effects"
    default_auto_field = "django.db.models.BigAutoField"
