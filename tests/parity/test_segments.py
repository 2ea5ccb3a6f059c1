"""A segment's condition finds the same customers on both engines: every way of asking, its opposite, nested ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.insight.segments.rules import ASKED, DAY, SCHEMES, UNITS, VILLAGES, fulfils

from guanxi.insight.segments import Context, Fact, Group, Kind, Leaf, Not, Rule, expression
from guanxi.insight.segments.facts import WIDE
from guanxi.insight.segments.rule import ASKS, COUNTED_IN_DAYS
from guanxi.insight.tables import TABLES

TYPES = dict(TABLES[WIDE].columns)
COLUMNS = sorted({column for fact in ASKED for column in fact.columns})
AMOUNTS = tuple(map(Decimal, ("-0.01", "0.00", "0.01", "9999999999999999.99")))
VALUES: dict[str, tuple[Any, ...]] = {
    "INTEGER": (None, -1, 0, 2, 3),
    "BIGINT": (None, -1, 0, 2, 3),
    "DECIMAL(18,2)": (None, *AMOUNTS),
    "DATE": (None, *(DAY + timedelta(days=away) for away in (-31, -30, 0, 1, 30))),
    "BOOLEAN": (None, True, False),
}
NAMED: dict[str, tuple[Any, ...]] = {
    "village": (None, *VILLAGES),
    "unit_no": (None, "B1", "O1", "O3"),
    "tier_scheme": (None, *SCHEMES),
    "sex": (None, "male", "female"),
    "stage": (None, "mature", "lost"),
}


def rows() -> list[list[Any]]:
    """Forty rows in which each column runs through its values at a pace of its own."""
    turning = {name: itertools.cycle(NAMED.get(name) or VALUES[TYPES[name]]) for name in COLUMNS}
    for pace, values in enumerate(turning.values()):
        list(itertools.islice(values, pace))
    return [[place, *(next(turning[name]) for name in COLUMNS)] for place in range(40)]


def conditions() -> Iterator[Leaf]:
    """Every fact asked in every way."""
    asked: dict[Kind, tuple[Any, ...]] = {
        Kind.TEXT: VILLAGES,
        Kind.UNIT: ("B1", "O9"),
        Kind.TIER: ("person.2", "company_small.3"),
        Kind.NUMBER: (0, 2),
        Kind.MONEY: (AMOUNTS[1], AMOUNTS[2]),
        Kind.DAY: (DAY - timedelta(days=30), DAY),
    }

    def values(fact: Fact, asks: str) -> tuple[Any, ...]:
        return (30,) if asks in COUNTED_IN_DAYS else asked.get(fact.kind, tuple(fact.values))

    for fact in ASKED:
        for asks, (_least, most) in ASKS[fact.kind].items():
            yield Leaf(fact.code, asks, values(fact, asks)[:most])


def rules() -> list[Rule]:
    """Each condition, its opposite, and neighbours joined by all and any below an opposite."""
    leaves = list(conditions())
    pairs = list(zip(leaves, leaves[7:], strict=False))
    joined = [Group("all", pair) for pair in pairs] + [
        Not(Group("any", (one, Not(two)))) for one, two in pairs
    ]
    return [*leaves, *map(Not, leaves), *joined]


def test_both_engines_find_the_customers_that_plain_python_finds(spark, duck) -> None:
    asked, context = rules(), Context(DAY, UNITS)
    columns = (("place", "INTEGER"), *((name, TYPES[name]) for name in COLUMNS))
    marks = ", ".join(
        f"CASE WHEN {expression(rule, context).sql('duckdb')} THEN 1 ELSE 0 END AS c{at}"
        for at, rule in enumerate(asked)
    )
    found = {}
    for engine in (duck, spark):
        engine.name_rows("run.asked_fact", columns, rows())
        found[engine.name] = engine.rows(f"SELECT {marks} FROM run.asked_fact ORDER BY place")
    people = [dict(zip(("place", *COLUMNS), row, strict=True)) for row in rows()]
    expected = [tuple(int(fulfils(rule, person)) for rule in asked) for person in people]
    for name, answers in found.items():
        wrong = [
            (person["place"], asked[at])
            for person, row, right in zip(people, answers, expected, strict=True)
            for at in range(len(asked))
            if row[at] != right[at]
        ]
        assert wrong == [], f"{name}: {len(wrong)} differ, first {wrong[:1]}"
