"""Addresses of the worklist room."""

from django.urls import URLPattern

app_name = "worklist"

urlpatterns: list[URLPattern] = []
