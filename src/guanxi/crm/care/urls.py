"""Addresses of the care room."""

from django.urls import path

from guanxi.crm.care import views

app_name = "care"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("gifts", views.gifts, name="gifts"),
    path("gifts/<int:number>/decide", views.decide, name="decide"),
    path("gifts/<int:number>/not-given", views.not_given, name="not_given"),
    path("news", views.news, name="news"),
    path("voices", views.voices, name="voices"),
    path("voices/<int:number>/answer", views.answer, name="answer"),
    path("customers/<uuid:uuid>/gift", views.gift, name="gift"),
    path("customers/<uuid:uuid>/news", views.tell, name="tell"),
    path("customers/<uuid:uuid>/dates", views.important, name="dates"),
    path("dates/<int:number>/end", views.end_date, name="date_end"),
    path("customers/<uuid:uuid>/suggest", views.suggest, name="suggest"),
]
