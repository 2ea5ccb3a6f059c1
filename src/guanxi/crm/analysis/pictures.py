"""What the workbench's pages are told: the views with their words, a result as table and chart, a result as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.analysis.models import Asked, AskedState
from guanxi.crm.scores.runs.words import TABLES as TABLE_WORDS
from guanxi.insight.workbench.question import Kind
from guanxi.insight.workbench.views import KNOWN, How, View, views
from guanxi.lake.asking import Answer
from guanxi.web.lists import Column

MOST_BARS, MOST_POINTS, MOST_SERIES, MOST_NAMES = 40, 200, 3, 2
UNCOUNTED = frozenset({"party_key", "account_no", "since_year"})  # numbers that nobody adds up
FAMILIES: dict[str, Promise] = {
    "core": _("Customers and accounts"),
    "feature": _("Facts by month"),
    "score": _("Judgements by month"),
    "report": _("Sums by outlet"),
    "ops": _("What people did"),
}
OTHER_WORDS: dict[str, Promise] = {
    "ops.campaign": _("Campaigns"),
    "ops.contact": _("Contacts logged"),
    "ops.case": _("Retention cases"),
}
HOWS: dict[How, Promise] = {
    How.PARTY: _("pseudonym"),
    How.ACCOUNT: _("pseudonym"),
    How.MONTH: _("first of the month"),
    How.FEW: _("empty below the smallest group"),
}
STATES: dict[str, tuple[Any, str]] = {
    AskedState.RUNNING: (AskedState.RUNNING.label, "accent"),
    AskedState.DONE: (AskedState.DONE.label, "green"),
    AskedState.STOPPED: (AskedState.STOPPED.label, "grey"),
    AskedState.TOO_LONG: (AskedState.TOO_LONG.label, "amber"),
    AskedState.FAILED: (AskedState.FAILED.label, "red"),
}
KINDS: dict[str, Promise] = {
    Kind.GROUPS: _("Groups of customers"),
    Kind.ROWS: _("Rows of single customers"),
    Kind.SUMS: _("Published sums"),
}
FAILURES: dict[str, Promise] = {
    "out_of_memory": _("It needed more memory than one question may have: ask for less at once."),
    "lost": _("Its process ended without an answer: ask again."),
}


@dataclass(frozen=True)
class Shelf:
    """The views of one family as the page lists them: (view, its name in words, columns with what was done)."""

    name: Any
    views: list[tuple[View, Any, list[tuple[str, str, Any]]]]


def shelves() -> list[Shelf]:
    """Every published view by family."""
    found = []
    for family, words in FAMILIES.items():
        inside = [view for view in views().values() if view.schema == family]
        found.append(Shelf(words, [(view, name_of(view.name), _columns(view)) for view in inside]))
    return found


def name_of(view: str) -> Any:
    """What a view is called."""
    return TABLE_WORDS.get(view) or OTHER_WORDS.get(view) or view


def _columns(view: View) -> list[tuple[str, str, Any]]:
    coarse = _("coarsened") if view.name == "core.party" else ""
    return [
        (
            column.name,
            column.kind,
            HOWS.get(column.how) or (coarse if column.name in KNOWN and view.name == "core.party" else ""),
        )
        for column in view.columns
    ]


def failure(asked: Asked) -> Any:
    """Why it failed, in words; the database's own words where we have none."""
    return FAILURES.get(asked.message) or asked.message


def table(answer: Answer) -> list[list[tuple[str, str | None]]]:
    """The rows as (kind of cell, words)."""
    return [
        [(kind, _said(name, kind, value)) for (name, kind), value in zip(answer.columns, row, strict=True)]
        for row in answer.rows
    ]


def _said(name: str, kind: str, value: str | None) -> str | None:
    if value is None or kind in ("text", "day") or name in UNCOUNTED:
        return value
    number = Decimal(value)
    if not number.is_finite():
        return value
    return f"{number:,f}" if kind == "number" else f"{round(number, 4).normalize():,f}"


def chart(answer: Answer) -> tuple[str, dict[str, Any]] | None:
    """A simple chart where it fits: the leading words name, numbers after them are drawn; None where it does not."""
    kinds = [kind for _name, kind in answer.columns]
    naming = next((at for at, kind in enumerate(kinds) if at and kind in ("number", "decimal")), 0)
    if not 1 <= naming <= MOST_NAMES or not 2 <= len(answer.rows) <= MOST_POINTS:
        return None
    names = [" · ".join(_category(value) for value in row[:naming]) for row in answer.rows]
    lines = kinds[:naming] == ["day"]
    if len(set(names)) < len(names) or (not lines and len(names) > MOST_BARS):
        return None
    drawn = [at for at, kind in enumerate(kinds) if at >= naming and kind in ("number", "decimal")]
    series = [
        {"name": answer.columns[at][0], "values": [_number(row[at]) for row in answer.rows]}
        for at in _alike(answer, drawn)[:MOST_SERIES]
    ]
    return ("line" if lines else "rows", {"categories": names, "series": series})


def _alike(answer: Answer, drawn: Sequence[int]) -> list[int]:
    """Columns of the first one's size: a count beside an amount in yuan would be a line on the floor."""

    def most(at: int) -> float:
        return max((abs(_number(row[at]) or 0) for row in answer.rows), default=0) or 1

    first = most(drawn[0])
    return [at for at in drawn if 0.02 <= most(at) / first <= 50]


def _category(value: str | None) -> str:
    return "—" if value is None else value[:40]


def _number(value: str | None) -> float | None:
    return None if value is None else float(value)


def sheet(answer: Answer) -> tuple[list[Column], list[list[Any]]]:
    """Columns and typed rows for a workbook."""
    kinds = {"number": "number", "decimal": "decimal", "day": "day", "text": "text"}
    columns = [
        Column(f"c{at}", name, kinds[kind])  # type: ignore[arg-type]  # the four are kinds of a list
        for at, (name, kind) in enumerate(answer.columns)
    ]
    rows = [
        [_typed(kind, value) for (_name, kind), value in zip(answer.columns, row, strict=True)]
        for row in answer.rows
    ]
    return columns, rows


def _typed(kind: str, value: str | None) -> Any:
    if value is None or kind == "text":
        return value
    if kind == "day":
        return date.fromisoformat(value[:10])
    return int(value) if kind == "number" else Decimal(value)
