"""Addresses of the effects room."""

from django.urls import path

from guanxi.crm.effects import views

app_name = "effects"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("global-control", views.global_control, name="global"),
    path("<uuid:uuid>/", views.readout, name="readout"),
    path("<uuid:uuid>/file", views.readout_file, name="file"),
    path("<uuid:uuid>/draft", views.draft, name="draft"),
    path("next", views.next_actions, name="next_actions"),
    path("next/today", views.put_on_today, name="put_on_today"),
    path("first-offers", views.tried, name="first_offers"),
    path("next/<uuid:uuid>", views.next_step, name="next"),
    path("<uuid:uuid>/evidence", views.keep, name="keep"),
]
