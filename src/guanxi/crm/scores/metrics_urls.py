"""Addresses of the registry of figures (指标口径)."""

from django.urls import path

from guanxi.crm.scores.metrics import views

app_name = "metrics"
urlpatterns = [
    path("", views.index, name="list"),
    path("<slug:metric>", views.detail, name="detail"),
]
