"""Addresses of the counter room."""

from django.urls import path

from guanxi.crm.counter import api, views

app_name = "counter"
urlpatterns = [
    path("", views.arrival, name="arrival"),
    path("customers/<uuid:uuid>", views.receive, name="receive"),
    path("<int:number>", views.reception, name="reception"),
    path("<int:number>/answer", views.answer, name="answer"),
    path("<int:number>/use", views.use, name="use"),
    path("<int:number>/take-back", views.take_back, name="take_back"),
    path("<int:number>/event", views.event, name="event"),
    path("<int:number>/fact", views.fact, name="fact"),
    path("<int:number>/refer", views.refer, name="refer"),
    path("<int:number>/consent", views.consent, name="consent"),
    path("<int:number>/no-consent", views.no_consent, name="no_consent"),
    path("api/events", api.take, name="api_events"),
]
