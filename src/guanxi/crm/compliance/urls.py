"""Addresses of the compliance room."""

from django.urls import path

from guanxi.crm.compliance import views

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
    path("customers/<uuid:uuid>/request", views.hand_in, name="hand_in"),
]
