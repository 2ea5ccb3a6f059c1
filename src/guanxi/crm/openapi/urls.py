"""Addresses of the openapi room."""

from django.urls import URLPattern

app_name = "openapi"
urlpatterns: list[URLPattern] = []
