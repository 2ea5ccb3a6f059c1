"""The customer page (客户全景): head and first screen at once, everything further down in one answer after it."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from guanxi.crm.audit import services as audit
from guanxi.crm.behaviour import pictures as behaviour
from guanxi.crm.campaigns import pictures as campaigns
from guanxi.crm.care import pictures as care
from guanxi.crm.customers import cards as customer_cards
from guanxi.crm.customers.archive import pictures as archive
from guanxi.crm.customers.rules import age_on, shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.customers.traces import look
from guanxi.crm.customers.words import SEXES, SIZES
from guanxi.crm.desk.events import FIRST_EVENTS, events_of
from guanxi.crm.desk.often_empty import OFTEN_EMPTY
from guanxi.crm.desk.standing import standing_of
from guanxi.crm.foresight import pictures as warnings
from guanxi.crm.interactions.pictures import Told, of_customer
from guanxi.crm.keeping import pictures as keeping
from guanxi.crm.leads import pictures as leads
from guanxi.crm.messaging import pictures as messaging
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.retention import pictures as retention
from guanxi.crm.salons import pictures as salons
from guanxi.crm.scores import cards
from guanxi.crm.scores.models import Run
from guanxi.crm.scores.needs import needs
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.words import STAGE_KINDS, STAGES
from guanxi.crm.segments.playbooks import pictures as playbooks
from guanxi.crm.surveys import pictures as surveys
from guanxi.crm.visits import pictures as visits
from guanxi.crm.worklist import about

Card = Callable[[Picture], dict[str, Any]]
FIRST_SCREEN: tuple[Card, ...] = (cards.tier, cards.changes, cards.wealth, cards.value)
BY_HAND = {"override", "guarded"}  # reasons of a tier that persons decided about
# Tables of one row a customer that come with it; with more of them planning costs more than a question of its own.
IN_ONE_ROW = ("partyscore", "partyhistory", "credit")
BELOW: tuple[Card, ...] = (needs, cards.stage, cards.behaviour, cards.months)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def page(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One customer. Opening it is one row of the trail; what it loads afterwards writes none."""
    picture = _picture(request, uuid, standing_of(request).current)
    if picture.party.uuid != uuid:
        return redirect("desk:customer", picture.party.uuid)  # merged: the old key forwards
    audit.viewed(by=request.user, party_key=picture.party.pk)
    told = {
        **_head(picture),
        **customer_cards.holdings(picture.holdings, request.today),
        **_together(picture, FIRST_SCREEN),
    }
    if picture.score and picture.score.tier_reason in BY_HAND:
        by_hand = keeping.override_sentence(picture.reach, picture.party, picture.names, request.today)
        told["tier_sentences"] = [*told["tier_sentences"], *filter(None, [by_hand])]
    return render(request, "desk/customer.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def rest(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The panels below the first screen, in one answer."""
    picture = _picture(request, uuid)
    reach, party, today = picture.reach, picture.party, picture.today
    look(party, OFTEN_EMPTY)
    scheme = picture.score.tier_scheme if picture.score else None
    interactions = of_customer(reach, party, today)
    told = {
        **interactions,
        **customer_cards.profile(reach, party, today),
        **customer_cards.relations(reach, party),
        **customer_cards.contacts(reach, party, picture.consents),
        **customer_cards.credit(party, today),
        **archive.panel(reach, party),
        **_together(picture, BELOW),
        "may_task": reach.may(Right.SEE_WORKLIST),
        "may_ask": reach.may(Right.HAND_IN_REQUESTS),
        **about.panel(reach, party, today),
        **playbooks.panel(party, today),
        **warnings.panel(reach, party, picture.names, scheme),
        **retention.panel(reach, party, today),
        **visits.panel(reach, party, today, picture.names),
        **keeping.panel(reach, party, picture.keeper_terms, today),
        **leads.panel(reach, party, today),
        **care.panel(reach, party, today),
        **salons.panel(reach, party),
        **surveys.panel(reach, party),
        **behaviour.panel(reach, party, today),
        **messaging.customer_panel(reach, party, now=request.now, today=today),
        **campaigns.panel(reach, party),
        **_events(picture, interactions["told"]),
    }
    return render(request, "desk/_rest.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def timeline(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What happened, the latest first: contacts, promises, tiers, stages, large movements, keepers, products."""
    picture = _picture(request, uuid)
    told = of_customer(picture.reach, picture.party, picture.today)["told"]
    return render(request, "desk/_timeline.html", _events(picture, told))


def _picture(request: ActingRequest, uuid: UUID, run: Run | None = None) -> Picture:
    """The customer as the panels read it; the run is told on the first screen alone."""
    party = party_or_404(request.reach, uuid, beside=IN_ONE_ROW)
    return Picture(request.reach, party, request.today, run)


def _head(picture: Picture) -> dict[str, Any]:
    """Who it is, and the marks beside the name."""
    party, score, names = picture.party, picture.score, picture.names
    return {
        "party": party,
        "name": shown_name(party.name, hidden=picture.reach.hides_names),
        "age": age_on(party.birth_date, picture.today),
        "tier_name": names.label(score.tier_scheme, score.tier_rank) if score else names.label(None, None),
        "stage": STAGES.get(score.stage or "") if score else None,
        "stage_kind": STAGE_KINDS.get(score.stage or "", "grey") if score else "grey",
        "run": picture.run,
        "sexes": SEXES,
        "sizes": SIZES,
        "today": picture.today,
        "may_visit": picture.reach.may(Right.PLAN_VISITS),
        "may_log": picture.reach.may(Right.LOG_CONTACTS),
        "may_task": picture.reach.may(Right.SEE_WORKLIST),
    }


def _together(picture: Picture, made: Iterable[Card]) -> dict[str, Any]:
    """What several panels are told, as one: what two of them name alike is the same thing."""
    return {name: value for card in made for name, value in card(picture).items()}


def _events(picture: Picture, told: Iterable[Told]) -> dict[str, Any]:
    return {"events": events_of(picture, told), "first": FIRST_EVENTS}
