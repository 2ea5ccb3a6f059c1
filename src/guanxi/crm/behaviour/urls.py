"""Addresses of the behaviour room."""

from django.urls import path

from guanxi.crm.behaviour import api

app_name = "behaviour"
urlpatterns = [
    path("events", api.take, name="take"),
]
