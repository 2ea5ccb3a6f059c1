"""This room's panels of a customer page, each by itself, and the one way to see a protected number in full."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.crm.customers import cards, words
from guanxi.crm.customers.forms import RevealForm
from guanxi.crm.customers.reveals import note_if_many, protected_value, usual_reason
from guanxi.crm.customers.selectors import consents_given, holdings_of, party_or_404
from guanxi.crm.customers.services import reveal as reveal_value
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right


@require_GET
@requires(Right.SEE_CUSTOMERS)
def holdings(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Accounts owned with their maturities, and those acted for."""
    party = party_or_404(request.reach, uuid)
    told = cards.holdings(holdings_of(request.reach, party), request.today)
    return render(request, "customers/_holdings.html", {"party": party, **told})


@require_GET
@requires(Right.SEE_CUSTOMERS)
def relations(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Family, employer, firms: named where they lie within reach."""
    party = party_or_404(request.reach, uuid)
    return render(request, "customers/_relations.html", cards.relations(request.reach, party))


@require_GET
@requires(Right.SEE_CUSTOMERS)
def contacts(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """How to reach the customer, masked; what they agreed to; the documents on record."""
    party = party_or_404(request.reach, uuid)
    told = cards.contacts(request.reach, party, consents_given(request.reach, party))
    return render(request, "customers/_contacts.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def credit(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Grade, line, use and expiry (评级授信)."""
    party = party_or_404(request.reach, uuid)
    return render(request, "customers/_credit.html", cards.credit(party, request.today))


@require_http_methods(["GET", "POST"])
@requires(Right.REVEAL)
def reveal(request: ActingRequest, uuid: UUID, kind: str, number: int) -> HttpResponse:
    """Ask why, then show one number in full; the reason stands in the trail, many in a day raise an alarm."""
    party = party_or_404(request.reach, uuid)
    if request.reach.masked:
        raise PermissionDenied
    value = protected_value(party, kind, number)
    if value is None:
        raise Http404
    form = RevealForm(request.POST or None, initial={"reason": usual_reason(request.reach, party)})
    told = {"party": party, "value": value, "kind": kind, "form": form, "words": words}
    if not form.is_valid():
        return render(request, "customers/_reveal.html", told)
    shown = reveal_value(
        by=request.user,
        reach=request.reach,
        party=party,
        token=value.token,
        reason=form.cleaned_data["reason"],
    )
    over = note_if_many(by=request.user, on=party, today=request.today, now=request.now)
    return render(request, "customers/_revealed.html", {**told, "shown": shown, "over": over})
