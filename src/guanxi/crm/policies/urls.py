"""Addresses of the policies."""

from django.urls import path

from guanxi.crm.policies import views

app_name = "policies"
urlpatterns = [
    path("", views.index, name="list"),
    path("<slug:kind>", views.history, name="history"),
    path("<slug:kind>/propose", views.propose, name="propose"),
    path("version/<int:number>", views.detail, name="detail"),
    path("version/<int:number>/approve", views.approve, name="approve"),
    path("version/<int:number>/reject", views.reject, name="reject"),
    path("version/<int:number>/activate", views.activate, name="activate"),
    path("version/<int:number>/withdraw", views.withdraw, name="withdraw"),
]
