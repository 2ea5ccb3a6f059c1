"""Addresses of the day's list."""

from django.urls import path

from guanxi.crm.worklist import views

app_name = "worklist"
urlpatterns = [
    path("", views.page, name="page"),
    path("today", views.today, name="today"),
    path("rest", views.rest, name="rest"),
    path("add", views.add, name="add"),
    path("<int:number>/", views.task, name="task"),
    path("<int:number>/log", views.log, name="log"),
    path("<int:number>/done", views.done, name="done"),
    path("<int:number>/snooze", views.snooze, name="snooze"),
    path("<int:number>/hand", views.hand, name="hand"),
]
