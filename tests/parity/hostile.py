"""Hostile rows of every table a step reads, made from the declared shapes alone, so that a new step needs no new data.

Words are those that the steps and the policies themselves compare a column with; keys come from small sets, so that
joins meet; amounts, rates and days are the ones that have broken something before: nothing, nought, less than nought,
half a fen, 200 million, lines of bands, ends of months, 29 February. The month is February 2024.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sqlglot import exp, parse_one

from guanxi.insight.months import (
    MONTH_COLUMNS,
    REFERENCE_DAY_COLUMNS,
    RunMonth,
    months_between,
    reference_days,
)
from guanxi.insight.policies import KINDS, load_policy
from guanxi.insight.policies.base import PolicyTable
from guanxi.insight.tables import TABLES, Table
from guanxi.insight.way import Step, the_way

MONTH, PREVIOUS, FIRST = date(2024, 2, 1), date(2024, 1, 1), date(2022, 2, 1)
# By seed: rows of a table, and how many keys they share. Ten rows meet in every way but seldom in five joins at once.
SIZES = {1: (10, 5), 2: (60, 12)}
DAYS = (
    date(1899, 12, 31), date(1958, 6, 30), date(2000, 2, 29), date(2023, 2, 28), date(2023, 8, 31),
    date(2023, 12, 31), date(2024, 1, 31), MONTH, date(2024, 2, 2), date(2024, 2, 28), date(2024, 2, 29),
    date(2024, 3, 1), date(2026, 2, 28),
)  # fmt: skip
DAYS_OF_MONTH = (MONTH, date(2024, 2, 2), date(2024, 2, 14), date(2024, 2, 28), date(2024, 2, 29))
MONEY = tuple(
    Decimal(text)
    for text in (
        "0", "0.01", "-0.01", "0.05", "1.01", "-5.55", "49999.99", "50000", "199999.99", "200000", "100000.05",
        "-123456.78", "200000000.00", "199999999.99", "-200000000.01", "6000000",
    )
)  # fmt: skip
SHARES = tuple(Decimal(text) for text in ("0", "0.33333333", "0.5", "0.37", "0.00000001", "1"))
RATES = tuple(Decimal(text) for text in ("0", "0.0425", "7.12345678", "0.00000001", "0.5", "0.005"))
COUNTS = (0, 1, 2, 3, 5, 7, 12, 29, 31)
DOUBLES = (0.0, 1.0, 33.333333333333336, 0.1, 99.99999999999999, -2.5)
# Numbers of what; all others are customers': other_no, paid_by_no, left_no.
NUMBERED = (
    ("account", "A"),
    ("card", "A"),
    ("unit", "U"),
    ("parent", "U"),
    ("staff", "S"),
    ("keeper", "S"),
    ("product", "P"),
)
TABLE_NAME = re.compile(r"(?P<how>prev|past)\.(?P<family>[a-z]+)_(?P<noun>.+)")


@cache
def policies() -> Mapping[str, PolicyTable]:
    """The tables of every policy the demo bank starts with."""
    folder = Path(__file__).parents[2] / "banks" / "demo" / "policies"
    found: dict[str, PolicyTable] = {}
    for file in sorted(folder.glob("*.toml")):
        if file.stem in KINDS:
            found |= load_policy(file.stem, tomllib.loads(file.read_text(encoding="utf8"))).tables()
    return found


@cache
def words() -> Mapping[str, tuple[str, ...]]:
    """For each column name the texts it is compared with, in any step, and those the policies list under that name."""
    found: dict[str, set[str]] = {}
    for step in the_way():
        if step.sql:
            for column, word in _compared(parse_one(step.sql, dialect="duckdb")):
                found.setdefault(column, set()).add(word)
    for table in policies().values():
        for place, (column, kind) in enumerate(table.columns):
            if kind == "VARCHAR":
                found.setdefault(column, set()).update(str(row[place]) for row in table.rows if row[place])
    found.setdefault("currency", set()).update(("CNY", "USD"))
    return {column: tuple(sorted(said)) for column, said in found.items()}


def _compared(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        column = node.this
        values = node.expressions if isinstance(node, exp.In) else [node.expression]
        if isinstance(column, exp.Column):
            yield from ((column.name, value.name) for value in values if isinstance(value, exp.Literal))
    for case in tree.find_all(exp.Case):
        if isinstance(case.this, exp.Column):
            yield from ((case.this.name, branch.this.name) for branch in case.args["ifs"])


def inputs(step: Step) -> list[str]:
    """Every name a step reads, as its FROM says it."""
    tree = parse_one(step.sql, dialect="duckdb")
    return sorted({f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db})


def laid(name: str, seed: int) -> tuple[tuple[tuple[str, str], ...], list[tuple[Any, ...]]]:
    """Columns and rows of one input; the same name and seed give the same rows."""
    if name == "run.month":
        return MONTH_COLUMNS, [RunMonth(MONTH, DAYS_OF_MONTH[-1 - seed % 3], False, "CNY", "daily").row()]
    if name == "run.reference_day":
        return REFERENCE_DAY_COLUMNS, reference_days(DAYS_OF_MONTH[-1 - seed % 3])
    if name in policies():
        return policies()[name].columns, [tuple(row) for row in policies()[name].rows]
    over = TABLE_NAME.fullmatch(name)
    table = TABLES[f"{over['family']}.{over['noun']}" if over else name]
    dice = random.Random(f"{name} {seed}")  # noqa: S311 - rows made again from their seed, no secret
    return table.columns, _rows(table, over["how"] if over else "", dice, *SIZES[seed])


def _rows(table: Table, how: str, dice: random.Random, rows: int, keys: int) -> list[tuple[Any, ...]]:
    made: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for number in range(rows * (3 if how == "past" else 1)):
        row = {column: _value(table, column, kind, dice, number, how, keys) for column, kind in table.columns}
        if "customer_no" in row and "party_key" in row:
            row["party_key"] = int(row["customer_no"][1:])
        made[tuple(row[column] for column in table.grain)] = tuple(row.values())
    return list(made.values())


def _value(
    table: Table, column: str, kind: str, dice: random.Random, number: int, how: str, keys: int
) -> Any:
    if column not in (*table.grain, "customer_no", "bucket") and dice.random() < 0.15:
        return None
    if kind == "DATE":
        return _day(column, dice, how)
    if kind == "VARCHAR":
        return _word(column, dice, keys)
    if kind == "BOOLEAN":
        return dice.random() < 0.5
    if kind == "DOUBLE":
        return dice.choice(DOUBLES)
    if kind.startswith("DECIMAL"):
        return _decimal(kind, dice)
    if column in ("party_key", "other_key", "line"):
        return number + 1 if column == "line" else dice.randint(1, keys)
    return dice.randint(0, 255) if column == "bucket" else dice.choice(COUNTS)


def _day(column: str, dice: random.Random, how: str) -> date:
    if column == "month" and how == "past":
        return dice.choice(list(months_between(FIRST, MONTH))[-9:])
    if column == "month":
        return PREVIOUS if how == "prev" else MONTH
    return dice.choice(DAYS_OF_MONTH if column == "day" and how != "prev" else DAYS)


def _word(column: str, dice: random.Random, keys: int) -> str:
    if column in words():
        return dice.choice((*words()[column], "甲"))
    if column.endswith(("_no", "_code")):
        letter = next((letter for word, letter in NUMBERED if word in column), "C")
        return f"{letter}{dice.randint(1, keys)}"
    return dice.choice(("", "a", "B", "甲", "张三 "))


def _decimal(kind: str, dice: random.Random) -> Decimal:
    scale = int(kind.rstrip(")").split(",")[1])
    if scale == 2:
        return dice.choice(MONEY)
    return dice.choice(SHARES if kind == "DECIMAL(9,8)" else RATES)
