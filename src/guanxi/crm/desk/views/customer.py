"""The customer page (客户全景): the head and the first panel at once, the rooms' own panels after it, in order."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.rules import age_on, shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.customers.words import SEXES, SIZES
from guanxi.crm.desk.events import FIRST_EVENTS, events_of
from guanxi.crm.desk.standing import standing_of
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores import panels
from guanxi.crm.scores.selectors import score_of
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.scores.words import STAGE_KINDS, STAGES


@require_GET
@requires(Right.SEE_CUSTOMERS)
def page(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One customer. Opening it is one row of the trail; its panels, which load by themselves, write none."""
    party = party_or_404(request.reach, uuid)
    audit.viewed(by=request.user, party_key=party.pk)
    score = score_of(request.reach, party)
    names, run = tier_names(request.today), standing_of(request).current
    told = {
        "party": party,
        "name": shown_name(party.name, hidden=request.reach.hides_names),
        "age": age_on(party.birth_date, request.today),
        "score": score,
        "tier": names.label(score.tier_scheme, score.tier_rank) if score else names.label(None, None),
        "stage": STAGES.get(score.stage or "") if score else None,
        "stage_kind": STAGE_KINDS.get(score.stage or "", "grey") if score else "grey",
        "run": run,
        "sexes": SEXES,
        "sizes": SIZES,
        "today": request.today,
        **panels.tier_panel(request.reach, party, score, run, names),
    }
    return render(request, "desk/customer.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def timeline(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What happened, the latest first: tier and stage changes, large movements, keepers, consents, products."""
    party = party_or_404(request.reach, uuid)
    events = events_of(request.reach, party, tier_names(request.today), until=request.today)
    return render(request, "desk/_timeline.html", {"events": events, "first": FIRST_EVENTS})
