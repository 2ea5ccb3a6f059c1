"""Addresses of the planning room."""

from django.urls import path

from guanxi.crm.planning import views

app_name = "planning"
urlpatterns = [
    path("", views.cases, name="list"),
    path("<int:number>/", views.case, name="case"),
    path("<int:number>/take", views.take, name="take"),
    path("<int:number>/decline", views.decline, name="decline"),
    path("<int:number>/withdraw", views.withdraw, name="withdraw"),
    path("<int:number>/propose", views.propose, name="propose"),
    path("<int:number>/agree", views.agree, name="agree"),
    path("proposals/<int:number>.pdf", views.proposal, name="proposal"),
    path("customers/<uuid:uuid>/ask", views.ask, name="ask"),
]
