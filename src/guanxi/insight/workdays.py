"""Working days (工作日) of a Chinese bank: weekends, public holidays and make-up days (调休) as announced each year.

The days come from the `chinesecalendar` package, whose every release adds the year that the State Council has announced
in November; the version is in the lock file. A year it does not know is refused by name, never guessed from weekends.
"""

from datetime import date, timedelta

import chinese_calendar


class UnknownYear(ValueError):
    """The calendar has no holidays for that year yet."""


def is_workday(day: date) -> bool:
    """Whether banks work on this day; raises UnknownYear when that year's holidays are not known."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as missing:
        raise UnknownYear(
            f"No holiday calendar for {day.year} (节假日安排未知): install a newer release of chinesecalendar."
        ) from missing


def add_workdays(day: date, number: int) -> date:
    """The `number`-th working day after `day` (before it, when negative); 0 gives `day` itself, worked or not."""
    step = timedelta(days=1 if number > 0 else -1)
    left = abs(number)
    while left:
        day += step
        left -= is_workday(day)
    return day


def workdays_between(first: date, last: date) -> int:
    """How many working days lie after `first` up to and with `last`; 0 when `last` is not later."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(map(is_workday, days))
