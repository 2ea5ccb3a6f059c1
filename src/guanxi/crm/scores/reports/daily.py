"""业务日报: sums of each unit and keeper today and on the four days they are compared with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import UnitDay, UnitTier
from guanxi.crm.scores.reports.places import Place, rows_at
from guanxi.crm.scores.reports.words import Retail

TODAY = "today"
COMPARISONS: Mapping[str, Promise] = {
    "yesterday": _("vs. day before"),
    "month_start": _("vs. last month"),
    "year_start": _("vs. year start"),
    "last_year": _("vs. year ago"),
}
MEASURES: Mapping[str, Promise] = {
    "deposits": _("Deposits at day's end"),
    "deposits_average": _("Deposits, month avg."),
    "deposits_year_average": _("Deposits, year avg."),
    "aum": _("AUM"),
    "wealth": _("Wealth products"),
    "loans": _("Loans"),
    "active_customers": _("Active customers"),
}
METRICS: Mapping[str, str] = {
    # measure → its id in the registry of figures
    "deposits": "deposits",
    "deposits_average": "deposits_average",
    "aum": "aum",
    "wealth": "wealth_products",
    "loans": "loans",
    "active_customers": "active_customers",
}
COUNTS = frozenset({"active_customers"})
AVERAGES = frozenset({"deposits_average", "deposits_year_average"})
_COLUMNS = {name: name if name in COUNTS else f"{name}_fen" for name in MEASURES}

Key = tuple[int | None, int | None]
"""A row: unit and keeper. (unit, None) is the unit as a whole, (unit, 0) its customers without a keeper."""

NOBODY = 0


@dataclass
class Sums:
    """Figures by label, measure or tier rank; what nobody knows stays away and is no zero."""

    measures: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    tiers: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, label: str, values: Mapping[str, int | None]) -> None:
        """Add the known values to those of this label."""
        held = self.measures[label]
        for name, value in values.items():
            if value is not None:
                held[name] = held.get(name, 0) + int(value)

    def add_tier(self, label: str, rank: int, customers: int) -> None:
        """Add customers of a rank."""
        self.tiers[label][rank] = self.tiers[label].get(rank, 0) + customers

    def forget_aum_of_companies(self) -> None:
        """Where only companies are counted there is no AUM: the table says 0, which would be a false figure."""
        if not self.tiers.get(TODAY):
            for held in self.measures.values():
                if held.get("aum") == 0:
                    del held["aum"]

    def value(self, name: str, label: str = TODAY) -> int | None:
        """A measure on a reference day; None when it is not known."""
        return self.measures.get(label, {}).get(name)

    def change(self, name: str, label: str) -> int | None:
        """How the measure of today differs from that of a reference day."""
        return _less(self.value(name), self.value(name, label))

    def tier(self, rank: int, label: str = TODAY) -> int | None:
        """Customers of a rank; where the month has figures but none of this rank, 0."""
        known = self.tiers.get(label)
        return None if not known else known.get(rank, 0)

    def tier_change(self, rank: int, label: str) -> int | None:
        """How many more customers have this rank than in the month of the reference day."""
        return _less(self.tier(rank), self.tier(rank, label))


def _less(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before


@dataclass(frozen=True)
class Row:
    """One row: whose figures (a unit, a keeper, a unit's customers without one), how deep, and the sums."""

    label: str
    unit: Unit | None
    keeper: Staff | None
    is_unit: bool
    sums: Sums


@dataclass(frozen=True)
class Daily:
    """The report: the days by label, the sums of everything, the rows."""

    days: Mapping[str, date]
    total: Sums
    rows: tuple[Row, ...]

    @property
    def day(self) -> date | None:
        """The day of the figures."""
        return self.days.get(TODAY)


def daily(reach: Reach, place: Place | None, retail: Retail, *, keepers: bool, nobody: str) -> Daily:
    """The report of a place, or of a person's books when there is none; four queries.

    Rows are the units just below; with `keepers` (always for a unit without units below, and for books) each
    unit's keepers stand under it.
    """
    by_keeper = keepers or place is None or not place.children
    grouped: dict[Key, Sums] = defaultdict(Sums)
    total = Sums()
    days = _add_days(reach, place, grouped, total, by_keeper)
    if TODAY in days:
        _add_tiers(reach, place, retail, days, grouped, total, by_keeper)
    for sums in (total, *grouped.values()):
        sums.forget_aum_of_companies()
    return Daily(days, total, tuple(_rows(place, grouped, nobody)))


def _keys(place: Place | None, unit: int, keeper: int | None, by_keeper: bool) -> Iterable[Key]:
    """The rows that a unit's keeper counts in."""
    branch = place.branch_of[unit] if place else unit
    if place and place.children:
        yield branch, None
    if by_keeper:
        yield branch, keeper or NOBODY


def _add_days(
    reach: Reach, place: Place | None, grouped: dict[Key, Sums], total: Sums, by_keeper: bool
) -> dict[str, date]:
    columns = {f"sum_{name}": Sum(column) for name, column in _COLUMNS.items()}
    rows = rows_at(UnitDay.objects.all(), reach, place).values("label", "day", "unit_id", "keeper_id")
    days: dict[str, date] = {}
    summed: Iterable[Mapping[str, Any]] = rows.annotate(**columns)
    for row in summed:
        days[row["label"]] = row["day"]
        values = {name: row[f"sum_{name}"] for name in MEASURES}
        total.add(row["label"], values)
        for key in _keys(place, row["unit_id"], row["keeper_id"], by_keeper):
            grouped[key].add(row["label"], values)
    return days


def _add_tiers(
    reach: Reach, place: Place | None, retail: Retail, days: Mapping[str, date], grouped: dict[Key, Sums],
    total: Sums, by_keeper: bool,
) -> None:  # fmt: skip
    """Tiers are set once a month: each day is compared by its month, the day before not at all."""
    months: dict[date, list[str]] = defaultdict(list)
    for label, day in days.items():
        if label != "yesterday":
            months[day.replace(day=1)].append(label)
    wanted = UnitTier.objects.filter(month__in=months, kind__in=retail.kinds)
    rows = rows_at(wanted, reach, place).values("month", "unit_id", "keeper_id", "tier_rank")
    for row in rows.annotate(n=Sum("customers")):
        for label in months[row["month"]]:
            total.add_tier(label, row["tier_rank"], row["n"])
            for key in _keys(place, row["unit_id"], row["keeper_id"], by_keeper):
                grouped[key].add_tier(label, row["tier_rank"], row["n"])


def _rows(place: Place | None, grouped: Mapping[Key, Sums], nobody: str) -> Iterable[Row]:
    """Unit by unit, each with its keepers by staff number, those without a keeper last."""
    staff = Staff.objects.in_bulk({keeper for _unit, keeper in grouped if keeper})
    units = _units(place, {unit for unit, _keeper in grouped if unit})
    for unit in units:
        if (unit.pk, None) in grouped:
            direct = place is not None and unit == place.unit
            label = gettext("Directly at %(unit)s") % {"unit": unit.name} if direct else unit.name
            yield Row(label, unit, None, True, grouped[unit.pk, None])
        under = [keeper for at, keeper in grouped if at == unit.pk and keeper is not None]
        for keeper in sorted(under, key=lambda key: (key == NOBODY, _number(staff, key))):
            person = staff.get(keeper)
            yield Row(person.name if person else nobody, unit, person, False, grouped[unit.pk, keeper])


def _number(staff: Mapping[int, Staff], keeper: int) -> str:
    return staff[keeper].staff_no if keeper in staff else ""


def _units(place: Place | None, wanted: set[int]) -> list[Unit]:
    if place is None:
        return list(Unit.objects.filter(pk__in=wanted).order_by("unit_no"))
    return [unit for unit in (*place.children, place.unit) if unit.pk in wanted]
