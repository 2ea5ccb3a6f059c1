"""Addresses of the messaging room."""

from django.urls import path

from guanxi.crm.messaging.views import channels, guest, notices, overview, pieces, wording

app_name = "messaging"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("live", overview.live, name="live"),
    path("doubtful", overview.doubtful, name="doubtful"),
    path("doubtful/<uuid:uuid>", overview.settle, name="settle"),
    path("sent/<uuid:uuid>", overview.message, name="message"),
    path("replies", overview.replies, name="replies"),
    path("replies/<int:number>", overview.seen, name="seen"),
    path("channels", channels.channels, name="channels"),
    path("channels/<int:number>", channels.switch, name="switch"),
    path("templates", wording.templates, name="templates"),
    path("templates/new", wording.new, name="template_new"),
    path("templates/lint", wording.lint, name="lint"),
    path("templates/<slug:code>", wording.template, name="template"),
    path("templates/<slug:code>/edit", wording.edit, name="template_edit"),
    path("templates/<slug:code>/propose", wording.propose, name="template_propose"),
    path("templates/<slug:code>/decide", wording.decide, name="template_decide"),
    path("templates/<slug:code>/withdraw", wording.withdraw, name="template_withdraw"),
    path("notices", notices.page, name="notices"),
    path("notices/new", notices.new, name="notice_new"),
    path("notices/<uuid:uuid>", notices.notice, name="notice"),
    path("notices/<uuid:uuid>/decide", notices.decide, name="notice_decide"),
    path("notices/<uuid:uuid>/stop", notices.stop, name="notice_stop"),
    path("pieces", pieces.page, name="pieces"),
    path("pieces/new", pieces.new, name="piece_new"),
    path("pieces/for/<uuid:uuid>", pieces.suitable, name="pieces_for"),
    path("pieces/<uuid:uuid>", pieces.piece, name="piece"),
    path("pieces/<uuid:uuid>/retire", pieces.retire, name="piece_retire"),
    path("pieces/<uuid:uuid>/hand/<uuid:party>", pieces.hand, name="piece_hand"),
    path("p/<str:token>", guest.show, name="preferences"),
    path("p/<str:token>/save", guest.save, name="preferences_save"),
    path("p/<str:token>/stop", guest.stop, name="preferences_stop"),
    path("u/<str:token>", guest.unsubscribe, name="unsubscribe"),
]
