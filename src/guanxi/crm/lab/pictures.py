"""A simulation as its page shows it: the sentence, the matrix, the groups, the loads, the months. Money in fen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.crm.lab import words
from guanxi.crm.lab.models import Simulation
from guanxi.web import formats
from guanxi.web.lists import Column

Cell = Sequence[Any]
WAYS = ("up", "down", "in", "out", "same")
MOST_LOADS = 15
_MOVED: Mapping[str, Promise] = {
    "tier": gettext_lazy("In %(month)s %(up)s customers would stand higher and %(down)s lower."),
    "scope": gettext_lazy(
        "In %(month)s %(up)s customers would come into managed scope and %(down)s leave it."
    ),
    "value": gettext_lazy(
        "In %(month)s %(up)s customers would rank in a higher tenth and %(down)s in a lower one."
    ),
}


def way_of(before: int, after: int) -> str:
    """Which way somebody goes; the same as guanxi.pipeline.lab.figures says."""
    if before == after:
        return "same"
    if words.NONE in (before, after):
        return "in" if before == words.NONE else "out"
    return "up" if after > before else "down"


@dataclass(frozen=True)
class Sums:
    """Customers with their AUM and 12 months' contribution."""

    customers: int = 0
    aum: int = 0
    contribution: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(
            self.customers + other.customers, self.aum + other.aum, self.contribution + other.contribution
        )


@dataclass(frozen=True)
class Draft:
    """One draft of a finished simulation."""

    number: int
    name: str
    payload: Mapping[str, Any]
    figures: Mapping[str, Any]

    def ways(self, scheme: str | None = None) -> dict[str, Sums]:
        """Who goes which way, in one scheme or in all."""
        summed = dict.fromkeys(WAYS, Sums())
        for of, before, after, *cell in self.figures["moves"]:
            if scheme in (None, of):
                summed[way_of(before, after)] += Sums(*cell)
        return summed

    @property
    def minutes(self) -> tuple[int, int]:
        """Minutes a month of all keepers, before and after."""
        return sum(row[4] for row in self.figures["load"]), sum(row[5] for row in self.figures["load"])


def drafts_of(simulation: Simulation) -> list[Draft]:
    """The drafts of a finished simulation with their figures."""
    told = zip(simulation.drafts, simulation.result["drafts"], strict=True)
    return [
        Draft(number, draft["name"], draft["payload"], found) for number, (draft, found) in enumerate(told)
    ]


def schemes_of(simulation: Simulation) -> list[str]:
    """Schemes (or segments) with customers, the one with the most money first."""
    money: dict[str, int] = defaultdict(int)
    for found in simulation.result["drafts"]:
        for scheme, _before, _after, customers, aum, _contribution in found["moves"]:
            money[scheme] += aum * 1_000 + customers
    return sorted(money, key=lambda scheme: (-money[scheme], scheme))


def verdict(simulation: Simulation, draft: Draft) -> str:
    """What the draft would do, in one sentence."""
    ways = draft.ways()
    up, down = ways["up"] + ways["in"], ways["down"] + ways["out"]
    told = {
        "up": formats.count(up.customers),
        "down": formats.count(down.customers),
        "aum": _money(down.aum),
        "contribution": _money(down.contribution),
        "month": formats.month(simulation.month),
    }
    if not up.customers and not down.customers:
        return _("In %(month)s nobody would stand elsewhere.") % told
    moved = _MOVED[simulation.kind] % told
    if not down.customers:
        return str(moved)
    at_stake = _("The latter hold %(aum)s and brought %(contribution)s in 12 months.") % told
    return f"{moved} {at_stake}" if (get_language() or "zh").startswith("en") else f"{moved}{at_stake}"


def _money(fen: int) -> str:
    return formats.money_words(fen, get_language() or "zh")


def matrix(simulation: Simulation, draft: Draft, scheme: str) -> dict[str, Any]:
    """From the standing under what counts (rows) to that under the draft, with AUM beside."""
    old = words.Standings(simulation.kind, simulation.active_version.payload)
    new = words.Standings(simulation.kind, draft.payload)
    found = {(row[1], row[2]): row[3:] for row in draft.figures["moves"] if row[0] == scheme}
    rows = _in_order({before for before, _after in found} | set(old.ranks(scheme)))
    columns = _in_order({after for _before, after in found} | set(new.ranks(scheme)))
    return {
        "rows": [old.label(scheme, rank) for rank in rows],
        "columns": [new.label(scheme, rank) for rank in columns],
        "cells": [[found.get((a, b), (0, 0, 0))[0] for b in columns] for a in rows],
        "extra": {
            "name": _("AUM"),
            "unit": "money",
            "cells": [[found.get((a, b), (0, 0, 0))[1] for b in columns] for a in rows],
        },
        "row_name": _("What counts now"),
        "column_name": draft.name,
    }


