"""Addresses of the organisation room."""

from django.urls import path

from guanxi.crm.organisation import views

app_name = "organisation"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
]
