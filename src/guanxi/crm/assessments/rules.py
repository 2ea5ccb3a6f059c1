"""Which activities an assessment covers on a day: pure."""

import calendar
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Covering:
    """What counts of one approved assessment: both days are in it; `ended_on` is the first day without."""

    activities: Collection[str]
    since: date
    until: date
    ended_on: date | None = None

    def covers(self, activity: str, day: date) -> bool:
        """Whether the activity is covered that day."""
        ended = self.ended_on is not None and self.ended_on <= day
        return activity in self.activities and self.since <= day <= self.until and not ended


def lacking(activities: Iterable[str], approved: Collection[Covering], day: date) -> list[str]:
    """The activities that no approved assessment covers that day, in their order."""
    return [code for code in activities if not any(one.covers(code, day) for one in approved)]


def covered_until(activity: str, approved: Iterable[Covering], day: date) -> date | None:
    """The last day on which what covers the activity today still does; None when nothing covers it."""
    return max((one.until for one in approved if one.covers(activity, day)), default=None)


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def years_later(day: date, years: int) -> date:
    """The same day so many years later; 28 February for the 29th where there is none."""
    return months_later(day, years * 12)


def content_hash(told: Mapping[str, Any]) -> str:
    """SHA-256 over what is approved."""
    return hashlib.sha256(json.dumps(dict(told), sort_keys=True, ensure_ascii=False).encode()).hexdigest()
