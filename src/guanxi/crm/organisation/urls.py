"""Addresses of the organisation room."""

from django.urls import path

from guanxi.crm.organisation import licence_views, people_views, views

app_name = "organisation"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("people/", people_views.index, name="people"),
    path("people/new", people_views.new_staff, name="new_staff"),
    path("people/units/<int:number>", people_views.unit, name="unit"),
    path("people/staff/<int:number>", people_views.staff, name="staff"),
    path("people/staff/<int:number>/post", people_views.open_post, name="open_post"),
    path("people/staff/<int:number>/password", people_views.set_password, name="set_password"),
    path("people/staff/<int:number>/active", people_views.set_active, name="set_active"),
    path("people/staff/<int:number>/cover", people_views.set_cover, name="set_cover"),
    path("people/staff/<int:number>/licence", licence_views.record, name="record_licence"),
    path("people/licences/<int:number>/end", licence_views.end, name="end_licence"),
    path("people/posts/<int:number>/move", people_views.move_post, name="move_post"),
    path("people/posts/<int:number>/close", people_views.close_post, name="close_post"),
    path("people/asked/<int:number>", people_views.decide_post, name="decide_post"),
    path("people/covers/<int:number>/end", people_views.end_cover, name="end_cover"),
]
