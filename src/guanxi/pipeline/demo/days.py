"""The calendar of the demo: days as whole numbers since 1970, months, paydays, the Spring Festival (春节)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from guanxi.pipeline.demo.columns import EPOCH

DAY = "datetime64[D]"
MONTH = "datetime64[M]"

SPRING_FESTIVAL = (
    date(2019, 2, 5),
    date(2020, 1, 25),
    date(2021, 2, 12),
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
)


def number(day: date) -> int:
    """A date as days since 1970."""
    return day.toordinal() - 719_163


def as_date(day: int) -> date:
    """Days since 1970 as a date."""
    return date(1970, 1, 1) + timedelta(days=int(day))


def weekday(day: np.ndarray) -> np.ndarray:
    """0 = Monday … 6 = Sunday."""
    return (day + 3) % 7


def before_weekend(day: np.ndarray) -> np.ndarray:
    """The day, or the Friday before when it falls on a weekend."""
    over = weekday(day) - 4
    return day - np.where(over > 0, over, 0)


def add_months(day: np.ndarray, count: np.ndarray | int) -> np.ndarray:
    """The same day of the month `count` months later, the month's last when there is none."""
    stamp = EPOCH + day.astype("timedelta64[D]")
    month = stamp.astype(MONTH)
    inside = (stamp - month.astype(DAY)).astype(np.int64)
    target = month + np.asarray(count).astype("timedelta64[M]")
    length = ((target + 1).astype(DAY) - target.astype(DAY)).astype(np.int64)
    start = (target.astype(DAY) - EPOCH).astype(np.int64)
    day_of: np.ndarray = start + np.minimum(inside, length - 1)
    return day_of


@dataclass(frozen=True)
class Span:
    """The months of history: first and last day of each, the last one ending at the business date."""

    starts: np.ndarray
    ends: np.ndarray
    closed: np.ndarray  # whether `ends` is the month's own last day

    @property
    def first(self) -> int:
        """First day of history."""
        return int(self.starts[0])

    @property
    def until(self) -> int:
        """The business date."""
        return int(self.ends[-1])

    @property
    def months(self) -> int:
        """How many months."""
        return len(self.starts)

    def month_number(self, index: int) -> int:
        """1..12 of the month at this position."""
        return as_date(int(self.starts[index])).month

    def month_of(self, day: np.ndarray) -> np.ndarray:
        """Position of the month a day lies in; 0 for days before, the last for days after."""
        return np.clip(np.searchsorted(self.starts, day, side="right") - 1, 0, self.months - 1)


def span(until: date, months: int) -> Span:
    """`months` months ending with the one `until` lies in; raises ValueError when there is none."""
    if months < 1:
        raise ValueError(f"months: {months}, at least 1 is needed")
    last = np.datetime64(until.isoformat()).astype(MONTH)
    wanted = np.arange(last - (months - 1), last + 1)
    starts = (wanted.astype(DAY) - EPOCH).astype(np.int64)
    ends = ((wanted + 1).astype(DAY) - EPOCH).astype(np.int64) - 1
    cut = np.minimum(ends, number(until))
    return Span(starts, cut, cut == ends)


def festivals(over: Span) -> list[int]:
    """Spring Festival days whose weeks before or after touch the span."""
    known = [number(day) for day in SPRING_FESTIVAL]
    return [day for day in known if over.first - 60 <= day <= over.until + 30]
