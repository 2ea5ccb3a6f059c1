"""The customer list: filters in the address, pages by key, counts about, tabs of one's own, and taking it away."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.customers.selectors import saved_views_of
from guanxi.crm.customers.services import remove_view, save_view
from guanxi.crm.desk import cells, listing
from guanxi.crm.desk import filters as asked
from guanxi.crm.desk.export import workbook_of
from guanxi.crm.desk.keyset import page_of
from guanxi.crm.desk.standing import standing_of
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right, Sight
from guanxi.crm.organisation.selectors import keepers_in, units_within
from guanxi.crm.scores.exports import ExportRefused, purposes_offered, refused
from guanxi.crm.scores.selectors import scores_within
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.web.lists import address, address_for_sort

PAGE = "customers"


@require_GET
@requires(Right.SEE_CUSTOMERS)
def customers(request: ActingRequest) -> HttpResponse:
    """The customers within reach that pass the filters of the address, a page of fifty."""
    names = tier_names(request.today)
    form = filter_form(request, asked.opened(request.GET), names)
    filters = asked.filters_of(form)
    everything = scores_within(request.reach)
    rows = asked.narrowed(everything, filters)
    sort = request.GET.get("sort", listing.USUAL_SORT)
    order = listing.order_of(sort)
    about = listing.expected(rows, everything, request.reach)
    page = page_of(
        rows,
        order,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        walk=listing.names_to_walk(order, request.reach, about),
    )
    listed = listing.lines(listing.rows_of(request.reach, page.parties), request.reach, names)
    columns = listing.shown_columns(request.GET.getlist("columns"), request.reach, listed)
    told = {
        "lines": listed,
        "rows": cells.rows(listed, columns),
        "columns": columns,
        "all_columns": listing.columns(),
        "sort": sort,
        "sort_url": address_for_sort(request.GET),
        "next_url": address(request.GET, after=page.next) if page.next else None,
        "previous_url": address(request.GET, before=page.previous) if page.previous else None,
        "count": listing.count_of(page, rows, about),
        "filter_url": f"{reverse('desk:filter')}?{request.GET.urlencode()}",
        "count_url": f"{reverse('desk:count')}?{request.GET.urlencode()}",
        "offered": purposes_offered("customers", columns, reverse("desk:export"), request.GET),
        "chips": asked.chips(form, filters, request.GET),
        "tabs": _tabs(request),
        "run": standing_of(request).current,
        "may_export": request.reach.may(Right.EXPORT_CUSTOMERS),
        "kept": [(name, value) for name in request.GET for value in request.GET.getlist(name)
                 if name not in {"columns", "after", "before"}],
    }  # fmt: skip
    return render(request, "desk/customers.html", told)


def filter_form(request: ActingRequest, data: QueryDict, names: TierNames) -> asked.FilterForm:
    """The filters this person may use: a book has neither outlets nor keepers to choose from."""
    reach = request.reach
    wide = reach.sight in {Sight.UNITS, Sight.BANK}
    return asked.FilterForm(
        data,
        names=names,
        units=lambda: units_within(reach) if wide else (),
        keepers=lambda: keepers_in(reach.unit_ids, request.today) if wide else (),
    )


def _tabs(request: ActingRequest) -> list[tuple[str, str, bool, int | None]]:
    """All, then one's own saved views; the current one is the one whose address this is."""
    here = _without_page(request.GET)
    made: list[tuple[str, str, bool, int | None]] = [(_("All"), reverse("desk:customers"), not here, None)]
    for view in saved_views_of(request.user, PAGE):
        query = view.query.get("query", "")
        made.append((view.name, f"{reverse('desk:customers')}?{query}", here == query, view.pk))
    return made


def _without_page(query: QueryDict) -> str:
    rest = query.copy()
    for name in ("after", "before"):
        rest.pop(name, None)
    return rest.urlencode()


@sensitive_post_parameters("text")
@require_http_methods(["GET", "POST"])
@requires(Right.SEE_CUSTOMERS)
def filter_customers(request: ActingRequest) -> HttpResponse:
    """The filter form when it is opened; what it sends becomes the list's address, the text of a name sealed."""
    names = tier_names(request.today)
    if request.method == "GET":
        form = filter_form(request, asked.opened(request.GET), names)
        return render(request, "desk/_filter.html", {"form": form, "here": request.GET.urlencode()})
    form = filter_form(request, request.POST, names)
    filters = asked.filters_of(form)
    keep = QueryDict(request.POST.get("kept", ""))
    return redirect(f"{reverse('desk:customers')}?{asked.as_query(filters, keep)}")


@require_GET
@requires(Right.SEE_CUSTOMERS)
def count(request: ActingRequest) -> HttpResponse:
    """How many exactly; asked for on demand, since it reads every row."""
    form = filter_form(request, asked.opened(request.GET), tier_names(request.today))
    rows = asked.narrowed(scores_within(request.reach), asked.filters_of(form))
    number = listing.Count(rows.order_by().count(), exact=True)
    return HttpResponse(number.in_words())


@require_GET
@requires(Right.EXPORT_CUSTOMERS)
def export(request: ActingRequest) -> HttpResponse:
    """The list as a workbook: masked and limited as the role demands, and recorded."""
    names = tier_names(request.today)
    form = filter_form(request, asked.opened(request.GET), names)
    filters = asked.filters_of(form)
    rows = asked.narrowed(scores_within(request.reach), filters)
    ordered = listing.with_names(rows).order_by(*_order_by(request.GET.get("sort", listing.USUAL_SORT)))
    said = [label for label, _address in asked.chips(form, filters, request.GET)]
    try:
        return workbook_of(request, ordered, request.GET.getlist("columns"), names, said)
    except ExportRefused as refusal:
        return refused(
            request, refusal, "customers", f"{reverse('desk:customers')}?{request.GET.urlencode()}"
        )


def _order_by(sort: str) -> tuple[Any, ...]:
    from django.db.models import F

    order = listing.order_of(sort)
    column = F(order.column)
    return (column.desc(nulls_last=True) if order.descending else column.asc(nulls_last=True), "party_id")


@require_POST
@requires(Right.SEE_CUSTOMERS)
def save(request: ActingRequest) -> HttpResponse:
    """Keep the present filters, sort and columns as a tab."""
    name = request.POST.get("name", "").strip()[:60]
    query = _without_page(QueryDict(request.POST.get("kept", "")))
    if name:
        save_view(by=request.user, page=PAGE, name=name, query={"query": query})
    return redirect(f"{reverse('desk:customers')}?{query}")


@require_POST
@requires(Right.SEE_CUSTOMERS)
def remove(request: ActingRequest, view_id: int) -> HttpResponse:
    """Drop a tab of one's own."""
    remove_view(by=request.user, view_id=view_id)
    return redirect("desk:customers")
