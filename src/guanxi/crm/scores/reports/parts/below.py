"""The units just below a place with their customers: the way down the tree."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.models import UnitTier
from guanxi.crm.scores.reports.parts.base import Asked, Sums, share, total_of
from guanxi.crm.scores.reports.words import UNRATED
from guanxi.web.lists import Column


def columns() -> list[Column]:
    """What is told of each unit."""
    return [
        Column("unit", _("Unit"), "name"),
        Column("customers", _("Rated customers"), "number"),
        Column("aum", _("AUM"), "short"),
        Column("share", _("Share of AUM"), "percent"),
        Column("high", _("Mid and high end"), "number"),
        Column("high_share", _("Share of customers"), "percent"),
    ]


def units_below(asked: Asked) -> list[tuple[Unit, list[Any]]]:
    """Each unit just below with its cells; empty for a unit without any below. One query."""
    if not asked.place.children:
        return []
    wanted = UnitTier.objects.filter(kind__in=asked.retail.kinds).exclude(tier_rank=UNRATED)
    summed = (
        asked.of_month(wanted).values("unit_id", "tier_rank").annotate(n=Sum("customers"), fen=Sum("aum_fen"))
    )
    rows: Sequence[Sums] = list(summed)
    whole = total_of([row["fen"] for row in rows])
    branch = asked.place.branch_of
    return [
        (unit, _cells(unit.name, [row for row in rows if branch[row["unit_id"]] == unit.pk], asked, whole))
        for unit in asked.place.children
    ]


def _cells(name: str, rows: Iterable[Sums], asked: Asked, whole: int | None) -> list[Any]:
    held = list(rows)
    people, fen = sum(row["n"] for row in held), total_of([row["fen"] for row in held])
    high = sum(row["n"] for row in held if row["tier_rank"] in asked.high_ranks)
    return [name, people, fen, share(fen, whole), high, share(high, people)]
