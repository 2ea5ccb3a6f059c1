"""Addresses of this room: the segments, the builder, two side by side, bringing a list."""

from django.urls import path

from guanxi.crm.segments.playbooks import views as playbooks
from guanxi.crm.segments.views import building, handing, pages

app_name = "segments"
urlpatterns = [
    path("", pages.index, name="list"),
    path("new", building.new, name="new"),
    path("draw", building.draw, name="draw"),
    path("portrait", building.draft_portrait, name="draft_portrait"),
    path("save", building.save, name="save"),
    path("compare", pages.compare, name="compare"),
    path("bring", building.bring, name="bring"),
    path("playbooks/", playbooks.index, name="playbooks"),
    path("playbooks/<slug:code>", playbooks.detail, name="playbook"),
    path("<uuid:uuid>/", pages.detail, name="detail"),
    path("<uuid:uuid>/bind", playbooks.bind, name="bind"),
    path("<uuid:uuid>/portrait", pages.portrait, name="portrait"),
    path("<uuid:uuid>/edit", building.edit, name="edit"),
    path("<uuid:uuid>/change", building.change, name="change"),
    path("<uuid:uuid>/share", building.share, name="share"),
    path("<uuid:uuid>/retire", building.retire, name="retire"),
    path("<uuid:uuid>/give-out", handing.give_out, name="give_out"),
    path("<uuid:uuid>/export", pages.export, name="export"),
]
