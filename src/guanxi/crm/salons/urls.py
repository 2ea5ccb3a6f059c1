"""Addresses of the salons room."""

from django.urls import URLPattern

app_name = "salons"
urlpatterns: list[URLPattern] = []
