"""What may follow what in this room, and who may do it. Plain values only."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from guanxi.crm.keeping.models import ExitState, HandOverState, OverrideState

EXIT_MOVES: Mapping[str, frozenset[str]] = {
    ExitState.PROPOSED: frozenset({ExitState.NOTICED, ExitState.KEPT, ExitState.DROPPED}),
    ExitState.NOTICED: frozenset({ExitState.APPEALED, ExitState.LEFT, ExitState.KEPT}),
    ExitState.APPEALED: frozenset({ExitState.NOTICED, ExitState.KEPT}),
}
"""Ends have no entry. From `noticed` to `kept`: the customer is back above the line before he left."""
HANDOVER_MOVES: Mapping[str, frozenset[str]] = {
    HandOverState.OPEN: frozenset({HandOverState.DRAWN, HandOverState.CANCELLED}),
    HandOverState.DRAWN: frozenset({HandOverState.GIVEN, HandOverState.CANCELLED}),
    HandOverState.GIVEN: frozenset({HandOverState.TAKEN, HandOverState.CANCELLED}),
    HandOverState.TAKEN: frozenset({HandOverState.DONE, HandOverState.CANCELLED}),
}
OVERRIDE_MOVES: Mapping[str, frozenset[str]] = {
    OverrideState.PROPOSED: frozenset(
        {OverrideState.APPROVED, OverrideState.REFUSED, OverrideState.WITHDRAWN}
    ),
    OverrideState.APPROVED: frozenset({OverrideState.ENDED}),
}
SIGNS: Mapping[str, tuple[str, str]] = {
    HandOverState.DRAWN: ("giver", HandOverState.GIVEN),
    HandOverState.GIVEN: ("taker", HandOverState.TAKEN),
    HandOverState.TAKEN: ("supervisor", HandOverState.DONE),
}
"""Whose signature a state waits for, and what it leads to: the order of signing."""


def may_move(moves: Mapping[str, frozenset[str]], old: str, new: str) -> bool:
    """Whether `new` may follow `old`."""
    return new in moves.get(old, frozenset())


def may_appeal(*, state: str, appealed_before: bool, decided_on: date | None, today: date, days: int) -> bool:
    """Whether the keeper may still appeal: once, and within so many days of the decision, that day included."""
    return (
        state == ExitState.NOTICED
        and not appealed_before
        and decided_on is not None
        and (today - decided_on).days <= days
    )


def quarter_start(day: date) -> date:
    """The first day of the calendar quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def exits_left(book: int, share: Decimal, already: int) -> int:
    """How many of a book may still be proposed in the quarter: the share of what it was at its beginning, rounded down.

    `book`: customers now, `already`: those that left it or are proposed in this quarter (they count into the beginning
    only when they have left, which the caller adds to `book`).
    """
    return max(int(book * share) - already, 0)


def frozen(content: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The content as plain JSON, and the SHA-256 of its text: what is kept and what proves it."""
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return json.loads(text), hashlib.sha256(text.encode()).hexdigest()


def is_untouched(content: Mapping[str, Any], digest: str) -> bool:
    """Whether a kept file is still the one that was signed."""
    return frozen(content)[1] == digest
