"""Days to greet customers on: festivals by the calendar or by the Chinese calendar (农历), birthdays, anniversaries.

Chinese dates come from `lunar-python`; the last day of a Chinese year (除夕) differs from year to year, so festivals
name a month and a day that every year has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from guanxi.insight.policies.worklist import Festival


def festivals_between(first: date, last: date, festivals: Iterable[Festival]) -> list[tuple[Festival, date]]:
    """The festivals with their days from `first` to `last`, both included, in order."""
    wanted = tuple(festivals)
    return [
        (festival, day)
        for day in days(first, last)
        for chinese in [lunar_day(day)]
        for festival in wanted
        if (festival.month, festival.day) == (chinese if festival.lunar else (day.month, day.day))
    ]


def lunar_day(day: date) -> tuple[int, int]:
    """Month and day of the Chinese calendar; a leap month (闰月) has its number below zero and holds no festival."""
    return _lunar(day)[1:]


@lru_cache(maxsize=2_000)
def _lunar(day: date) -> tuple[int, int, int]:
    """Year, month and day of the Chinese calendar."""
    from lunar_python import Solar

    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return int(lunar.getYear()), int(lunar.getMonth()), int(lunar.getDay())


def birthdays_on(day: date) -> tuple[tuple[int, int], ...]:
    """Months and days of birth greeted on this day: who was born on 29 February, on the 28th of other years."""
    after = day + timedelta(days=1)
    skipped = (day.month, day.day, after.day) == (2, 28, 1)
    return ((day.month, day.day), (2, 29)) if skipped else ((day.month, day.day),)


def days(first: date, last: date) -> Iterator[date]:
    """Each day from `first` to `last`, both included."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


Kept = tuple[str, int, int]
"""A date that returns each year as it is kept: calendar (solar, lunar, leap: born in a leap month), month, day."""
SOLAR, LUNAR, LEAP = "solar", "lunar", "leap"
_LAST_SHORT = 29  # days of a short lunar month


@lru_cache(maxsize=1_000)
def kept_on(day: date) -> tuple[Kept, ...]:
    """What is kept on this day, so that every such date comes once in each of its calendar's years.

    Solar: 29 February on the 28th of other years. Lunar: the 30th on the 29th where the month has 29 days; a date of
    a leap month (闰月) in that leap month where the year has it, else in the regular month of the same number; a date
    of a regular month never in the leap one.
    """
    number, dom = lunar_day(day)
    month, is_leap = abs(number), number < 0
    doms = (dom, 30) if dom == _LAST_SHORT and lunar_day(day + timedelta(days=1))[1] == 1 else (dom,)
    calendars = (LEAP,) if is_leap else (LUNAR,) if _leap_month(lunar_year(day)) == month else (LUNAR, LEAP)
    solar = tuple((SOLAR, month_of, dom_of) for month_of, dom_of in birthdays_on(day))
    return (*solar, *((calendar, month, one) for calendar in calendars for one in doms))


def next_kept(kept: Kept, since: date) -> date:
    """The first day from `since` on that a date is kept. ValueError for one that no year has."""
    calendar, month, dom = kept
    if calendar == SOLAR:
        found = (_solar(year, month, dom) for year in (since.year, since.year + 1))
    else:
        found = (_of_lunar(year, kept) for year in (since.year - 1, since.year, since.year + 1))
    return min(day for day in found if day >= since)


def lunar_year(day: date) -> int:
    """The Chinese year that a day lies in, named by the year its first month begins in."""
    return _lunar(day)[0]


def lunar_words(month: int, dom: int, *, leap: bool = False) -> str:
    """A day of the Chinese calendar as it is said: 闰四月十五.

    >>> lunar_words(8, 15), lunar_words(1, 1), lunar_words(12, 30), lunar_words(4, 20, leap=True)
    ('八月十五', '正月初一', '腊月三十', '闰四月二十')
    """
    digits = "一二三四五六七八九十"
    if dom % 10 == 0:
        said = {10: "初十", 20: "二十", 30: "三十"}[dom]
    else:
        said = ("初", "十", "廿")[dom // 10] + digits[dom % 10 - 1]
    return f"{'闰' if leap else ''}{'正二三四五六七八九十冬腊'[month - 1]}月{said}"


def _solar(year: int, month: int, dom: int) -> date:
    try:
        return date(year, month, dom)
    except ValueError:
        if (month, dom) != (2, 29):
            raise
        return date(year, 2, 28)


def _of_lunar(year: int, kept: Kept) -> date:
    """The day of the Chinese year `year` on which a lunar date is kept."""
    from lunar_python import Lunar, LunarMonth

    calendar, month, dom = kept
    own = -month if calendar == LEAP and _leap_month(year) == month else month
    last = LunarMonth.fromYm(year, own)
    if last is None or not 1 <= dom <= 30:
        raise ValueError(kept)
    solar = Lunar.fromYmd(year, own, min(dom, last.getDayCount())).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache
def _leap_month(year: int) -> int:
    """The number of the leap month of a Chinese year; 0 when it has none."""
    from lunar_python import LunarYear

    return int(LunarYear.fromYear(year).getLeapMonth())
