"""客户分析: the page, its parts one by one, and the workbook."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.exports import hand_out, notes_of
from guanxi.crm.scores.models import Run, UnitBand
from guanxi.crm.scores.reports.parts import PARTS, Asked, below
from guanxi.crm.scores.reports.parts.base import Part
from guanxi.crm.scores.reports.places import Place, place_of, sums_at
from guanxi.crm.scores.reports.words import retail_scheme
from guanxi.crm.scores.selectors import current_run
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.months import month_end
from guanxi.web import formats
from guanxi.web.lists import address
from guanxi.web.sheets import Sheet

FIRST = "tiers"


@require_GET
@requires(Right.SEE_STRUCTURE)
def page(request: ActingRequest) -> HttpResponse:
    """The frame, the units below and the first part at once; the other parts load by themselves."""
    place, run = _place(request), current_run()
    months = _months(request, place)
    if run is None or not months:
        return render(request, "reports/structure.html", {"place": place, "months": []})
    asked = _asked(request, place, months, run)
    context = {
        "place": place,
        "months": months,
        "month": asked.month,
        "as_of": as_of(asked.month, run),
        "trail": _trail(place, asked.month),
        "units": below.units_below(asked),
        "unit_columns": below.columns(),
        "first": (FIRST, PARTS[FIRST][0], PARTS[FIRST][1](asked)),
        "others": [(code, title) for code, (title, _make) in PARTS.items() if code != FIRST],
        "query": _query(asked),
        "address": address,
        "here": request.GET,
    }
    return render(request, "reports/structure.html", context)


@require_GET
@requires(Right.SEE_STRUCTURE)
def part(request: ActingRequest, code: str) -> HttpResponse:
    """The body of one part."""
    asked, run = _known(request)
    context = {
        "code": code,
        "part": _made(code, asked),
        "as_of": as_of(asked.month, run),
        "query": _query(asked),
    }
    return render(request, "reports/_part.html", context)


@require_GET
@requires(Right.SEE_STRUCTURE)
def file(request: ActingRequest) -> HttpResponse:
    """One part, or all of them, as a workbook: a sheet for each table."""
    asked, run = _known(request)
    wanted = [request.GET["part"]] if request.GET.get("part") else list(PARTS)
    said = [asked.place.unit.name, formats.month(asked.month)]
    sheets = [
        sheet
        for code in wanted
        for sheet in _sheets(request, _made(code, asked), said, as_of(asked.month, run))
    ]
    if not sheets:
        raise Http404
    count = sum(len(list(sheet.rows)) for sheet in sheets)
    return hand_out(
        request, "structure", sheets, rows=count, filters={"shown": said, "parts": wanted}, customers=()
    )


def _sheets(request: ActingRequest, made: Part, said: list[str], day: date) -> list[Sheet]:
    sheets = []
    for table in made.tables:
        rows = table.whole or [*table.rows, *([table.total] if table.total else [])]
        finding = [made.finding] if made.finding else []
        notes = [*notes_of(request, len(rows), said, as_of=day), *finding, *made.notes]
        sheets.append(Sheet(table.title, table.columns, rows, notes))
    return sheets


def _made(code: str, asked: Asked) -> Part:
    if code not in PARTS:
        raise Http404
    return PARTS[code][1](asked)


def _place(request: ActingRequest) -> Place:
    place = place_of(request.reach, request.GET.get("unit"))
    if place is None:
        raise Http404
    return place


def _months(request: ActingRequest, place: Place) -> list[date]:
    """The months that have figures, the latest first."""
    rows = sums_at(UnitBand.objects.all(), request.reach, place)
    return list(rows.order_by("-month").values_list("month", flat=True).distinct())


def _known(request: ActingRequest) -> tuple[Asked, Run]:
    """What was asked and the run behind it, where there are figures; else 404."""
    place, run = _place(request), current_run()
    months = _months(request, place)
    if run is None or not months:
        raise Http404
    return _asked(request, place, months, run), run


def _asked(request: ActingRequest, place: Place, months: list[date], run: Run) -> Asked:
    """The month of the address, else the latest."""
    names = tier_names(request.today)
    by_name = {formats.month(month): month for month in months}
    month = by_name.get(request.GET.get("month", ""), months[0])
    return Asked(request.reach, place, month, request.today, names, retail_scheme(names), delivered(run))


def delivered(run: Run) -> frozenset[str]:
    """The files that this run was given, by the contract's names."""
    files = (run.manifest.get("extract") or {}).get("files") or []
    return frozenset(file["name"] for file in files)


def as_of(month: date, run: Run) -> date:
    """The last day counted in a month: its end, or the business date in the running month."""
    return min(month_end(month), run.business_date)


def _query(asked: Asked) -> str:
    return f"?unit={asked.place.unit.pk}&month={formats.month(asked.month)}"


def _trail(place: Place, month: date) -> list[tuple[str, str | None]]:
    if len(place.trail) < 2:
        return []
    above: list[tuple[str, str | None]] = [
        (unit.name, f"?unit={unit.pk}&month={formats.month(month)}") for unit in place.trail[:-1]
    ]
    return [*above, (place.unit.name, None)]
