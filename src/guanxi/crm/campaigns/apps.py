"""The campaigns room as a Django app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
