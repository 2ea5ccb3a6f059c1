"""Addresses: what belongs to no room, and each room under its own name."""

from django.urls import include, path
from django.views.i18n import set_language

from guanxi.project import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("language", set_language, name="set_language"),
    path("", include("guanxi.crm.organisation.urls")),
]
