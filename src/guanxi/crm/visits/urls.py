"""Addresses of the visits room."""

from django.urls import path

from guanxi.crm.visits.people import views as people
from guanxi.crm.visits.views import follow, photos, visit, week

app_name = "visits"
urlpatterns = [
    path("", week.week, name="week"),
    path("team", week.team, name="team"),
    path("submit", week.submit, name="submit"),
    path("weeks/<int:number>/decide", week.decide, name="decide"),
    path("<int:number>/", visit.detail, name="detail"),
    path("<int:number>/move", visit.move, name="move"),
    path("<int:number>/cancel", visit.cancel, name="cancel"),
    path("<int:number>/check", visit.check, name="check"),
    path("<int:number>/close", visit.close, name="close"),
    path("<int:number>/along", visit.along, name="along"),
    path("<int:number>/join", visit.join, name="join"),
    path("<int:number>/photos", photos.add, name="photos"),
    path("<int:number>/photos/<int:photo>.jpg", photos.show, name="photo"),
    path("<int:number>/photos/<int:photo>/small.jpg", photos.small, name="photo_small"),
    path("<int:number>/photos/<int:photo>/remove", photos.remove, name="photo_remove"),
    path("<int:number>/prep.pdf", visit.prep_pdf, name="prep_pdf"),
    path("<int:number>/follow", follow.follow, name="follow"),
    path("plans/<int:number>/", follow.plan, name="plan"),
    path("plans/<int:number>/plan.pdf", follow.plan_pdf, name="plan_pdf"),
    path("customers/<uuid:uuid>", visit.panel, name="panel"),
    path("customers/<uuid:uuid>/new", visit.new, name="new"),
    path("sponsors", people.sponsors, name="sponsors"),
    path("customers/<uuid:uuid>/people", people.chart, name="people"),
    path("customers/<uuid:uuid>/people/new", people.new, name="person_new"),
    path("customers/<uuid:uuid>/sponsor", people.sponsor, name="sponsor"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/left", people.left, name="person_left"),
    path("people/<int:number>/known", people.known, name="known"),
    path("known/<int:number>/end", people.known_end, name="known_end"),
]
