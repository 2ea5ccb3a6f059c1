"""Addresses of the policy lab."""

from django.urls import path

from guanxi.crm.lab.views import simulation, trying, versions

app_name = "lab"
urlpatterns = [
    path("", trying.index, name="index"),
    path("drafts/<slug:kind>/new", trying.new_draft, name="new_draft"),
    path("drafts/<int:number>/drop", trying.drop_draft, name="drop_draft"),
    path("try/<slug:kind>", trying.start, name="start"),
    path("<int:number>", simulation.page, name="simulation"),
    path("<int:number>/progress", simulation.progress, name="progress"),
    path("<int:number>/stop", simulation.stop, name="stop"),
    path("<int:number>/names", simulation.named, name="named"),
    path("<int:number>/names/file", simulation.named_file, name="named_file"),
    path("<int:number>/propose/<int:draft>", simulation.propose, name="propose"),
    path("version/<int:number>", versions.attached, name="attached"),
    path("version/<int:number>/attach", versions.attach, name="attach"),
    path("version/<int:number>/effect", versions.effect, name="effect"),
    path("version/<int:number>/return", versions.propose_return, name="return"),
]
