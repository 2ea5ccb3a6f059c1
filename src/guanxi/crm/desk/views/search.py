"""The box at the top. What is typed travels in a POST, never in an address."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from guanxi.crm.customers.search import find, nothing_found
from guanxi.crm.desk.forms import SearchForm
from guanxi.crm.desk.hits import hits_of
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
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


@require_http_methods(["GET", "POST"])
@requires(Right.SERVE_COUNTER)
def arrival(_request: ActingRequest) -> HttpResponse:
    """The old address of the arrival card (到店识别): the counter's page took its place. What was sent is not kept."""
    return redirect("counter:arrival")
