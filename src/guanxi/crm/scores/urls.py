"""Addresses of the score panels of a customer page."""

from django.urls import path

from guanxi.crm.scores import views

app_name = "scores"
urlpatterns = [
    path("<uuid:uuid>/wealth", views.wealth, name="wealth"),
    path("<uuid:uuid>/value", views.value, name="value"),
    path("<uuid:uuid>/stage", views.stage, name="stage"),
    path("<uuid:uuid>/changes", views.changes, name="changes"),
]
