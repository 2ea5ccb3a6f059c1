"""管户轨迹: what became of the books of a unit, of one keeper, or of one's own."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.reports import books
from guanxi.crm.scores.reports.places import place_of
from guanxi.crm.scores.reports.words import retail_scheme
from guanxi.crm.scores.tiers import tier_names
from guanxi.web.lists import address
from guanxi.web.sent import whole


@require_GET
@requires(Right.SEE_DAILY)
def page(request: ActingRequest) -> HttpResponse:
    """Months, indices, tiers and keepers of a place; `?keeper=` for one book of it."""
    place = place_of(request.reach, request.GET.get("unit"))
    keeper = whole(request.GET.get("keeper", ""))
    names = tier_names(request.today)
    retail = retail_scheme(names)
    found = books.books_of(request.reach, place, keeper, retail)
    if keeper is not None and not found.months:
        raise Http404
    columns, rows = books.tier_columns(found, names, retail)
    told = {
        "place": place,
        "person": found.keepers[0][0] if keeper is not None and found.keepers else None,
        "trail": [(unit.name, f"?unit={unit.pk}") for unit in place.trail] if place else [],
        "books": found,
        "parts": books,
        "tier_columns": columns,
        "tier_rows": rows,
        "shows_keepers": place is not None and keeper is None,
        "address": address,
        "here": request.GET,
    }
    return render(request, "reports/books.html", told)
