"""Addresses of the register of processors."""

from django.urls import path

from guanxi.crm.processors import views

app_name = "processors"
urlpatterns = [
    path("", views.page, name="list"),
    path("new", views.new, name="new"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/decide", views.decide, name="decide"),
    path("<uuid:uuid>/end", views.end, name="end"),
    path("<uuid:uuid>/supervise", views.supervise, name="supervise"),
]
