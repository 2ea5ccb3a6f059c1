"""Addresses of the retention room."""

from django.urls import path

from guanxi.crm.retention.views import case, lists

app_name = "retention"
urlpatterns = [
    path("", lists.cases, name="list"),
    path("approvals", lists.approvals, name="approvals"),
    path("autopsy", lists.report, name="autopsy"),
    path("autopsy.xlsx", lists.report_file, name="autopsy_file"),
    path("customers/<uuid:uuid>/open", case.open_case, name="open"),
    path("<int:number>", case.case, name="case"),
    path("<int:number>/steps", case.step, name="step"),
    path("<int:number>/offers", case.offer, name="offer"),
    path("<int:number>/end", case.close, name="close"),
    path("offers/<int:number>/decide", case.decide, name="decide"),
]
