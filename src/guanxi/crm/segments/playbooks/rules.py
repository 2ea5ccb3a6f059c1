"""Where a customer stands on a playbook, and what tasks of its steps add up to. Plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from guanxi.insight.policies.playbook import Playbook, PlaybookStep


@dataclass(frozen=True)
class Place:
    """The day of the plan (the day of entry is 0) and the next step with its number and day; None: none is left."""

    day: int
    number: int
    step: PlaybookStep | None
    due_on: date | None


@dataclass(frozen=True)
class Going:
    """Tasks of a step: to do, of these late, done, of these in time, given up too late, ended as the customer left."""

    due: int = 0
    overdue: int = 0
    done: int = 0
    in_time: int = 0
    lapsed: int = 0
    ended: int = 0

    def __add__(self, other: Going) -> Going:
        return Going(
            self.due + other.due, self.overdue + other.overdue, self.done + other.done, self.in_time + other.in_time,
            self.lapsed + other.lapsed, self.ended + other.ended,
        )  # fmt: skip

    @property
    def in_time_share(self) -> float | None:
        """Done by the day due, of what was done or given up too late; None where nothing was either."""
        judged = self.done + self.lapsed
        return self.in_time / judged if judged else None


def total(goings: Iterable[Going]) -> Going:
    """All of them together."""
    return sum(goings, Going())


def place_of(book: Playbook, steps: tuple[PlaybookStep, ...], entered_on: date, today: date) -> Place:
    """Where who entered on that day stands today: the step that is due soonest, from today on."""
    day = (today - entered_on).days
    coming = [
        (due, number, step)
        for number, step in enumerate(steps, 1)
        if (due := _next_day(step, day)) is not None and (not book.runs_days or due <= book.runs_days)
    ]
    if not coming:
        return Place(day, len(steps), None, None)
    due, number, step = min(coming, key=lambda one: one[:2])
    return Place(day, number, step, entered_on + timedelta(days=due))


def ended(book: Playbook, entered_on: date, today: date) -> bool:
    """Whether the plan has run its days."""
    return bool(book.runs_days) and (today - entered_on).days > book.runs_days


def _next_day(step: PlaybookStep, day: int) -> int | None:
    """The day of the plan on which a step is due next, `day` included; None: it is past."""
    if day <= step.on_day:
        return step.on_day
    if not step.every_days:
        return None
    return step.on_day + -(-(day - step.on_day) // step.every_days) * step.every_days
