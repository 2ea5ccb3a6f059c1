"""管户轨迹: books month by month, parted so that who came or went is nobody's merit, and the four indices by book.

Three queries, and one for the names of keepers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import BookFlow, BookIndex, UnitTier
from guanxi.crm.scores.relationship import MEASURES
from guanxi.crm.scores.reports.parts.base import amount
from guanxi.crm.scores.reports.places import Place, rows_at
from guanxi.crm.scores.reports.words import Retail, nobody, tier_label
from guanxi.crm.scores.tiers import TierNames
from guanxi.web import formats
from guanxi.web.lists import Column

MONTHS = 13
WAYS = ("grown", "arrived", "opened", "left", "closed")
OUT = frozenset({"left", "closed"})
COUNTS = ("customers_before", "customers", "kept", "arrived", "opened", "left_book", "closed")
FENS = (
    "aum_before_fen", "aum_fen", *(f"aum_{way}_fen" for way in WAYS),
    "contribution_fen", *(f"contribution_{way}_fen" for way in WAYS),
)  # fmt: skip
Sums = Mapping[str, int]


@dataclass(frozen=True)
class Spread:
    """One index over a book: mean, how many have it, the shares low, middle, high, and its mean month by month."""

    code: str
    label: str
    mean: float | None
    known: int
    customers: int
    parts: tuple[float, float, float] | None
    trend: list[float | None]


@dataclass(frozen=True)
class Books:
    """What the page shows; no months where no run has made any."""

    months: list[date]
    flows: list[Sums]
    tiers: dict[date, dict[int, int]]
    indices: list[Spread]
    index_months: list[date]
    keepers: list[tuple[Staff | None, Sums, Mapping[str, float | None]]]


def books_of(reach: Reach, place: Place | None, keeper: int | None, retail: Retail) -> Books:
    """The last months of a place, or of a person's books where there is none; of one keeper when asked."""
    only = {} if keeper is None else {"keeper": keeper}
    flows = rows_at(BookFlow.objects.filter(**only), reach, place)
    indexed = rows_at(BookIndex.objects.filter(**only), reach, place)
    tiers = rows_at(UnitTier.objects.filter(kind__in=retail.kinds, **only), reach, place)
    by_month = _summed(flows.values("month", "keeper"), (*COUNTS, *FENS), "month")
    months = sorted(by_month)[-MONTHS:]
    rows = list(
        indexed.values("month", "keeper", "measure").annotate(
            **{name: Sum(name) for name in ("customers", "known", "points", "low", "middle", "high")}
        )
    )
    ranks: dict[date, dict[int, int]] = defaultdict(dict)
    for row in tiers.filter(month__in=months).values("month", "tier_rank").annotate(n=Sum("customers")):
        ranks[row["month"]][row["tier_rank"]] = row["n"]
    index_months = sorted({row["month"] for row in rows})[-MONTHS:]
    return Books(
        months,
        [_total(by_month[month].values()) for month in months],
        dict(ranks),
        [_spread(code, rows, index_months) for code in MEASURES],
        index_months,
        _keepers(by_month, months, rows, index_months),
    )


def _summed(rows: Any, columns: Sequence[str], by: str) -> dict[date, dict[int | None, dict[str, int]]]:
    found: dict[date, dict[int | None, dict[str, int]]] = defaultdict(dict)
    for row in rows.annotate(**{f"sum_{name}": Sum(name) for name in columns}):
        found[row[by]][row["keeper"]] = {name: int(row[f"sum_{name}"] or 0) for name in columns}
    return found


