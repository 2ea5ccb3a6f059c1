"""Addresses of the leads room."""

from django.urls import path

from guanxi.crm.leads.views import deeds, pages, sources

app_name = "leads"
urlpatterns = [
    path("", pages.home, name="home"),
    path("board", pages.board, name="board"),
    path("work", pages.work, name="work"),
    path("mine", pages.mine, name="mine"),
    path("new", pages.hand_in, name="hand_in"),
    path("giving", pages.giving, name="giving"),
    path("give", deeds.give, name="give"),
    path("publish", deeds.publish, name="publish"),
    path("team/<int:number>", deeds.specialisms, name="specialisms"),
    path("lists", pages.lists, name="lists"),
    path("bring", pages.bring, name="bring"),
    path("opportunities", pages.opportunities, name="opportunities"),
    path("opportunities/<uuid:uuid>/move", deeds.move, name="move"),
    path("opportunities/<uuid:uuid>/end", deeds.end_opportunity, name="end_opportunity"),
    path("customers/<uuid:uuid>/opportunity", deeds.new_opportunity, name="new_opportunity"),
    path("customers/<uuid:uuid>/opportunities", deeds.panel, name="panel"),
    path("sources", sources.sources, name="sources"),
    path("sources/<int:number>/revoke", sources.revoke, name="revoke"),
    path("api", sources.api, name="api"),
    path("<uuid:uuid>/", pages.detail, name="detail"),
    path("<uuid:uuid>/claim", deeds.claim, name="claim"),
    path("<uuid:uuid>/drop", deeds.drop, name="drop"),
    path("<uuid:uuid>/send-back", deeds.send_back, name="send_back"),
    path("<uuid:uuid>/supply", deeds.supply, name="supply"),
    path("<uuid:uuid>/feed-back", deeds.feed_back, name="feed_back"),
    path("<uuid:uuid>/contact", deeds.contact, name="contact"),
    path("<uuid:uuid>/convert", deeds.convert, name="convert"),
    path("<uuid:uuid>/steps/<int:number>", deeds.finish_step, name="finish_step"),
    path("<uuid:uuid>/give-back", deeds.give_back, name="give_back"),
    path("<uuid:uuid>/lose", deeds.lose, name="lose"),
    path("<uuid:uuid>/reveal", deeds.reveal, name="reveal"),
    path("<uuid:uuid>/opportunity", deeds.lead_opportunity, name="lead_opportunity"),
]
