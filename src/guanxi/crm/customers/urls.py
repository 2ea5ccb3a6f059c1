"""Addresses of this room: panels of a customer page, and showing a protected number."""

from django.urls import path

from guanxi.crm.customers import views

app_name = "customers"
urlpatterns = [
    path("<uuid:uuid>/holdings", views.holdings, name="holdings"),
    path("<uuid:uuid>/relations", views.relations, name="relations"),
    path("<uuid:uuid>/contacts", views.contacts, name="contacts"),
    path("<uuid:uuid>/credit", views.credit, name="credit"),
    path("<uuid:uuid>/reveal/<slug:kind>/<int:number>", views.reveal, name="reveal"),
]
