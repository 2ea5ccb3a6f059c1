"""Working days against days that everybody remembers, and against counting by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.workdays import UnknownYear, add_workdays, is_workday, workdays_between

DAYS = st.dates(date(2020, 3, 1), date(2026, 9, 1))


def test_holidays_make_up_days_and_weekends_of_2026() -> None:
    assert not is_workday(date(2026, 2, 17))  # 春节
    assert is_workday(date(2026, 2, 14))  # a Saturday worked for it (调休)
    assert not is_workday(date(2026, 10, 1))  # 国庆节
    assert not is_workday(date(2026, 11, 1))  # a Sunday
    assert is_workday(date(2026, 11, 2))


def test_a_year_without_a_calendar_is_refused_by_name() -> None:
    with pytest.raises(UnknownYear, match="2099"):
        is_workday(date(2099, 1, 4))


def test_five_working_days_over_the_national_holiday_end_after_it() -> None:
    # 1-7 October 2026 are free, 10 October (a Saturday) is worked.
    assert add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)


@given(DAYS, st.integers(-40, 40))
def test_adding_lands_on_a_working_day_as_far_as_counting_says(day, number) -> None:
    found = add_workdays(day, number)
    if number == 0:
        assert found == day
        return
    assert is_workday(found)
    first, last = (day, found) if number > 0 else (found - timedelta(days=1), day - timedelta(days=1))
    assert workdays_between(first, last) == abs(number)
