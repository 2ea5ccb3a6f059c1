"""Addresses of runs and data quality."""

from django.urls import path

from guanxi.crm.scores.runs import views

app_name = "runs"
urlpatterns = [
    path("", views.index, name="list"),
    path("<str:run>", views.detail, name="detail"),
    path("<str:run>/progress", views.progress, name="progress"),
    path("<str:run>/volumes/<str:file>/ask", views.ask_acceptance, name="ask_acceptance"),
    path("<str:run>/volumes/<int:asked>/accept", views.accept, name="accept"),
    path("<str:run>/volumes/<int:asked>/refuse", views.refuse, name="refuse"),
    path("<str:run>/findings/<str:rule>", views.violations, name="violations"),
]
