"""Days to greet customers on: festivals by the calendar or by the Chinese calendar (农历), and birthdays.

Chinese dates come from `lunar-python`; the last day of a Chinese year (除夕) differs from year to year, so festivals
name a month and a day that every year has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

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
    from lunar_python import Solar

    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return int(lunar.getMonth()), int(lunar.getDay())


def birthdays_on(day: date) -> tuple[tuple[int, int], ...]:
    """Months and days of birth greeted on this day: who was born on 29 February, on the 28th of other years."""
    after = day + timedelta(days=1)
    skipped = (day.month, day.day, after.day) == (2, 28, 1)
    return ((day.month, day.day), (2, 29)) if skipped else ((day.month, day.day),)


def days(first: date, last: date) -> Iterator[date]:
    """Each day from `first` to `last`, both included."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