def _total(rows: Iterable[Sums]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for row in rows:
        for name, value in row.items():
            total[name] += value
    return dict(total)


def _spread(code: str, rows: Iterable[Mapping[str, Any]], months: Sequence[date]) -> Spread:
    by_month = {
        month: _total(
            {name: row[name] for name in ("customers", "known", "points", "low", "middle", "high")}
            for row in rows
            if row["measure"] == code and row["month"] == month
        )
        for month in months
    }
    now = by_month[months[-1]] if months else {}
    known = now.get("known", 0)
    parts = (now["low"] / known, now["middle"] / known, now["high"] / known) if known else None
    trend = [_mean(by_month[month]) for month in months]
    label = str(MEASURES[code])
    return Spread(code, label, _mean(now), known, now.get("customers", 0), parts, trend)


def _mean(sums: Mapping[str, int]) -> float | None:
    return sums["points"] / sums["known"] if sums.get("known") else None


def _keepers(
    by_month: Mapping[date, Mapping[int | None, Sums]],
    months: Sequence[date],
    rows: Iterable[Mapping[str, Any]],
    index_months: Sequence[date],
) -> list[tuple[Staff | None, Sums, Mapping[str, float | None]]]:
    """Each keeper with the sums of all months and the last month's stock and indices; the largest book first."""
    if not months:
        return []
    means: dict[int | None, dict[str, float | None]] = defaultdict(dict)
    for row in rows:
        if row["month"] == index_months[-1]:
            means[row["keeper"]][row["measure"]] = _mean(row)
    told: dict[int | None, dict[str, int]] = {}
    for keeper in {key for month in months for key in by_month[month]}:
        held = [by_month[month].get(keeper, {}) for month in months]
        told[keeper] = _total(held) | {name: held[-1].get(name, 0) for name in ("customers", "aum_fen")}
    staff = Staff.objects.in_bulk([key for key in told if key])
    order = sorted(told, key=lambda key: (key is None, -told[key]["aum_fen"], key or 0))
    return [(staff.get(key) if key else None, told[key], means.get(key, {})) for key in order]


# --- what the page says


def finding(books: Books) -> str:
    """Where the wealth of the months came from, in one sentence."""
    total = _total(books.flows)
    return _(
        "Since %(month)s AUM went from %(before)s to %(now)s: customers kept %(grown)s, from other hands "
        "%(arrived)s, new %(opened)s, to other hands %(left)s, closed %(closed)s."
    ) % {
        "month": formats.month(books.months[0]),
        "before": amount(books.flows[0]["aum_before_fen"]),
        "now": amount(books.flows[-1]["aum_fen"]),
        **{way: _signed(way, total[f"aum_{way}_fen"]) for way in WAYS},
    }


def _signed(way: str, fen: int) -> str:
    fen = -fen if way in OUT else fen
    return f"+{amount(fen)}" if fen > 0 else amount(fen)


def way_names() -> dict[str, str]:
    """What the ways of a book's money are called."""
    return {
        "grown": _("Kept, grown by"),
        "arrived": _("From other hands"),
        "opened": _("New customers"),
        "left": _("To other hands"),
        "closed": _("Closed their accounts"),
    }


def flow_chart(books: Books) -> dict[str, Any]:
    """The five ways of the money month by month; what went stands below nothing."""
    series = [
        {
            "name": name,
            "code": "",
            "values": [row[f"aum_{way}_fen"] * (-1 if way in OUT else 1) for row in books.flows],
        }
        for way, name in way_names().items()
    ]
    return {"categories": [formats.month(month) for month in books.months], "series": series}


def month_columns() -> list[Column]:
    """The table of months."""
    ways = way_names()
    return [
        Column("month", _("Month"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("arrived_n", _("came, new"), "text"),
        Column("left_n", _("left, closed"), "text"),
        Column("aum", _("AUM"), "short"),
        *(Column(way, name, "short") for way, name in ways.items()),
        Column("contribution", _("Contribution of the month"), "short"),
        Column("contribution_grown", _("of customers kept, against the month before"), "short"),
    ]


def month_rows(books: Books) -> list[list[Any]]:
    """The months, the latest first."""
    return [
        [
            formats.month(month),
            row["customers"],
            f"{formats.count(row['arrived'])} · {formats.count(row['opened'])}",
            f"{formats.count(row['left_book'])} · {formats.count(row['closed'])}",
            row["aum_fen"],
            *(row[f"aum_{way}_fen"] * (-1 if way in OUT else 1) for way in WAYS),
            row["contribution_fen"],
            row["contribution_grown_fen"],
        ]
        for month, row in reversed(list(zip(books.months, books.flows, strict=True)))
    ]


def tier_columns(books: Books, names: TierNames, retail: Retail) -> tuple[list[Column], list[list[Any]]]:
    """Persons of each tier month by month, the latest first: columns and rows."""
    ranks = sorted({rank for found in books.tiers.values() for rank in found}, reverse=True)
    columns = [
        Column("month", _("Month"), "name"),
        *(Column(f"tier_{rank}", tier_label(names, retail.scheme, rank), "number") for rank in ranks),
    ]
    rows = [
        [formats.month(month), *(found.get(rank, 0) for rank in ranks)]
        for month, found in sorted(books.tiers.items(), reverse=True)
    ]
    return columns, rows


def index_chart(books: Books) -> dict[str, Any]:
    """The mean of each index month by month."""
    series = [{"name": one.label, "code": "", "values": one.trend} for one in books.indices]
    return {"categories": [formats.month(month) for month in books.index_months], "series": series}


def index_columns() -> list[Column]:
    """The table of the four indices."""
    return [
        Column("index", _("Index"), "name"),
        Column("mean", _("Mean"), "number"),
        Column("known", _("Known of"), "text"),
        Column("low", _("Low"), "percent"),
        Column("middle", _("Middle"), "percent"),
        Column("high", _("High"), "percent"),
    ]


def index_rows(books: Books) -> list[list[Any]]:
    """Mean, how many have it, and the shares low, middle, high."""
    return [
        [
            one.label,
            None if one.mean is None else round(one.mean),
            f"{formats.count(one.known)} / {formats.count(one.customers)}",
            *(one.parts or (None, None, None)),
        ]
        for one in books.indices
    ]


def keeper_columns() -> list[Column]:
    """The table of keepers."""
    return [
        Column("keeper", _("Keeper"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("aum", _("AUM"), "short"),
        *(Column(way, name, "short") for way, name in way_names().items()),
        *(Column(code, str(label), "number") for code, label in MEASURES.items()),
    ]


def keeper_cells(person: Staff | None, sums: Sums, means: Mapping[str, float | None]) -> list[Any]:
    """One keeper's row."""
    mean = [means.get(code) for code in MEASURES]
    return [
        person.name if person else nobody(),
        sums["customers"],
        sums["aum_fen"],
        *(sums[f"aum_{way}_fen"] * (-1 if way in OUT else 1) for way in WAYS),
        *(None if one is None else round(one) for one in mean),
    ]
