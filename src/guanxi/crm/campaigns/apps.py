"""The campaigns room as a Django app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Its label is chosen once: moving a model between rooms is dear."""

    name = "guanxi.crm.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Messages of a campaign are called by its name where messages are shown; it says which texts it sent."""
        from guanxi.crm.campaigns.selectors import names_of, refs_with
        from guanxi.crm.messaging.pictures import NAMED
        from guanxi.crm.messaging.pieces import USED

        NAMED["campaign"] = names_of
        USED["campaign"] = refs_with
