"""Addresses of the campaigns room."""

from django.urls import path

from guanxi.crm.campaigns.views import deeds, pages, referring

app_name = "campaigns"
urlpatterns = [
    path("", pages.listed, name="list"),
    path("new", deeds.new, name="new"),
    path("payroll-groups", pages.groups, name="groups"),
    path("<uuid:uuid>/", pages.detail, name="detail"),
    path("<uuid:uuid>/progress", pages.progress, name="progress"),
    path("<uuid:uuid>/plan/<slug:name>", deeds.section, name="section"),
    path("<uuid:uuid>/outlook", deeds.outlook, name="outlook"),
    path("<uuid:uuid>/submit", deeds.submit, name="submit"),
    path("<uuid:uuid>/withdraw", deeds.withdraw, name="withdraw"),
    path("<uuid:uuid>/approval", pages.approval, name="approval"),
    path("<uuid:uuid>/approve", deeds.approve, name="approve"),
    path("<uuid:uuid>/reject", deeds.reject, name="reject"),
    path("<uuid:uuid>/pause", deeds.pause, name="pause"),
    path("<uuid:uuid>/resume", deeds.resume, name="resume"),
    path("<uuid:uuid>/refer/<int:number>", referring.refer, name="refer"),
    path("r/<str:token>", referring.follow, name="open"),
    path("<uuid:uuid>/stop", deeds.stop, name="stop"),
]
