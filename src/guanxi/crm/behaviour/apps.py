"""The behaviour room as a Django app."""

from django.apps import AppConfig


class BehaviourConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.behaviour"
    label = "behaviour"
    default_auto_field = "django.db.models.BigAutoField"
