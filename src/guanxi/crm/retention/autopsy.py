"""The churn autopsy (流失剖析): reason × destination × amount, by tier and outlet, beside what the ledger says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.organisation.rules import Reach
from guanxi.crm.retention import selectors, words
from guanxi.crm.retention.models import CaseState
from guanxi.crm.retention.selectors import Cell, Span
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.policies.retention import RetentionPolicy
from guanxi.web.formats import count, money_words, percent
from guanxi.web.lists import Column, address

ENDED = (CaseState.LOST, CaseState.SAVED, CaseState.FALSE_ALARM)


def first_day(today: date, months: int) -> date:
    """The first day of the month so many months back, this one counted."""
    at = today.year * 12 + today.month - months
    return date(at // 12, at % 12 + 1, 1)


def report(
    reach: Reach,
    span: Span,
    ending: str,
    policy: RetentionPolicy | None,
    names: TierNames,
    query: Mapping[str, str],
) -> dict[str, Any]:
    """All the page shows; a row leads to its cases. Four queries."""
    cells = selectors.autopsy(reach, span, ending=ending, by=("reason", "place"))
    sums = selectors.endings(reach, span)
    return {
        "cells": [_cell(cell, policy, query) for cell in cells],
        "cell_columns": cell_columns(),
        "matrix": _matrix(cells, policy),
        "finding": _finding(cells, policy),
        "tiers": _tiers(selectors.autopsy(reach, span, ending=ending, by=("tier_scheme", "tier_rank")), names, query),
        "units": _units(selectors.autopsy(reach, span, ending=ending, by=("unit__name", "unit__unit_no")), query),
        "sums": {state: sums.get(state, dict.fromkeys(selectors.ENDING_FIGURES, 0)) for state in ENDED},
        "tabs": [
            (str(state.label), address(query, ending=state.value), state == ending, sums.get(state, {}).get("cases", 0))
            for state in ENDED
        ],
    }  # fmt: skip


def cell_columns() -> list[Column]:
    """Reason, destination, cases, amount."""
    return [
        Column("reason", _("Cause"), "name"),
        Column("place", _("Destination"), "text"),
        Column("cases", _("Cases"), "number"),
        Column("amount", _("Amount"), "money"),
    ]


def group_columns(label: str) -> list[Column]:
    """A tier or outlet, cases, amount."""
    return [
        Column("group", label, "name"),
        Column("cases", _("Cases"), "number"),
        Column("amount", _("Amount"), "money"),
    ]


def _drill(query: Mapping[str, str], **told: str) -> str:
    kept = {name: value for name, value in query.items() if name in {"first", "last", "ending"}}
    return address(kept, **told)


def _cell(cell: Cell, policy: RetentionPolicy | None, query: Mapping[str, str]) -> dict[str, Any]:
    return {
        "values": [
            words.reason_label(policy, cell["reason"]), words.place_label(policy, cell["place"]), cell["cases"],
            int(cell["fen"]),
        ],
        "href": _drill(query, reason=cell["reason"], place=cell["place"]),
    }  # fmt: skip


def _matrix(cells: Sequence[Cell], policy: RetentionPolicy | None) -> dict[str, Any] | None:
    """Amounts by reason and destination, the most money first both ways; None without any case."""
    if not cells:
        return None
    reasons = list(dict.fromkeys(cell["reason"] for cell in cells))
    places = list(dict.fromkeys(cell["place"] for cell in cells))
    fen = {(cell["reason"], cell["place"]): int(cell["fen"]) for cell in cells}
    number = {(cell["reason"], cell["place"]): cell["cases"] for cell in cells}
    return {
        "rows": [words.reason_label(policy, code) for code in reasons],
        "columns": [words.place_label(policy, code) for code in places],
        "cells": [[fen.get((row, column)) for column in places] for row in reasons],
        "extra": {
            "name": _("Cases"), "unit": "count",
            "cells": [[number.get((row, column)) for column in places] for row in reasons],
        },
        "row_name": _("Cause"),
        "column_name": _("Destination"),
    }  # fmt: skip


def _finding(cells: Sequence[Cell], policy: RetentionPolicy | None) -> str:
    """The largest pair of reason and destination in a sentence; empty without any case."""
    total = sum(int(cell["fen"]) for cell in cells)
    if not cells or not total:
        return ""
    first = cells[0]
    told = {
        "reason": words.reason_label(policy, first["reason"]),
        "place": words.place_label(policy, first["place"]),
        "cases": count(first["cases"]),
        "amount": money_words(int(first["fen"]), words.language()),
        "share": percent(int(first["fen"]) / total),
    }
    return (
        _("Most money: %(reason)s → %(place)s, %(cases)s cases with %(amount)s, %(share)s of it all.") % told
    )


def _tiers(rows: Sequence[Cell], names: TierNames, query: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "values": [names.label(row["tier_scheme"], row["tier_rank"]), row["cases"], int(row["fen"])],
            "href": _drill(query, tier=_tier_key(row["tier_scheme"], row["tier_rank"])),
        }
        for row in rows
    ]  # fmt: skip


def _tier_key(scheme: str | None, rank: int | None) -> str:
    return f"{scheme or ''}.{'' if rank is None else rank}"


def _units(rows: Sequence[Cell], query: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "values": [row["unit__name"], row["cases"], int(row["fen"])],
            "href": _drill(query, unit=row["unit__unit_no"]),
        }
        for row in rows
    ]
