"""Addresses of impact assessments."""

from django.urls import path

from guanxi.crm.assessments import views

app_name = "assessments"
urlpatterns = [
    path("", views.page, name="list"),
    path("new", views.new, name="new"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/decide", views.decide, name="decide"),
    path("<uuid:uuid>/end", views.end, name="end"),
]
