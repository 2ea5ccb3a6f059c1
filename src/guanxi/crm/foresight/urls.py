"""Addresses of the warnings and of the register of models."""

from django.urls import path

from guanxi.crm.foresight import views

app_name = "foresight"
urlpatterns = [
    path("warnings", views.warnings, name="warnings"),
    path("warnings/shortness", views.shortness, name="shortness"),
    path("warnings/changes", views.changes, name="changes"),
    path("customers/<uuid:uuid>/warning", views.panel, name="panel"),
    path("models", views.models, name="models"),
    path("models/<int:number>", views.model, name="model"),
    path("models/<int:number>/ask", views.ask, name="ask"),
    path("models/<int:number>/on", views.switch_on, name="switch_on"),
    path("models/<int:number>/refuse", views.refuse, name="refuse"),
    path("models/<int:number>/off", views.switch_off, name="switch_off"),
]
