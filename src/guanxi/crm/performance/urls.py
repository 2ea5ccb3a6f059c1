"""Addresses of the performance room."""

from django.urls import path

from guanxi.crm.performance.views import coaching, cockpit, disputes, morning, own, records, weeks

app_name = "performance"

urlpatterns = [
    path("", cockpit.page, name="cockpit"),
    path("strip", cockpit.strip, name="strip"),
    path("lists/<slug:kind>", cockpit.listed, name="list"),
    path("morning", morning.page, name="morning"),
    path("morning.pdf", morning.sheet, name="morning_pdf"),
    path("weeks", weeks.index, name="weeks"),
    path("weeks/make", weeks.make, name="make"),
    path("weeks/<int:number>", weeks.page, name="week"),
    path("weeks/<int:number>.pdf", weeks.sheet, name="week_pdf"),
    path("weeks/<int:number>.xlsx", weeks.workbook, name="week_xlsx"),
    path("weeks/<int:number>/decide", weeks.decide, name="decide"),
    path("decisions/<int:number>/close", weeks.close, name="close"),
    path("coaching", coaching.queue, name="coaching"),
    path("people/<int:number>", coaching.person, name="person"),
    path("people/<int:number>/advise", coaching.advise, name="advise"),
    path("people/<int:number>/joint", coaching.joint, name="joint"),
    path("advice/<int:number>/review", coaching.review, name="review"),
    path("disputes", disputes.raise_one, name="dispute"),
    path("disputes/<int:number>/answer", disputes.answer, name="answer"),
    path("approvals", own.approve, name="approvals"),
    path("records", records.page, name="records"),
    path("mine", own.mine, name="mine"),
]
