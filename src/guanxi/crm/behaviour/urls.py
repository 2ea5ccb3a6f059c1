"""Addresses of the behaviour room."""

from django.urls import URLPattern

app_name = "behaviour"
urlpatterns: list[URLPattern] = []
