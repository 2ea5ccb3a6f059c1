"""Rules at random, and what they mean said a second time in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from guanxi.insight.segments.facts import BY_CODE, Fact, Kind
from guanxi.insight.segments.rule import ASKS, COUNTED_IN_DAYS, Group, Leaf, Not, Rule

DAY = date(2026, 10, 31)
UNITS = {"B1": ("B1", "O1", "O2"), "O1": ("O1",), "O2": ("O2",), "O3": ("O3",)}
ASKED = tuple(
    BY_CODE[code]
    for code in (
        *("sex", "stage", "village", "unit_no", "tier", "age", "aum", "aum_change_1m", "since", "matures_on"),
        *("tier_watch", "products", "channels", "salary_on", "log_in_on", "tier_months"),
    )
)
VILLAGES = ("东村", "O'Brien", 'a"b', "a\\b", "%_", "-- x", "; DROP TABLE facts", "two words")
SCHEMES = ("person", "company_small")


def fulfils(rule: Rule, row: Mapping[str, Any]) -> bool:
    """The oracle: what is unknown fulfils nothing."""
    if isinstance(rule, Not):
        return not fulfils(rule.part, row)
    if isinstance(rule, Group):
        return (all if rule.joins == "all" else any)(fulfils(part, row) for part in rule.parts)
    fact, asks, values = BY_CODE[rule.fact], rule.asks, rule.values
    if fact.kind is Kind.SET:
        return (all if asks == "all_of" else any)(bool(row[fact.members[value]]) for value in values)
    if fact.kind is Kind.TIER:
        held = (row["tier_scheme"], row["tier_rank"])
        asked = [(value.split(".")[0], int(value.split(".")[1])) for value in values]
        if asks == "missing":
            return held[1] is None
        compare = {
            "one_of": held.__eq__,
            "at_least": lambda a: held[1] >= a[1],
            "at_most": lambda a: held[1] <= a[1],
        }
        return any(None not in held and held[0] == one[0] and compare[asks](one) for one in asked)
    found = row[fact.code]
    if asks in ("missing", "never") or found is None:
        return found is None and asks in ("missing", "never", "not_done")
    ago = (DAY - found).days if asks in COUNTED_IN_DAYS else 0
    return {
        "one_of": lambda: found in values,
        "within": lambda: any(found in UNITS.get(value, ()) for value in values),
        "yes": lambda: found, "no": lambda: not found,
        "at_least": lambda: found >= values[0], "at_most": lambda: found <= values[0],
        "before": lambda: found < values[0], "after": lambda: found > values[0],
        "between": lambda: values[0] <= found <= values[1],
        "last_days": lambda: 0 <= ago <= values[0], "done": lambda: 0 <= ago <= values[0],
        "not_done": lambda: not 0 <= ago <= values[0], "next_days": lambda: 0 <= -ago <= values[0],
    }[asks]()  # fmt: skip


numbers = st.integers(-3, 6)
amounts = st.decimals(Decimal("-2.00"), Decimal("2.00"), places=2)
days = st.integers(-40, 40).map(lambda away: DAY + timedelta(days=away))
tiers = st.tuples(st.sampled_from(SCHEMES), st.integers(1, 4)).map(lambda pair: f"{pair[0]}.{pair[1]}")
OF_KIND = {
    Kind.TEXT: st.sampled_from(VILLAGES),
    Kind.UNIT: st.sampled_from([*UNITS, "O9"]),
    Kind.TIER: tiers,
    Kind.NUMBER: numbers,
    Kind.MONEY: amounts,
    Kind.DAY: days,
}


def values_of(fact: Fact, asks: str) -> st.SearchStrategy[Any]:
    if asks in COUNTED_IN_DAYS:
        return st.integers(0, 40)
    return st.sampled_from(sorted(fact.values)) if fact.values else OF_KIND.get(fact.kind, st.none())


@st.composite
def conditions(draw: st.DrawFn) -> Leaf:
    fact = draw(st.sampled_from(ASKED))
    asks, (least, most) = draw(st.sampled_from(sorted(ASKS[fact.kind].items())))
    listed = draw(st.lists(values_of(fact, asks), min_size=least, max_size=min(most, 3)))
    return Leaf(fact.code, asks, tuple(sorted(listed) if asks == "between" else listed))


def grown(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    joined = st.builds(
        Group, st.sampled_from(("all", "any")), st.lists(parts, min_size=1, max_size=3).map(tuple)
    )
    return joined | st.builds(Not, parts)


def levels(rule: Rule) -> int:
    if isinstance(rule, Leaf):
        return 1
    return 1 + max(levels(part) for part in ((rule.part,) if isinstance(rule, Not) else rule.parts))


rules = st.recursive(conditions(), grown, max_leaves=8).filter(lambda rule: levels(rule) <= 6)


def column_values(column: str, kind: str) -> st.SearchStrategy[Any]:
    """Small ranges, so that rows meet the values that rules ask for; unknown among them."""
    named = {
        "village": st.sampled_from(VILLAGES),
        "unit_no": st.sampled_from(["B1", "O1", "O2", "O3"]),
        "tier_scheme": st.sampled_from(SCHEMES),
        "sex": st.sampled_from(("male", "female")),
        "stage": st.sampled_from(sorted(BY_CODE["stage"].values)),
    }
    typed = {
        "INTEGER": numbers,
        "BIGINT": numbers,
        "DECIMAL(18,2)": amounts,
        "DATE": days,
        "BOOLEAN": st.booleans(),
    }
    found = named[column] if column in named else typed[kind]
    return st.none() | found
