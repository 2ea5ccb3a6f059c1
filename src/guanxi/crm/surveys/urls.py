"""Addresses of the surveys room. Those of customers are short: they stand in text messages."""

from django.urls import path

from guanxi.crm.surveys.views import public, staff

app_name = "surveys"
urlpatterns = [
    path("", staff.page, name="list"),
    path("new", staff.new, name="new"),
    path("<uuid:uuid>/", staff.detail, name="detail"),
    path("<uuid:uuid>/reword", staff.reword, name="reword"),
    path("<uuid:uuid>/state", staff.move, name="move"),
    path("<uuid:uuid>/hang", staff.hang, name="hang"),
    path("<uuid:uuid>/places/<int:number>", staff.sheet, name="sheet"),
    path("answers/<int:number>", staff.answer, name="answer"),
    path("customers/<uuid:uuid>/ask", staff.ask, name="ask"),
    path("l/<str:token>", public.by_link, name="link"),
    path("b/<str:token>", public.by_place, name="place"),
]
