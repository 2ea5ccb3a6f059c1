"""What the workbench's pages are told: the views with their words, a result as table and chart, a result as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.analysis.models import Asked, AskedState
from guanxi.crm.scores.runs.words import TABLES as TABLE_WORDS
from guanxi.insight.workbench.question import Kind
from guanxi.insight.workbench.views import KNOWN, How, View, views
from guanxi.lake.asking import Answer
from guanxi.web.lists import Column

MOST_BARS, MOST_POINTS, MOST_SERIES = 40, 200, 3
WHOLE = Decimal(10) ** 6
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
    kinds = [kind for _name, kind in answer.columns]
    return [
        [(kind, _said(kind, value)) for kind, value in zip(kinds, row, strict=True)] for row in answer.rows
    ]


def _said(kind: str, value: str | None) -> str | None:
    if value is None or kind in ("text", "day"):
        return value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    if kind == "number":
        # A pseudonym is a number of 19 digits that nobody counts with.
        return value if abs(number) >= 10**15 else f"{number:,f}"
    return f"{round(number, 4):,f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:,f}"


def chart(answer: Answer) -> tuple[str, dict[str, Any]] | None:
    """A simple chart where it fits: the first column names, numbers after it are drawn; None where it does not."""
    if len(answer.columns) < 2 or not 2 <= len(answer.rows) <= MOST_POINTS:
        return None
    names = [_category(row[0]) for row in answer.rows]
    drawn = [at for at, (_name, kind) in enumerate(answer.columns) if at and kind in ("number", "decimal")]
    if not drawn or len(set(names)) < len(names):
        return None
    lines = answer.columns[0][1] == "day"
    if not lines and len(names) > MOST_BARS:
        return None
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
