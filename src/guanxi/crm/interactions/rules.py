"""Promises and intents as plain rules: what may become of a promise, where an intent stands. No database, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """Where an intent stands: 意向 → 约定 → 系统核实成交, or past its window without a deal."""

    INTENT = "intent"
    AGREED = "agreed"
    DEAL = "deal"
    LAPSED = "lapsed"


_MOVES = {
    "open": frozenset({"kept", "broken", "withdrawn"}),
    "broken": frozenset({"kept", "withdrawn"}),  # kept late, or given up: it stays counted as broken once
    "kept": frozenset(),
    "withdrawn": frozenset(),
}


def may_move(state: str, to: str) -> bool:
    """Whether a promise in this state may take that one; kept and withdrawn are the end."""
    return to in _MOVES.get(state, frozenset())


def breaks_on(due_on: date, grace_days: int) -> date:
    """The first day on which a promise still open counts as broken."""
    return due_on + timedelta(days=grace_days + 1)


def is_broken(state: str, due_on: date, today: date, grace_days: int) -> bool:
    """Whether an open promise has gone past its day and its grace; what the night has marked is broken too."""
    return state == "broken" or (state == "open" and today >= breaks_on(due_on, grace_days))


def stage_of(*, deal: bool, promised: bool, day: date, today: date, match_days: int) -> Stage:
    """Where an intent of that day stands today."""
    if deal:
        return Stage.DEAL
    if today > day + timedelta(days=match_days):
        return Stage.LAPSED
    return Stage.AGREED if promised else Stage.INTENT
