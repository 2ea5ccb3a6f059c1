"""Addresses of the trail."""

from django.urls import path

from guanxi.crm.desk.trail import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="trail"),
    path("find", views.find, name="find"),
    path("seals", views.seal_state, name="seals"),
    path("customers/<int:key>", views.customer, name="customer"),
    path("staff/<str:staff_no>", views.staff, name="staff"),
]
