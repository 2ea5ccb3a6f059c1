"""Addresses of the messaging room."""

from django.urls import URLPattern

app_name = "messaging"
urlpatterns: list[URLPattern] = []