def _in_order(ranks: Iterable[int]) -> list[int]:
    return sorted(set(ranks))


# --- drafts side by side


def comparison_columns(drafts: Sequence[Draft]) -> list[Column]:
    """A column a draft."""
    return [Column("what", _("Figure"), "name"), *(Column(f"d{one.number}", one.name) for one in drafts)]


def comparison(simulation: Simulation, drafts: Sequence[Draft]) -> list[list[str]]:
    """The figures that decide, one row each, a column a draft."""
    ways = [one.ways() for one in drafts]
    lines: list[list[str]] = [
        [_("Stand higher"), *(formats.count((w["up"] + w["in"]).customers) for w in ways)],
        [_("Stand lower"), *(formats.count((w["down"] + w["out"]).customers) for w in ways)],
        [_("AUM of those lower"), *(_money((w["down"] + w["out"]).aum) for w in ways)],
        [
            _("What those lower brought in 12 months"),
            *(_money((w["down"] + w["out"]).contribution) for w in ways),
        ],
    ]
    if simulation.kind != "value":
        lines.append([_("Keepers' minutes a month"), *(_minutes(one) for one in drafts)])
        lines.append([_("Customers served"), *(_arrow(_served(one, 2), _served(one, 3)) for one in drafts)])
    if simulation.kind == "value":
        lines += _orders(drafts)
    active = simulation.result["active"]["months"]
    lines.append(
        [
            _("Changing a month, on average"),
            *(_arrow_percent(_mean(active, "moving_share"), _mean(one.figures["months"], "moving_share"))
              for one in drafts),
        ]
    )  # fmt: skip
    if simulation.kind != "value":
        lines.append(
            [
                _("Back where they were a month later"),
                *(_arrow(_total(active, "flips"), _total(one.figures["months"], "flips")) for one in drafts),
            ]
        )
    return lines


def _orders(drafts: Sequence[Draft]) -> list[list[str]]:
    """Kendall's tau of each segment, the largest segments first."""
    sizes: dict[str, int] = {}
    for one in drafts:
        for segment, compared, _tau in one.figures.get("order", []):
            sizes[segment] = max(sizes.get(segment, 0), compared)
    lines = []
    for segment in sorted(sizes, key=lambda name: (-sizes[name], name))[:4]:
        name = words.scheme_name("value", segment, {})
        taus = [next((row[2] for row in one.figures["order"] if row[0] == segment), None) for one in drafts]
        lines.append(
            [_("Order kept (Kendall's tau), %(who)s") % {"who": name}, *(formats.decimal(t, 3) for t in taus)]
        )
    return lines


def _served(draft: Draft, at: int) -> int:
    return sum(row[at] for row in draft.figures["load"])


def _minutes(draft: Draft) -> str:
    return _arrow(*draft.minutes)


def _arrow(before: int, after: int) -> str:
    return f"{formats.count(before)} → {formats.count(after)}"


def _arrow_percent(before: float | None, after: float | None) -> str:
    return f"{formats.percent(before, 2)} → {formats.percent(after, 2)}"


def _mean(months: Sequence[Mapping[str, Any]], name: str) -> float | None:
    known = [month[name] for month in months if month[name] is not None]
    return sum(known) / len(known) if known else None


