"""Addresses of the analysis room."""

from django.urls import path

from guanxi.crm.analysis import views

app_name = "analysis"
urlpatterns = [
    path("", views.workbench, name="workbench"),
    path("ask", views.ask, name="ask"),
    path("save", views.save, name="save"),
    path("prepare", views.prepare, name="prepare"),
    path("three-sources", views.three_sources, name="three_sources"),
    path("saved/<uuid:uuid>/retire", views.retire, name="retire"),
    path("<uuid:uuid>/", views.asked, name="asked"),
    path("<uuid:uuid>/progress", views.progress, name="progress"),
    path("<uuid:uuid>/stop", views.stop, name="stop"),
    path("<uuid:uuid>/file", views.file, name="file"),
]
