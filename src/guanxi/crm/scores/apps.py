"""The scores room as a Django app."""

from django.apps import AppConfig


class ScoresConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.scores"
    label = "scores"
    default_auto_field = "django.db.models.BigAutoField"
