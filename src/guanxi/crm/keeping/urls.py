"""Addresses of the keeping room."""

from django.urls import path

from guanxi.crm.keeping.views import exits, handover, notices, overrides, pool, secondary

app_name = "keeping"

urlpatterns = [
    path("pool", pool.page, name="pool"),
    path("pool/propose", pool.propose, name="propose"),
    path("pool/confirm", pool.confirm, name="confirm"),
    path("handovers", handover.listed, name="handovers"),
    path("handovers/new", handover.new, name="new_handover"),
    path("handovers/draw", handover.draw, name="draw"),
    path("handovers/<int:number>", handover.page, name="handover"),
    path("handovers/<int:number>/sign", handover.sign, name="sign"),
    path("handovers/<int:number>/cancel", handover.cancel, name="cancel"),
    path("handovers/<int:number>/print", handover.printed, name="print"),
    path("handovers/<int:number>/notices.pdf", notices.of_handover, name="handover_notices"),
    path("exits/<int:number>/notice.pdf", notices.of_exit, name="exit_notice"),
    path("exits", exits.listed, name="exits"),
    path("exits/decide", exits.decide, name="decide_exits"),
    path("exits/<int:number>", exits.page, name="exit"),
    path("exits/<int:number>/appeal", exits.appeal, name="appeal"),
    path("exits/<int:number>/hear", exits.hear, name="hear"),
    path("shared", exits.shared, name="shared"),
    path("shared/<int:number>/back", exits.take_back, name="take_back"),
    path("fairness", exits.fairness, name="fairness"),
    path("tiers", overrides.listed, name="overrides"),
    path("tiers/<int:number>/decide", overrides.decide, name="decide_override"),
    path("tiers/<int:number>/end", overrides.end, name="end_override"),
    path("tiers/<int:number>/withdraw", overrides.withdraw, name="withdraw_override"),
    path("customers/<uuid:uuid>/tier", overrides.ask, name="ask_override"),
    path("customers/<uuid:uuid>/secondary", secondary.page, name="secondary"),
    path("customers/<uuid:uuid>/secondary/<int:number>/end", secondary.end, name="end_secondary"),
    path("customers/<uuid:uuid>/keeping", pool.panel, name="panel"),
]
