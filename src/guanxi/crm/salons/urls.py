"""Addresses of the salons room. Those of guests are short: they stand in text messages."""

from django.urls import path

from guanxi.crm.salons.views import communities, door, offline, public, staff

app_name = "salons"
urlpatterns = [
    path("", staff.page, name="list"),
    path("new", staff.new, name="new"),
    path("<uuid:uuid>/", staff.detail, name="detail"),
    path("<uuid:uuid>/change", staff.change, name="change"),
    path("<uuid:uuid>/invite", staff.invite, name="invite"),
    path("<uuid:uuid>/off", staff.off, name="off"),
    path("<uuid:uuid>/end", staff.end, name="end"),
    path("<uuid:uuid>/poster", staff.poster, name="poster"),
    path("<uuid:uuid>/sheet", staff.sheet, name="sheet"),
    path("<uuid:uuid>/door", door.door_page, name="door"),
    path("<uuid:uuid>/let-in", door.let_in, name="let_in"),
    path("<uuid:uuid>/enrol", offline.enrol, name="enrol"),
    path("invitations/<int:number>", staff.person, name="person"),
    path("invitations/<int:number>/answer", offline.answered, name="answered"),
    path("communities", communities.page, name="communities"),
    path("communities/new", communities.new, name="community_new"),
    path("communities/<uuid:uuid>/", communities.detail, name="community"),
    path("communities/<uuid:uuid>/change", communities.change, name="community_change"),
    path("g/<str:token>", door.gate, name="gate"),
    path("s/<str:token>", public.guest, name="guest"),
    path("s/<str:token>/answer", public.answer, name="answer"),
    path("s/<str:token>/bring", public.bring, name="bring"),
    path("o/<str:token>", public.sign_up, name="open"),
]
