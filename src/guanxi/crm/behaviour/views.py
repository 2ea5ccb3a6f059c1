"""The panel of a customer page, a customer's single events, and the administrators' page of what comes in."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.audit import services as audit
from guanxi.crm.behaviour import pictures, selectors
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right


@require_GET
@requires(Right.SEE_CUSTOMERS)
def panel(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What a customer did on our channels lately."""
    party = party_or_404(request.reach, uuid)
    return render(request, "behaviour/_panel.html", pictures.panel(request.reach, party, request.today))


@require_GET
@requires(Right.REVEAL)
def log(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A customer's single events; the look stands in the trail."""
    party = party_or_404(request.reach, uuid)
    if not pictures.may_see_log(request.reach):
        raise PermissionDenied
    audit.viewed(by=request.user, party_key=party.pk, what="behaviour")
    found = selectors.events_of(request.reach, party, pictures.MOST_EVENTS)
    told = {"party": party, "name": shown_name(party.name, hidden=request.reach.hides_names)}
    return render(request, "behaviour/log.html", {**told, **pictures.log(found, request.today)})


@require_GET
@requires(Right.KEEP_TOKENS, Right.SEE_RUNS)
def intake(request: ActingRequest) -> HttpResponse:
    """What comes in, by system and kind; what was not taken and why. No customer stands there."""
    return render(request, "behaviour/intake.html", pictures.intake(request.today))
