"""挽留测算: +x percentage points of retention by tier, for the whole bank."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import LifetimeCell
from guanxi.crm.scores.reports.parts.base import amount
from guanxi.crm.scores.reports.places import place_of
from guanxi.crm.scores.reports.words import UNRATED, retail_scheme, tier_label
from guanxi.crm.scores.reports.worth_keeping import Cell, Gain, gains, total
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.insight.policies.lifetime import LifetimePolicy
from guanxi.web import formats
from guanxi.web.lists import Column, address

MOST_POINTS = 20


class PointsForm(forms.Form):
    """How many points of a hundred more are kept in a year."""

    points = forms.DecimalField(
        label=gettext_lazy("More kept in a year, percentage points"),
        min_value=Decimal("0.1"),
        max_value=MOST_POINTS,
        max_digits=4,
        decimal_places=1,
        initial=Decimal(1),
    )


@require_GET
@requires(Right.SEE_STRUCTURE)
def page(request: ActingRequest) -> HttpResponse:
    """The calculator; rates and means are the whole bank's, so only who sees the whole bank reads them."""
    place = place_of(request.reach, request.GET.get("unit"))
    form = PointsForm(request.GET if "points" in request.GET else {"points": "1"})
    cells = _cells() if place is not None and place.unit.parent_id is None else {}
    told: dict[str, Any] = {"form": form, "whole": bool(cells), "rows": []}
    if cells and form.is_valid():
        told |= _figures(request, cells, form.cleaned_data["points"])
    return render(request, "reports/worth_keeping.html", told)


def _cells() -> dict[str, list[Cell]]:
    """Cells by segment, the largest segment first; without those of no tier or no known contribution."""
    found: dict[str, list[Cell]] = defaultdict(list)
    for row in (
        LifetimeCell.objects.filter(tier_rank__gt=UNRATED)
        .exclude(monthly_mean_fen=None)
        .exclude(loss_rate=None)
    ):
        rate = row.loss_rate or Decimal(0)
        mean = row.monthly_mean_fen or 0
        found[row.segment].append(Cell(row.segment, row.tier_rank, row.customers, row.losses, mean, rate))
    size = {segment: sum(cell.customers for cell in held) for segment, held in found.items()}
    return {segment: found[segment] for segment in sorted(found, key=lambda one: (-size[one], one))}


def _figures(request: ActingRequest, cells: dict[str, list[Cell]], points: Decimal) -> dict[str, Any]:
    policy = active("lifetime", request.today)
    assert isinstance(policy, LifetimePolicy)
    asked = request.GET.get("segment", "")
    segment = asked if asked in cells else next(iter(cells))
    found = gains(cells[segment], points, policy.months, policy.discount_rate)
    names = tier_names(request.today)
    customers, kept, year, horizon = total(found)
    return {
        "segments": [(segment_name(one), address(request.GET, segment=one), one == segment) for one in cells],
        "columns": _columns(policy),
        "rows": [_row(gain, names) for gain in found],
        "total": [
            _("Total"),
            customers,
            sum(gain.cell.losses for gain in found),
            None,
            None,
            None,
            formats.decimal(kept),
            year,
            horizon,
        ],
        "finding": _(
            "%(points)s points more kept in a year: %(kept)s customers of %(customers)s, worth %(year)s in the "
            "first year."
        )
        % {
            "points": formats.decimal(points, 1),
            "kept": formats.count(round(kept)),
            "customers": formats.count(customers),
            "year": amount(year),
        },
        "policy": policy,
        "discount": formats.percent(policy.discount_rate, 1),
    }


def segment_name(segment: str) -> str:
    """A segment of the value card in words."""
    parts = {
        "person": _("Persons"),
        "sole_trader": _("Sole traders"),
        "company": _("Companies"),
        "government": _("Government"),
        "interbank": _("Interbank"),
        "large": _("large"),
        "medium": _("medium"),
        "small": _("small"),
        "micro": _("micro"),
        "urban": _("town"),
        "rural": _("country"),
    }
    return " · ".join(parts.get(part, part) for part in segment.split("/"))


def _columns(policy: LifetimePolicy) -> list[Column]:
    return [
        Column("tier", _("Tier"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("losses", _("Lost in the months counted"), "number"),
        Column("mean", _("A customer brings in a month"), "money"),
        Column("retention", _("Kept over a year now"), "percent"),
        Column("raised", _("then"), "percent"),
        Column("kept", _("Customers more kept"), "text"),
        Column("year", _("Worth in the first year"), "short"),
        Column("horizon", _("Worth over %(n)s months, discounted") % {"n": policy.months}, "short"),
    ]


def _row(gain: Gain, names: TierNames) -> list[Any]:
    cell = gain.cell
    return [
        tier_label(names, retail_scheme(names).scheme, cell.tier_rank),
        cell.customers,
        cell.losses,
        cell.monthly_fen,
        gain.retention,
        gain.raised,
        formats.decimal(gain.kept),
        gain.year_fen,
        gain.horizon_fen,
    ]
