"""Addresses of the performance room."""

from django.urls import URLPattern

app_name = "performance"

urlpatterns: list[URLPattern] = []
