"""业务日报 as a page and as a workbook."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.exports import hand_out, notes_of
from guanxi.crm.scores.reports import daily as reports
from guanxi.crm.scores.reports import lists
from guanxi.crm.scores.reports.places import Place, place_of
from guanxi.crm.scores.reports.sentences import daily_finding, summary
from guanxi.crm.scores.reports.words import UNRATED, nobody, retail_scheme, tier_label
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.web.lists import Column, address
from guanxi.web.meanings import definition_of
from guanxi.web.sheets import Sheet

FIRST_ROWS = 5
USUAL_COMPARISON = "yesterday"


@dataclass(frozen=True)
class Told:
    """The report with what is needed to write it: place, names, and whether keepers stand under the units."""

    place: Place | None
    names: TierNames
    scheme: str
    ranks: tuple[int, ...]
    report: reports.Daily
    keepers: bool


def _told(request: ActingRequest, *, keepers: bool) -> Told:
    names = tier_names(request.today)
    retail = retail_scheme(names)
    place = place_of(request.reach, request.GET.get("unit"))
    report = reports.daily(request.reach, place, retail, keepers=keepers, nobody=nobody())
    seen = {rank for ranks in report.total.tiers.values() for rank in ranks}
    ranks = tuple(sorted(set(retail.ranks) | seen - {UNRATED}, reverse=True))
    return Told(place, names, retail.scheme, ranks, report, keepers)


@require_GET
@requires(Right.SEE_DAILY)
def page(request: ActingRequest) -> HttpResponse:
    """The figures of a unit (or of one's book), each against four days; below by unit and keeper."""
    told = _told(request, keepers=request.GET.get("by") == "keeper")
    large = _short(request, told, lists.LARGE)
    against = request.GET.get("against", USUAL_COMPARISON)
    context = {
        "place": told.place,
        "report": told.report,
        "measures": reports.MEASURES,
        "metrics": reports.METRICS,
        "counts": reports.COUNTS,
        "comparisons": reports.COMPARISONS,
        "against": against if against in reports.COMPARISONS else USUAL_COMPARISON,
        "tiers": [(rank, tier_label(told.names, told.scheme, rank)) for rank in told.ranks],
        "keepers": told.keepers,
        "finding": daily_finding(told.report, large["totals"]["out"]),
        "shorts": [large, _short(request, told, lists.DUE)],
        "averages": reports.AVERAGES,
        "trail": _trail(told.place),
        "query": request.GET,
        "address": address,
        "here": request.GET.urlencode(),
    }
    return render(request, "reports/daily.html", context)


def _trail(place: Place | None) -> list[tuple[str, str | None]]:
    if place is None or len(place.trail) < 2:
        return []
    above: list[tuple[str, str | None]] = [(unit.name, f"?unit={unit.pk}") for unit in place.trail[:-1]]
    return [*above, (place.unit.name, None)]


def _short(request: ActingRequest, told: Told, kind: lists.Kind) -> dict[str, Any]:
    """The first rows of a list at this place: the first tap of the two."""
    rows = lists.rows_of(kind, request.reach, told.place, lists.Asked())
    tab = kind.tabs[0]
    total = lists.totals(kind, rows)
    found = list(rows.filter(tab.where)[:FIRST_ROWS])
    return {
        "kind": kind,
        "heading": lists.heading(kind, request.today),
        "tab": tab,
        "count": total[tab.key][0],
        "summary": summary(kind, *total[tab.key]),
        "totals": total,
        "missing_input": ""
        if any(n for n, _fen in total.values())
        else lists.what_is_missing(kind, request.reach),
        "lines": lists.lines_of(kind, found, request.reach, told.names),
    }


@require_GET
@requires(Right.SEE_DAILY)
def file(request: ActingRequest) -> HttpResponse:
    """The whole report: every unit with its keepers, every measure against every day."""
    told = _told(request, keepers=True)
    columns = _columns(told)
    rows = [_cells(told, row.label, row, row.sums) for row in told.report.rows]
    name = told.place.unit.name if told.place else request.user.name
    rows = [_cells(told, _("Total"), None, told.report.total), *rows]
    sheet = Sheet(_("Daily report"), columns, rows, notes_of(request, len(rows), [name, _view_name()]))
    return hand_out(request, "daily", [sheet], rows=len(rows), filters={"shown": [name]}, customers=())


def _view_name() -> str:
    """Which of the two views of "branch" these figures take."""
    return _("By managing outlet and keeper of the customer")


def _columns(told: Told) -> list[Column]:
    columns = [Column("unit", _("Outlet"), "name"), Column("keeper", _("Keeper"))]
    for name, label in reports.MEASURES.items():
        kinds = ("number", "change_number") if name in reports.COUNTS else ("money", "change_money")
        columns += _with_changes(name, str(label), *kinds, means=reports.METRICS.get(name))
    for rank in told.ranks:
        columns += _with_changes(
            f"tier_{rank}", tier_label(told.names, told.scheme, rank), "number", "change_number"
        )
    return columns


def _with_changes(name: str, label: str, kind: Any, change: Any, *, means: str | None = None) -> list[Column]:
    changes = [
        Column(f"{name}_{code}", f"{label} {word}", change) for code, word in reports.COMPARISONS.items()
    ]
    return [Column(name, label, kind, help=definition_of(means) if means else None), *changes]


def _cells(told: Told, label: str, row: reports.Row | None, sums: reports.Sums) -> list[Any]:
    cells: list[Any] = [label if row is None or row.is_unit or row.unit is None else row.unit.name]
    cells.append(None if row is None or row.is_unit else label)
    for name in reports.MEASURES:
        cells += [sums.value(name), *(sums.change(name, code) for code in reports.COMPARISONS)]
    for rank in told.ranks:
        cells += [sums.tier(rank), *(sums.tier_change(rank, code) for code in reports.COMPARISONS)]
    return cells
