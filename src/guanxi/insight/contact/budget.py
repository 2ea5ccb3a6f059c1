"""The contact budget (可触达次数): how often a customer was reached in the day, week and month, and what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from guanxi.insight.contact.facts import Touch
from guanxi.insight.policies.contact import Cap


@dataclass(frozen=True)
class Left:
    """What is left of the tightest cap; `code` names the period that is used up, `free_on` the first day after it."""

    times: int
    code: str = ""
    free_on: date | None = None


def left_of(caps: Iterable[Cap], touches: Iterable[Touch], day: date) -> Left:
    """What these caps leave on that day. A cap with a channel counts that channel's touches, the others all."""
    counted = list(touches)
    found = [_left_of_cap(cap, counted, day) for cap in caps]
    if not found:
        return Left(0, "cap_none")
    used_up = [left for left in found if left.times <= 0]
    if used_up:  # the one that stays used up longest says when
        return max(used_up, key=lambda left: left.free_on or date.max)
    return min(found, key=lambda left: left.times)


def _left_of_cap(cap: Cap, touches: list[Touch], day: date) -> Left:
    own = [touch for touch in touches if cap.reaching in ("", touch.channel)]
    mosts = (cap.a_month, cap.a_week, cap.a_day)
    if not own and min(mosts) > 0:
        return Left(min(mosts))
    lefts = [
        Left(most - sum(touch.times for touch in own if first <= touch.day < after), code, after)
        for (code, first, after), most in zip(_spans(day), mosts, strict=True)
    ]
    used_up = [left for left in lefts if left.times <= 0]
    if used_up:
        latest = max(used_up, key=lambda left: left.free_on or date.max)
        return Left(0, latest.code, latest.free_on)
    return Left(min(left.times for left in lefts))


@lru_cache(maxsize=64)
def _spans(day: date) -> tuple[tuple[str, date, date], ...]:
    return (
        ("cap_month", day.replace(day=1), next_month(day)),
        ("cap_week", monday(day), monday(day) + timedelta(days=7)),
        ("cap_day", day, day + timedelta(days=1)),
    )


def first_day(day: date) -> date:
    """The first day whose touches matter on `day`: of its month, or of its week when that began in the month before."""
    return min(day.replace(day=1), monday(day))


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
