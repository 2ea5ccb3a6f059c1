"""The day's list (今日必办) from a person's tasks: ranked, cut to the day, the rest with why. Plain values in and out.

What its opener calls most urgent (3: an appointment, a customer about to leave) and is due by today comes first. Then
rank = money at stake × weight of urgency ÷ minutes, in exact fractions; ties go to the sooner due, then the earlier
task. The tasks of one customer are one row and take the time of the weightiest, or of a longer one due by today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from guanxi.insight.policies.worklist import HIGHEST_URGENCY, OriginRule, RoleDay, WorklistPolicy

BEYOND, SNOOZED, NOT_YET = "beyond", "snoozed", "not_yet"
FEN = 100


@dataclass(frozen=True)
class Item:
    """What ranking needs of a task; `party` None: about no customer."""

    key: int
    party: int | None
    origin: str
    due_on: date
    value_fen: int = 0
    urgency: int = 0
    minutes: int | None = None
    snoozed_until: date | None = None


@dataclass(frozen=True)
class Row:
    """One row: the tasks of a customer, the weightiest first; `why` (beyond, snoozed, not_yet) where it is not today's.

    `until`: the day it comes back, where it is known.
    """

    items: tuple[Item, ...]
    minutes: int
    why: str = ""
    until: date | None = None

    @property
    def first(self) -> Item:
        """The weightiest task, which gives the row its icon and its reason."""
        return self.items[0]

    @property
    def value_fen(self) -> int:
        """The most money that one of its tasks names: two warnings of one deposit are one deposit."""
        return max(item.value_fen for item in self.items)


@dataclass(frozen=True)
class Day:
    """A person's day: what is on, what is not with why, and how much of the day is used."""

    rows: tuple[Row, ...]
    rest: tuple[Row, ...]
    done: int
    done_minutes: int
    capacity: RoleDay

    @property
    def minutes_left(self) -> int:
        """Minutes that the rows of today still take."""
        return sum(row.minutes for row in self.rows)


def urgency_on(item: Item, today: date, policy: WorklistPolicy, rules: Mapping[str, OriginRule]) -> int:
    """0-3: the task's own, its origin's, or what the days left make of it, whichever is most."""
    days = (item.due_on - today).days
    steps = [step.urgency_level for step in policy.due_steps if days <= step.within_days]
    return max(item.urgency, rules[item.origin].urgency_level, *steps, 0)


def weight(item: Item, today: date, policy: WorklistPolicy, rules: Mapping[str, OriginRule]) -> Fraction:
    """Money at stake (fen, at least the policy's) × weight of urgency ÷ minutes."""
    rule = rules[item.origin]
    stake = max(Fraction(item.value_fen) * Fraction(rule.stake_share), Fraction(policy.least_stake) * FEN)
    urgency = policy.urgency_weights[urgency_on(item, today, policy, rules)]
    return stake * urgency.weight / minutes_of(item, rules)


def minutes_of(item: Item, rules: Mapping[str, OriginRule]) -> int:
    """The task's own minutes, else the usual ones of its origin."""
    return item.minutes or rules[item.origin].minutes_each


def why_not(item: Item, today: date, rules: Mapping[str, OriginRule]) -> tuple[str, date | None]:
    """Why a task cannot be today's, and when it comes back; ("", None) when it can."""
    if item.snoozed_until is not None and item.snoozed_until > today:
        return SNOOZED, item.snoozed_until
    shown_on = date.fromordinal(item.due_on.toordinal() - rules[item.origin].lead_days)
    return (NOT_YET, shown_on) if shown_on > today else ("", None)


def plan(
    items: Iterable[Item], today: date, policy: WorklistPolicy, capacity: RoleDay, *,
    done: int = 0, done_minutes: int = 0,
) -> Day:  # fmt: skip
    """The day's rows, best first, as many as fit into what is left of the day, and the rest with why.

    A row that no longer fits into the minutes is passed over, and a shorter one after it may still fit. The first row
    is always on: a day with one long thing is not an empty one.
    """
    rules = {rule.origin: rule for rule in policy.origins}
    ready, waiting = _parted(items, today, rules)
    rows = [_row(group, today, policy, rules) for group in _by_party(ready)]
    rows.sort(key=lambda row: _place(row.first, today, policy, rules))
    chosen, beyond = _cut(rows, capacity.tasks - done, capacity.minutes_a_day - done_minutes)
    rest = (*beyond, *_waiting_rows(waiting, policy, rules, today))
    return Day(tuple(chosen), rest, done, done_minutes, capacity)


def _cut(rows: Sequence[Row], tasks: int, minutes: int) -> tuple[list[Row], list[Row]]:
    chosen: list[Row] = []
    beyond: list[Row] = []
    for row in rows:
        fits = len(chosen) < tasks and (row.minutes <= minutes or (not chosen and minutes > 0))
        if fits:
            chosen.append(row)
            minutes -= row.minutes
        else:
            beyond.append(Row(row.items, row.minutes, BEYOND))
    return chosen, beyond


def _parted(
    items: Iterable[Item], today: date, rules: Mapping[str, OriginRule]
) -> tuple[list[Item], list[tuple[Item, str, date | None]]]:
    """Tasks that can be today's, and the others with why and until when."""
    ready: list[Item] = []
    waiting: list[tuple[Item, str, date | None]] = []
    for item in items:
        why, until = why_not(item, today, rules)
        if why:
            waiting.append((item, why, until))
        else:
            ready.append(item)
    return ready, waiting


def _by_party(items: Iterable[Item]) -> list[list[Item]]:
    """Tasks by customer; each task without one stands alone."""
    groups: dict[tuple[int, int], list[Item]] = {}
    for item in items:
        groups.setdefault((0, item.party) if item.party is not None else (1, item.key), []).append(item)
    return list(groups.values())


def _place(
    item: Item, today: date, policy: WorklistPolicy, rules: Mapping[str, OriginRule]
) -> tuple[bool, Fraction, date, int]:
    waits = item.urgency < HIGHEST_URGENCY or item.due_on > today
    return waits, -weight(item, today, policy, rules), item.due_on, item.key


def _row(
    group: list[Item], today: date, policy: WorklistPolicy, rules: Mapping[str, OriginRule], why: str = "",
    until: date | None = None,
) -> Row:  # fmt: skip
    ordered = sorted(group, key=lambda item: _place(item, today, policy, rules))
    due = [item for item in ordered[1:] if item.due_on <= today]
    return Row(tuple(ordered), max(minutes_of(item, rules) for item in (ordered[0], *due)), why, until)


def _waiting_rows(
    waiting: list[tuple[Item, str, date | None]], policy: WorklistPolicy, rules: Mapping[str, OriginRule], today: date
) -> list[Row]:  # fmt: skip
    """What comes back later, the soonest first, each task by itself: its day is its own."""
    rows = [_row([item], today, policy, rules, why, until) for item, why, until in waiting]
    return sorted(rows, key=lambda row: (row.until or today, _place(row.first, today, policy, rules)))
