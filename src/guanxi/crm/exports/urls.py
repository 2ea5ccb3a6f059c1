"""Addresses of requests for files."""

from django.urls import path

from guanxi.crm.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.page, name="list"),
    path("ask", views.ask, name="ask"),
    path("<uuid:uuid>/decide", views.decide, name="decide"),
]
