"""Addresses of the openapi room: the API itself, its document, and the page of tokens."""

from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from guanxi.crm.openapi import api, views
from guanxi.crm.organisation.access import open_door

app_name = "openapi"
urlpatterns = [
    path("", views.docs, name="docs"),
    path("tokens", views.tokens, name="tokens"),
    path("tokens/new", views.new, name="new"),
    path("tokens/<int:key>/approve", views.approve, name="approve"),
    path("tokens/<int:key>/stop", views.stop, name="stop"),
    path("v1/openapi.json", views.document, name="document"),
    path("v1/", include(api.addresses())),
    re_path(r"^v1/[\s\S]*\Z", csrf_exempt(open_door(api.nothing)), name="nothing"),
]
