"""Addresses of this room: panels of a customer page, and showing a protected number."""

from django.urls import path

from guanxi.crm.customers import views
from guanxi.crm.customers.archive import views as archive
from guanxi.crm.customers.documents import views as documents
from guanxi.crm.customers.identity import views as identity

app_name = "customers"
urlpatterns = [
    path("identity/", identity.queue, name="identity"),
    path("identity/merged", identity.merged, name="identity_merged"),
    path("identity/stopped", identity.stopped, name="identity_stopped"),
    path("identity/households", identity.households, name="identity_households"),
    path("identity/households/<int:number>", identity.answer, name="identity_answer"),
    path("identity/pairs/<int:number>", identity.pair, name="identity_pair"),
    path("identity/pairs/<int:number>/decide", identity.decide, name="identity_decide"),
    path("<uuid:uuid>/holdings", views.holdings, name="holdings"),
    path("<uuid:uuid>/relations", views.relations, name="relations"),
    path("<uuid:uuid>/contacts", views.contacts, name="contacts"),
    path("<uuid:uuid>/credit", views.credit, name="credit"),
    path("<uuid:uuid>/archive", archive.page, name="archive"),
    path("<uuid:uuid>/notes/new", archive.new, name="note_new"),
    path("notes/<uuid:thread>/change", archive.change, name="note_change"),
    path("notes/<uuid:thread>/withdraw", archive.withdraw, name="note_withdraw"),
    path("<uuid:uuid>/documents/new", documents.new, name="document_new"),
    path("documents/<uuid:uuid>/replace", documents.replace, name="document_replace"),
    path("documents/<uuid:uuid>/withdraw", documents.withdraw, name="document_withdraw"),
    path("documents/<uuid:uuid>/open", documents.open_one, name="document_open"),
    path("<uuid:uuid>/reveal/<slug:kind>/<int:number>", views.reveal, name="reveal"),
]