def _total(months: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(month[name] or 0 for month in months)


# --- groups


def group_columns() -> list[Column]:
    """Who is affected, by age and by where they live."""
    return [
        Column("group", _("Group"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("up", _("Higher"), "number"),
        Column("down", _("Lower"), "number"),
        Column("share", _("Share lower"), "percent"),
        Column("aum", _("AUM of those lower"), "short"),
        Column("contribution", _("What they brought"), "short"),
    ]


def groups(draft: Draft) -> tuple[list[list[Any]], list[list[Any]]]:
    """Rows by age band and rows by area."""
    by_age: dict[str, dict[str, Sums]] = defaultdict(lambda: dict.fromkeys(WAYS, Sums()))
    by_area: dict[str, dict[str, Sums]] = defaultdict(lambda: dict.fromkeys(WAYS, Sums()))
    for area, age, way, *cell in draft.figures["groups"]:
        by_age[age][way] += Sums(*cell)
        by_area[area][way] += Sums(*cell)
    ages = [_group(age or _("not known"), by_age[age]) for age in sorted(by_age, key=lambda a: (not a, a))]
    areas = [
        _group(words.area_name(area), by_area[area]) for area in sorted(by_area, key=lambda a: (not a, a))
    ]
    return ages, areas


def _group(name: str, ways: Mapping[str, Sums]) -> list[Any]:
    everyone = sum(ways.values(), Sums())
    up, down = ways["up"] + ways["in"], ways["down"] + ways["out"]
    share = down.customers / everyone.customers if everyone.customers else None
    return [name, everyone.customers, up.customers, down.customers, share, down.aum, down.contribution]


# --- loads


@dataclass(frozen=True)
class Load:
    """What one keeper would have; `share` of his minutes that would be taken (None without a policy)."""

    unit: str
    keeper: str
    customers_before: int
    customers_after: int
    minutes_before: int
    minutes_after: int
    share: float | None


def loads(
    draft: Draft,
    *,
    units: Mapping[str, str],
    staff: Mapping[str, str],
    within: frozenset[str] | None,
    capacity: int | None,
) -> list[Load]:
    """Keepers (and customers without one) of the units within reach, the fullest first; `within` None: all units."""
    made = []
    for unit, keeper, *cell in draft.figures["load"]:
        if within is not None and unit not in within:
            continue
        share = cell[3] / capacity if capacity and keeper else None
        name = staff.get(keeper, keeper) if keeper else _("No keeper yet")
        made.append(Load(units.get(unit, unit), name, cell[0], cell[1], cell[2], cell[3], share))
    return sorted(made, key=lambda one: (-one.minutes_after, one.unit, one.keeper))


def load_columns() -> list[Column]:
    """Columns of the loads."""
    return [
        Column("keeper", _("Keeper"), "name"),
        Column("unit", _("Outlet")),
        Column("customers_before", _("Customers now"), "number"),
        Column("customers_after", _("Customers then"), "number"),
        Column("minutes_before", _("Minutes now"), "number"),
        Column("minutes_after", _("Minutes then"), "number"),
        Column("share", _("Of a keeper's time"), "percent"),
    ]


def load_chart(found: Sequence[Load]) -> dict[str, Any]:
    """The fullest keepers, now and then."""
    shown = found[:MOST_LOADS]
    return {
        "categories": [f"{one.keeper} · {one.unit}" for one in shown],
        "series": [
            {"name": _("Minutes now"), "code": "", "values": [one.minutes_before for one in shown]},
            {"name": _("Minutes then"), "code": "", "values": [one.minutes_after for one in shown]},
        ],
    }


# --- months


def moving_chart(simulation: Simulation, drafts: Sequence[Draft]) -> dict[str, Any]:
    """The share of customers whose standing changes in a month: what counts, beside each draft."""
    lines = [(_("What counts now"), simulation.result["active"]["months"])]
    lines += [(one.name, one.figures["months"]) for one in drafts]
    return {
        "categories": [month["month"][:7] for month in lines[0][1]],
        "series": [
            {"name": name, "code": "", "values": [month["moving_share"] for month in months]}
            for name, months in lines
        ],
    }


def managed_chart(simulation: Simulation, drafts: Sequence[Draft]) -> dict[str, Any]:
    """Customers whom the bank gives a keeper, month by month."""
    lines = [(_("What counts now"), simulation.active_version.payload, simulation.result["active"]["months"])]
    lines += [(one.name, one.payload, one.figures["months"]) for one in drafts]
    series = []
    for name, payload, months in lines:
        standings = words.Standings(simulation.kind, payload)
        values = [
            sum(row[2] for row in month["ranks"] if standings.managed(row[0], row[1])) for month in months
        ]
        series.append({"name": name, "code": "", "values": values})
    return {
        "categories": [month["month"][:7] for month in lines[0][2]],
        "series": series,
        "zero": False,
    }


def month_columns() -> list[Column]:
    """Columns of a draft's months."""
    return [
        Column("month", _("Month"), "month"),
        Column("up", _("Higher"), "number"),
        Column("down", _("Lower"), "number"),
        Column("in", _("Newly in"), "number"),
        Column("share", _("Changing"), "percent"),
        Column("flips", _("Back a month later"), "number"),
    ]


def month_rows(draft: Draft) -> list[list[Any]]:
    """A draft's months, the latest first."""
    return [
        [
            date.fromisoformat(month["month"]), month["up"], month["down"], month["in"], month["moving_share"],
            month["flips"],
        ]
        for month in reversed(draft.figures["months"])
    ]  # fmt: skip
