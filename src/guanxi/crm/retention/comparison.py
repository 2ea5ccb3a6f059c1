"""Worked cases beside look-alikes nobody worked (挽留对比): a comparison, no effect, for cases are not drawn by lot.

In each cell (month, tenth of the rule's score, band of AUM) the share of the look-alikes who kept their wealth is what
would be said of the worked, had they been like them; cells without look-alikes say nothing, are left out and counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import SaveRate
from guanxi.crm.scores.reports.parts.bands import band_labels
from guanxi.web.formats import count, decimal, percent
from guanxi.web.lists import Column

Z = 1.959964  # 97.5 % point of the normal distribution
LEAST_WORKED = 30  # fewer than this say nothing: shown as counts without shares
CELL = ("opened_month", "score_decile", "aum_band")


@dataclass(frozen=True)
class Cell:
    """One cell of the comparison: how many, and how many of them kept their wealth."""

    worked: int
    worked_kept: int
    alike: int
    alike_kept: int


@dataclass(frozen=True)
class Compared:
    """What the cells come to. Shares are 0..1; `low` and `high` bound `difference` with 95 %, sampling error alone."""

    worked: int  # with look-alikes in their cell
    alone: int  # worked without any look-alike: left out
    alike: int
    kept: float | None = None
    kept_alike: float | None = None  # the look-alikes weighted as the worked
    low: float | None = None
    high: float | None = None

    @property
    def difference(self) -> float | None:
        """Share kept of the worked less that of their look-alikes; None while there are too few."""
        return None if self.kept is None or self.kept_alike is None else self.kept - self.kept_alike

    @property
    def is_open(self) -> bool:
        """Whether nought lies within the bounds: nothing can be told apart."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high


def compare(cells: Iterable[Cell]) -> Compared:
    """Direct standardisation to the worked: the look-alikes' share of each cell weighted by how many were worked in it.

    Standard error of the difference of two binomial shares, stratum by stratum, with (x + 1) / (n + 2) for the variance
    so that a cell of one person is not taken for certain.
    """
    told = list(cells)
    met = [cell for cell in told if cell.worked and cell.alike]
    worked = sum(cell.worked for cell in met)
    alone = sum(cell.worked for cell in told) - worked
    alike = sum(cell.alike for cell in met)
    if worked < LEAST_WORKED:
        return Compared(worked, alone, alike)
    kept = sum(cell.worked_kept for cell in met) / worked
    expected = sum(cell.worked * cell.alike_kept / cell.alike for cell in met) / worked
    variance = sum(
        (cell.worked / worked) ** 2
        * (_variance(cell.worked_kept, cell.worked) + _variance(cell.alike_kept, cell.alike))
        for cell in met
    )
    half = Z * sqrt(variance)
    return Compared(worked, alone, alike, kept, expected, kept - expected - half, kept - expected + half)


def _variance(kept: int, number: int) -> float:
    share = (kept + 1) / (number + 2)
    return share * (1 - share) / number


def cells_of(reach: Reach) -> list[tuple[dict[str, Any], Cell]]:
    """The cells of the units within reach, summed over them; nothing for who sees no units. One query."""
    rows = SaveRate.objects.filter(unit__in=sorted(reach.unit_ids)).values(*CELL)
    summed = rows.annotate(w=Sum("worked"), wk=Sum("worked_kept"), a=Sum("alike"), ak=Sum("alike_kept"))
    return [
        ({name: row[name] for name in CELL}, Cell(row["w"], row["wk"], row["a"], row["ak"]))
        for row in summed.order_by(*CELL)
    ]


def by_band(cells: Sequence[tuple[dict[str, Any], Cell]]) -> list[tuple[int, Compared]]:
    """The comparison in each band of AUM."""
    groups: dict[int, list[Cell]] = defaultdict(list)
    for where, cell in cells:
        groups[where["aum_band"]].append(cell)
    return [(band, compare(group)) for band, group in sorted(groups.items())]


def picture(reach: Reach, today: date) -> dict[str, Any]:
    """The panel of the autopsy: what it comes to in a sentence, and each band of AUM; one query and the policy."""
    cells = cells_of(reach)
    labels = band_labels(today).get("aum", {}) if cells else {}
    whole = compare(cell for _where, cell in cells)
    months = sorted({where["opened_month"] for where, _cell in cells})
    return {
        "whole": whole,
        "any": bool(whole.worked or whole.alone),
        "finding": _finding(whole),
        "months": (f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}") if months else None,
        "columns": _columns(),
        "rows": [_row(labels.get(band, str(band)), one) for band, one in by_band(cells)],
        "least": LEAST_WORKED,
    }


def _columns() -> list[Column]:
    return [
        Column("band", _("AUM"), "name"),
        Column("worked", _("With a case"), "number"),
        Column("kept", _("Kept, with a case"), "percent"),
        Column("alike", _("Look-alikes"), "number"),
        Column("kept_alike", _("Kept, look-alikes"), "percent"),
        Column("difference", _("Difference"), "text"),
    ]


def _row(label: str, one: Compared) -> list[Any]:
    return [label, one.worked, one.kept, one.alike, one.kept_alike, _difference(one)]


def _difference(one: Compared) -> str:
    if one.difference is None:
        return ""
    told = {"d": _points(one.difference), "low": _points(one.low or 0.0), "high": _points(one.high or 0.0)}
    return _("%(d)s percentage points (%(low)s to %(high)s)") % told


def _points(share: float) -> str:
    """Percentage points with their sign."""
    said = decimal(share * 100)
    return said if said.startswith("-") else f"+{said}"


def _finding(whole: Compared) -> str:
    if whole.difference is None:
        return ""
    told = {
        "kept": percent(whole.kept), "alike": percent(whole.kept_alike), "worked": count(whole.worked),
        "difference": _difference(whole),
    }  # fmt: skip
    apart = _(
        "With a case %(kept)s of %(worked)s kept their wealth, look-alikes without %(alike)s: %(difference)s."
    )
    alike = _(
        "With a case %(kept)s of %(worked)s kept their wealth, look-alikes without %(alike)s: the two cannot be told "
        "apart, %(difference)s."
    )
    return (alike if whole.is_open else apart) % told
