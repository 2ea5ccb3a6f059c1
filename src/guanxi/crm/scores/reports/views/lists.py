"""The three lists as pages and as workbooks."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right, Sight
from guanxi.crm.organisation.selectors import keepers_in, units_within
from guanxi.crm.scores.exports import (
    ExportRefused,
    hand_out,
    notes_of,
    purposes_offered,
    refused,
    rows_to_take,
)
from guanxi.crm.scores.models import Maturity
from guanxi.crm.scores.reports import lists
from guanxi.crm.scores.reports.forms import ListForm
from guanxi.crm.scores.reports.keyset import page_of
from guanxi.crm.scores.reports.places import place_of, rows_at
from guanxi.crm.scores.reports.sentences import first_row, summary
from guanxi.crm.scores.selectors import current_business_date
from guanxi.crm.scores.tiers import tier_names
from guanxi.web.lists import Column, address
from guanxi.web.sheets import Sheet


@require_GET
@requires(Right.SEE_DAILY)
def page(request: ActingRequest, code: str) -> HttpResponse:
    """One of the lists within reach: the most money first, and why the first row is first."""
    kind = lists.KINDS[code]
    form = _form(request, kind)
    asked = form.asked()
    rows = lists.rows_of(kind, request.reach, place_of(request.reach, request.GET.get("unit")), asked)
    tab = lists.tab_of(kind, asked.tab)
    totals = lists.totals(kind, rows)
    names = tier_names(request.today)
    shown = page_of(rows.filter(tab.where), kind.order, request.GET)
    lines = lists.lines_of(kind, shown.rows, request.reach, names)
    previous_url, next_url = shown.addresses(request.GET)
    context = {
        "kind": kind,
        "heading": lists.heading(kind, request.today),
        "tab": tab,
        "tabs": [
            (each.label, address(request.GET, tab=each.key), each is tab, totals[each.key][0])
            for each in kind.tabs
        ],
        "count": totals[tab.key][0],
        "summary": summary(kind, *totals[tab.key]),
        "previous_url": previous_url,
        "next_url": next_url,
        "columns": _columns(request, kind),
        "lines": lines,
        "first": first_row(kind, tab, lines[0]) if lines and not previous_url else "",
        "missing_input": "" if any(n for n, _fen in totals.values()) else lists.what_is_missing(kind, request.reach),
        "form": form,
        "chips": _chips(request, form),
        "clear_url": address(request.GET, without=["unit", "keeper", "family"]),
        "offered": purposes_offered(
            code, _columns_taken(request, kind), reverse(f"reports:{code}_file"), request.GET
        ),
        "may_export": request.reach.may(Right.EXPORT_CUSTOMERS),
        "daily_query": f"?unit={request.GET['unit']}" if request.GET.get("unit") else "",
        "as_of": current_business_date(),
    }  # fmt: skip
    return render(request, "reports/list.html", context)


def _form(request: ActingRequest, kind: lists.Kind) -> ListForm:
    reach = request.reach
    wide = reach.sight in {Sight.UNITS, Sight.BANK}
    families: list[str] = []
    if kind.model is Maturity:
        known = rows_at(Maturity.objects.all(), reach, None)
        families = list(known.order_by("family").values_list("family", flat=True).distinct())
    return ListForm(
        request.GET,
        units=units_within(reach) if wide else (),
        keepers=keepers_in(reach.unit_ids, request.today) if wide else (),
        families=families,
    )


def _columns(request: ActingRequest, kind: lists.Kind) -> list[Column]:
    """Columns that tell something: a manager knows whose customers these are."""
    hidden = {"keeper", "unit"} if request.reach.sight is Sight.BOOK else set()
    return [column for column in kind.columns() if column.id not in hidden]


def _chips(request: ActingRequest, form: ListForm) -> list[tuple[str, str]]:
    chips = []
    for name in ("unit", "keeper", "family"):
        value = form.cleaned_data.get(name)
        if value:
            field: Any = form.fields[name]
            word = dict(field.choices).get(value, value)
            chips.append((f"{field.label}: {word}", address(request.GET, without=[name])))
    return chips


def _columns_taken(request: ActingRequest, kind: lists.Kind) -> list[Column]:
    """The columns of the file: the page's behind the customer's number."""
    return [Column("number", _("Customer number")), *_columns(request, kind)]


@require_GET
@requires(Right.EXPORT_CUSTOMERS)
def file(request: ActingRequest, code: str) -> HttpResponse:
    """The list as it stands on the page, limited as the role demands, and recorded."""
    kind = lists.KINDS[code]
    form = _form(request, kind)
    asked = form.asked()
    place = place_of(request.reach, request.GET.get("unit"))
    tab = lists.tab_of(kind, asked.tab)
    rows = lists.rows_of(kind, request.reach, place, asked).filter(tab.where)
    try:
        found = rows_to_take(request, rows)
    except ExportRefused as refusal:
        return refused(request, refusal, code, f"{reverse(f'reports:{code}')}?{request.GET.urlencode()}")
    said = [str(tab.label), *(label for label, _address in _chips(request, form))]
    columns = _columns_taken(request, kind)
    lines = lists.lines_of(kind, found, request.reach, tier_names(request.today))
    cells = [[line.values[column.id] for column in columns] for line in lines]
    sheet = Sheet(str(kind.title), columns, cells, notes_of(request, len(cells), said))
    return hand_out(
        request,
        code,
        [sheet],
        rows=len(cells),
        filters={"shown": said},
        customers=[row.party_id for row in found],
    )
