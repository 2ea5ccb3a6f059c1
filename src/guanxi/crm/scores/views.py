"""The score panels of a customer page: tier in the page itself, the others one part each. They write nothing."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores import panels
from guanxi.crm.scores.facts import stage_facts, value_facts
from guanxi.crm.scores.reasons import preference_sentence, stage_sentence, weights_sentence
from guanxi.crm.scores.selectors import current_business_date, history_of, score_of
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.scores.words import CHANNELS, STAGE_KINDS, STAGES


@require_GET
@requires(Right.SEE_CUSTOMERS)
def wealth(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """AUM now, what it is made of, and its 12 or 25 months by component."""
    party = party_or_404(request.reach, uuid)
    months = panels.LONG if request.GET.get("months") == str(panels.LONG) else panels.SHORT
    history = history_of(request.reach, party)
    told = {
        "party": party,
        "score": score_of(request.reach, party),
        "months": months,
        "as_of": current_business_date(),
        "parts": panels.composition(history) if history else [],
        "chart": panels.wealth_chart(history, months) if history else None,
        "month_change": panels.moved_since(history.aum_fen, 1) if history else None,
        "year_change": panels.moved_since(history.aum_fen, 12) if history else None,
    }
    return render(request, "scores/_wealth.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def value(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The value card: composite, four bars, and under each bar what it was made from."""
    party = party_or_404(request.reach, uuid)
    score = score_of(request.reach, party)
    told = {
        "score": score,
        "bars": panels.indicators(party, score) if score else [],
        "weighed": weights_sentence(value_facts(score), get_language() or "zh") if score else "",
    }
    return render(request, "scores/_value.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def stage(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The life-cycle stage with its evidence, how long it has lasted, and the stages of the months before."""
    party = party_or_404(request.reach, uuid)
    score = score_of(request.reach, party)
    history = history_of(request.reach, party)
    told = {
        "score": score,
        "evidence": stage_facts(score) if score else None,
        "why": stage_sentence(stage_facts(score), get_language() or "zh") if score and score.stage else "",
        "leans": preference_sentence(score.preference, get_language() or "zh")
        if score and score.preference
        else "",
        "stages": STAGES,
        "kinds": STAGE_KINDS,
        "past": panels.stages_held(history) if history else [],
        "channels": CHANNELS,
    }
    return render(request, "scores/_stage.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def changes(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What is different from the run before."""
    party = party_or_404(request.reach, uuid)
    score = score_of(request.reach, party)
    told = {"score": score, "changes": panels.changes(score, tier_names(request.today)) if score else []}
    return render(request, "scores/_changes.html", told)
