"""Months and reference days: the calendar a run hands to its steps as `run.month` and `run.reference_day`."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONTH_COLUMNS = (
    ("month", "DATE"),
    ("month_end", "DATE"),
    ("next_month", "DATE"),
    ("days_in_month", "INTEGER"),
    ("days", "INTEGER"),
    ("business_date", "DATE"),
    ("closed", "BOOLEAN"),
    ("first", "BOOLEAN"),
    ("base_currency", "VARCHAR"),
    ("balance_basis", "VARCHAR"),
    ("known_on", "DATE"),
)
REFERENCE_DAY_COLUMNS = (
    ("label", "VARCHAR"),
    ("day", "DATE"),
    ("month", "DATE"),
    ("month_start", "DATE"),
    ("days", "INTEGER"),
)


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def month_end(month: date) -> date:
    """The last day of the month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def next_month(month: date) -> date:
    """The first day of the month after."""
    return month_end(month) + timedelta(days=1)


def previous_month(month: date) -> date:
    """The first day of the month before."""
    return month_of(month_of(month) - timedelta(days=1))


def months_between(first: date, last: date) -> Iterator[date]:
    """First days of all months from first to last, both included."""
    month = month_of(first)
    while month <= last:
        yield month
        month = next_month(month)


@dataclass(frozen=True)
class RunMonth:
    """The month a step is run for: whole when the business date lies beyond it, else up to the business date."""

    month: date
    business_date: date  # of the run
    first: bool
    base_currency: str
    balance_basis: str
    known_on: date | None = None  # of the night whose undated facts count; the run's own when None

    @property
    def last_day(self) -> date:
        """The last day that counts in this month."""
        return min(month_end(self.month), self.business_date)

    def row(self) -> tuple[object, ...]:
        """The one row of run.month, in MONTH_COLUMNS order."""
        end = month_end(self.month)
        return (
            self.month,
            end,
            next_month(self.month),
            end.day,
            self.last_day.day,
            self.last_day,
            self.last_day == end,
            self.first,
            self.base_currency,
            self.balance_basis,
            self.known_on or self.business_date,
        )


def reference_days(business_date: date) -> list[tuple[object, ...]]:
    """Rows of run.reference_day: the days a daily report compares (较上日 / 较上月 / 较年初 / 同比)."""
    day_of_last_year = min(
        business_date.day, month_end(date(business_date.year - 1, business_date.month, 1)).day
    )
    days = {
        "today": business_date,
        "yesterday": business_date - timedelta(days=1),
        "month_start": month_of(business_date) - timedelta(days=1),
        "year_start": date(business_date.year - 1, 12, 31),
        "last_year": date(business_date.year - 1, business_date.month, day_of_last_year),
    }
    return [(label, day, month_of(day), month_of(day), day.day) for label, day in days.items()]
