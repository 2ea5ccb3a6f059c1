"""Quiet hours (免打扰时段) in the recipient's own zone. Unknown zone or unknown calendar: no."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from guanxi.insight.policies.contact import Window
from guanxi.insight.workdays import UnknownYear, is_workday

OPEN, QUIET, NO_ZONE, NO_CALENDAR = "open", "quiet", "zone", "calendar"
LOOK_AHEAD_DAYS = 40  # the longest run of days of rest is shorter


@lru_cache(maxsize=256)  # a batch asks for one instant and few zones
def open_at(window: Window | None, zone: str | None, at: datetime) -> str:
    """OPEN, QUIET, NO_ZONE or NO_CALENDAR at that instant; no window at all is quiet."""
    if window is None:
        return QUIET
    if zone is None:
        return NO_ZONE
    local = at.astimezone(ZoneInfo(zone))
    try:
        hours = hours_of(window, local.date())
    except UnknownYear:
        return NO_CALENDAR
    return OPEN if hours and hours[0] <= local.time() < hours[1] else QUIET


def hours_of(window: Window, day: date) -> tuple[time, time] | None:
    """The hours of that day; UnknownYear when they depend on holidays that nobody has announced yet."""
    return window.hours(is_workday(day) if window.asks_calendar else True)


def next_open(window: Window | None, zone: str | None, after: datetime) -> datetime | None:
    """The first instant from `after` on at which the window is open (UTC); None when none is known."""
    if window is None or zone is None:
        return None
    if open_at(window, zone, after) == OPEN:
        return after
    local = after.astimezone(ZoneInfo(zone))
    for number in range(LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=number)
        try:
            hours = hours_of(window, day)
        except UnknownYear:
            return None
        starts = datetime.combine(day, hours[0], ZoneInfo(zone)).astimezone(UTC) if hours else None
        if starts is not None and starts >= after and open_at(window, zone, starts) == OPEN:
            return starts
    return None
