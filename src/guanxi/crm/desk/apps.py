"""The desk room (工作台): pages over many rooms."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Home, search, the customer list and the customer page; owns no table."""

    name = "guanxi.crm.desk"
