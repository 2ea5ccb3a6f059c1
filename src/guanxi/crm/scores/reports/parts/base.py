"""What a part of 客户分析 is asked, and what it answers with: a finding, charts, tables, notes."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import get_language

from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.reports.places import Place, sums_at
from guanxi.crm.scores.reports.words import UNRATED, Retail, tier_label
from guanxi.crm.scores.tiers import TierNames
from guanxi.web import formats
from guanxi.web.lists import Column

Sums = Mapping[str, Any]
"""A row of sums by column."""
Summed = TypeVar("Summed", bound=Model)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Asked:
    """Whose eyes, which unit, which month (its first day), on which day; `delivered`: files the last run was given."""

    reach: Reach
    place: Place
    month: date
    today: date
    names: TierNames
    retail: Retail
    delivered: frozenset[str] = frozenset()

    def sums(self, rows: QuerySet[Summed]) -> QuerySet[Summed]:
        """Rows of sums of every unit of the place, all months."""
        return sums_at(rows, self.reach, self.place)

    def of_month(self, rows: QuerySet[Summed]) -> QuerySet[Summed]:
        """Rows of sums of every unit of the place in the month."""
        return self.sums(rows).filter(month=self.month)

    def tier(self, rank: int) -> str:
        """The name of a tier of persons."""
        return tier_label(self.names, self.retail.scheme, rank)

    @property
    def high_ranks(self) -> frozenset[int]:
        """Tiers that the bank gives a keeper: what it calls mid and high end (中高端)."""
        bands = {rank: self.names.band(self.retail.scheme, rank) for rank in self.retail.ranks}
        return frozenset(rank for rank, band in bands.items() if band is not None and band.managed)


@dataclass(frozen=True)
class Chart:
    """What ui.chart draws."""

    kind: str
    data: dict[str, Any]
    title: str
    unit: str
    height: str = "m"


@dataclass(frozen=True)
class Table:
    """A table and a sheet: columns, rows, the last row of totals; `whole` has all rows where the page shows some."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] | None = None
    whole: Sequence[Sequence[Any]] | None = None


@dataclass(frozen=True)
class Part:
    """The finding in one sentence, the evidence, and what is missing in plain words (then there may be no tables)."""

    finding: str = ""
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = field(default_factory=tuple)
    missing: str = ""
    wide: bool = False  # the chart over the table, not beside it


def share(part: int | None, whole: int | None) -> float | None:
    """A share 0..1; None where the whole is nothing or either is unknown."""
    return part / whole if part is not None and whole else None


def percent(value: float | None) -> str:
    """A share in words."""
    return formats.percent(value)


def amount(fen: int) -> str:
    """Money inside a sentence."""
    return formats.money_words(fen, get_language() or "zh")


def known(rank: int | None) -> int:
    """A rank as the tables of sums write it: -1 for none."""
    return UNRATED if rank is None else rank


def total_of(values: Sequence[int | None]) -> int | None:
    """The sum of what is known; None when nothing is."""
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def added(rows: Iterable[Sums], names: Iterable[str]) -> dict[str, int]:
    """The columns of these names over all rows; what is not known counts as nothing."""
    rows = list(rows)
    return {name: sum(row[name] or 0 for row in rows) for name in names}


def grouped(
    rows: Iterable[Sums], names: Iterable[str], key: Callable[[Sums], Key]
) -> dict[Key, dict[str, int]]:
    """The same for each group of rows with the same key, in the order in which the keys first appear."""
    names, groups = tuple(names), defaultdict[Key, list[Sums]](list)
    for row in rows:
        groups[key(row)].append(row)
    return {one: added(group, names) for one, group in groups.items()}
