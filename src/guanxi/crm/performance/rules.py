"""What figures of work mean, as plain rules. No database, no clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from guanxi.crm.organisation.rules import ROLE_RULES, Right
from guanxi.crm.performance.models import Measure
from guanxi.insight.policies.performance import PerformancePolicy

WORKING = tuple(
    role
    for role, rule in ROLE_RULES.items()
    if Right.SEE_WORKLIST in rule.rights and Right.SEE_TEAM_WORK not in rule.rights
)
"""Roles whose work is looked at: those with a list of the day who lead nobody."""

LOW = (Measure.DONE, Measure.COVERAGE, Measure.CONVERSION)
HIGH = (Measure.BROKEN, Measure.UNTOUCHED)


@dataclass(frozen=True)
class Count:
    """`hits` of `cases`; `expected` hits of the same cases where something is expected."""

    hits: int = 0
    cases: int = 0
    expected: float | None = None

    @property
    def share(self) -> float | None:
        """Hits as a share of the cases; None of no cases."""
        return self.hits / self.cases if self.cases else None

    @property
    def ratio(self) -> float | None:
        """Hits against what was to be expected; None where nothing was."""
        return self.hits / self.expected if self.expected else None

    def plus(self, other: Count) -> Count:
        """Both together; expectations add up when both have one."""
        both = None if self.expected is None or other.expected is None else self.expected + other.expected
        return Count(self.hits + other.hits, self.cases + other.cases, both)


NOTHING = Count()


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def back(cls, last: date, days: int) -> Span:
        """The `days` days that end with `last`."""
        return cls(last - timedelta(days=days - 1), last)


def monday_of(day: date) -> date:
    """The first day of the week."""
    return day - timedelta(days=day.weekday())


def week_of(day: date) -> Span:
    """Monday to Sunday around a day."""
    first = monday_of(day)
    return Span(first, first + timedelta(days=6))


def middle(values: Iterable[float], least: int) -> float | None:
    """The median; None of fewer than `least` values, since it would be somebody's own."""
    found = list(values)
    return float(median(found)) if len(found) >= least else None


def expected_of(mine: Mapping[Any, Count], everybody: Mapping[Any, Count]) -> float | None:
    """Hits to be expected of one's own cases, group by group at everybody's share (direct standardisation).

    A group of which nobody has cases adds what was hit in it: nothing better is known. None without any case.
    """
    if not any(count.cases for count in mine.values()):
        return None
    shares = {key: everybody[key].share if key in everybody else None for key in mine}
    parts = (
        count.hits if (share := shares[key]) is None else count.cases * share for key, count in mine.items()
    )
    return float(sum(parts))


@dataclass(frozen=True)
class Need:
    """Somebody may need help with one measure: the figure, and the line it is held against."""

    measure: Measure
    count: Count
    line: float


def needs_of(figures: Mapping[Measure, Count], policy: PerformancePolicy) -> list[Need]:
    """What the figures of one person say about help needed; nothing is said on too few cases."""
    found = []
    for measure in (Measure.UNTOUCHED, Measure.BROKEN, Measure.DONE, Measure.COVERAGE, Measure.CONVERSION):
        count = figures.get(measure, NOTHING)
        line = _line(measure, policy)
        if _is_need(measure, count, line, policy.least_cases):
            found.append(Need(measure, count, line))
    return found


def _line(measure: Measure, policy: PerformancePolicy) -> float:
    lines: dict[Measure, Decimal | int] = {
        Measure.DONE: policy.low_done_share,
        Measure.COVERAGE: policy.low_coverage_share,
        Measure.CONVERSION: policy.low_conversion_share,
        Measure.BROKEN: policy.broken_promises,
        Measure.UNTOUCHED: policy.untouched_warnings,
    }
    return float(lines[measure])


def _is_need(measure: Measure, count: Count, line: float, least: int) -> bool:
    if measure in HIGH:
        return count.hits >= line
    if count.cases < least:
        return False
    value = count.ratio if measure is Measure.CONVERSION else count.share
    return value is not None and value < line


def balance(share: float | None, policy: PerformancePolicy) -> str:
    """over, under or even: how a book's minutes stand against a keeper's; "" where no capacity is known."""
    if share is None:
        return ""
    if share > float(policy.book_over_share):
        return "over"
    return "under" if share < float(policy.book_under_share) else "even"


def sample(keys: Sequence[int], day: date, size: int) -> list[int]:
    """A draw that is the same all day, for whoever asks: nobody picks what is read, and nobody can guess it."""
    drawn = sorted(keys, key=lambda key: hashlib.sha256(f"{day.isoformat()}:{key}".encode()).digest())
    return drawn[:size]


def seal(content: Mapping[str, Any]) -> str:
    """SHA-256 of a frozen content; the same for the same content on any machine."""
    body = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()
