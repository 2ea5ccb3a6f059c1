"""The shell of the screen as a Django app: it brings templates, static files and messages, and no models."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registered so that Django finds the folders; holds no business."""

    name = "guanxi.web"
    label = "web"
