"""Addresses of the behaviour room."""

from django.urls import path

from guanxi.crm.behaviour import api, views

app_name = "behaviour"
urlpatterns = [
    path("", views.intake, name="intake"),
    path("events", api.take, name="take"),
    path("customers/<uuid:uuid>/panel", views.panel, name="panel"),
    path("customers/<uuid:uuid>", views.log, name="log"),
]
