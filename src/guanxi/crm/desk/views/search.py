"""The box at the top, and the arrival card (到店识别). What is typed travels in a POST, never in an address."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.search import find, find_exactly, nothing_found
from guanxi.crm.desk.forms import ArrivalForm, SearchForm
from guanxi.crm.desk.hits import hits_of
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.tiers import tier_names
from guanxi.web.htmx import is_htmx


@sensitive_post_parameters("q")
@require_http_methods(["GET", "POST"])
@requires(Right.SEE_CUSTOMERS)
def search(request: ActingRequest) -> HttpResponse:
    """Answer as one types (HTMX: a short list), or as a page; a single find opens at once."""
    form = SearchForm(request.POST or None)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    found = hits_of(request.reach, find(request.reach, typed), request.today)
    if is_htmx(request):
        told = {"hits": found, "typed": typed.strip(), "nothing": nothing_found()}
        return render(request, "desk/_found.html", told)
    if len(found) == 1:
        return redirect("desk:customer", found[0].party.uuid)
    told = {"hits": found, "typed": typed.strip(), "nothing": nothing_found()}
    return render(request, "desk/search.html", told)


@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
@requires(Right.SEE_CUSTOMERS)
def arrival(request: ActingRequest) -> HttpResponse:
    """Who stands before us: a number in, the masked card with tier and entitlements out. Seeing it is recorded."""
    form = ArrivalForm(request.POST or None)
    if not form.is_valid():
        return render(
            request, "desk/arrival.html", {"form": form, "hits": None, "nothing": "", "names": None}
        )
    found = hits_of(request.reach, find_exactly(request.reach, form.cleaned_data["number"]), request.today)
    for hit in found:
        audit.viewed(by=request.user, party_key=hit.party.pk, what="arrival")
    names = tier_names(request.today)
    told = {"form": ArrivalForm(), "hits": found, "nothing": nothing_found(), "names": names}
    return render(request, "desk/arrival.html", told)
