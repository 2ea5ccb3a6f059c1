"""Addresses of the compliance room."""

from django.urls import path

from guanxi.crm.compliance import views
from guanxi.crm.compliance.incidents import views as incidents
from guanxi.crm.compliance.pack import views as pack
from guanxi.crm.compliance.restrictions import views as restrictions

app_name = "compliance"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("requests/new", views.new, name="new"),
    path("requests/<int:number>", views.detail, name="request"),
    path("requests/<int:number>/take", views.take, name="take"),
    path("requests/<int:number>/identify", views.identify, name="identify"),
    path("requests/<int:number>/decide", views.decide, name="decide"),
    path("requests/<int:number>/file", views.make_file, name="make_file"),
    path("requests/<int:number>/fetch", views.fetch, name="fetch"),
    path("requests/<int:number>/letter", views.letter, name="letter"),
    path("requests/<int:number>/answer", views.answer, name="answer"),
    path("requests/<int:number>/withdraw", views.withdraw, name="withdraw"),
    path("incidents", incidents.overview, name="incidents"),
    path("incidents/new", incidents.new, name="incident_new"),
    path("incidents/<int:number>", incidents.detail, name="incident"),
    path("incidents/<int:number>/count", incidents.count, name="incident_count"),
    path("incidents/<int:number>/note", incidents.note, name="incident_note"),
    path("incidents/<int:number>/report", incidents.report, name="incident_report"),
    path("incidents/<int:number>/wording", incidents.word_notice, name="incident_wording"),
    path("incidents/<int:number>/notice", incidents.notice, name="incident_notice"),
    path("incidents/<int:number>/file", incidents.file, name="incident_file"),
    path("incidents/<int:number>/close", incidents.close, name="incident_close"),
    path("restrictions", restrictions.page, name="restrictions"),
    path("restrictions/ask", restrictions.ask, name="restrict"),
    path("restrictions/<int:number>", restrictions.decide, name="restriction"),
    path("pack", pack.page, name="pack"),
    path("pack/file", pack.file, name="pack_file"),
    path("customers/<uuid:uuid>/request", views.hand_in, name="hand_in"),
]
