"""What an assessment covers, against an oracle that walks the days one by one."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.assessments.rules import Covering, covered_until, lacking, months_later, years_later

FIRST, DAYS = date(2026, 1, 1), 12
WHAT = ("campaign.sms", "model.exit", "interface.api")


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def covering(activities, start, length, ended) -> tuple[Covering, set[date]]:
    """One, and the days on which it counts."""
    last = start + length
    counts = {day(one) for one in range(start, last + 1) if ended is None or one < ended}
    return Covering(activities, day(start), day(last), None if ended is None else day(ended)), counts


numbers = st.integers(0, DAYS)
several = st.lists(
    st.builds(covering, st.sets(st.sampled_from(WHAT)), numbers, numbers, st.none() | numbers), max_size=4
)


@given(several, numbers)
def test_nothing_lacks_that_one_of_them_covers_on_the_day(found, number) -> None:
    on = day(number)
    oracle = [
        code for code in WHAT if not any(code in one.activities and on in counts for one, counts in found)
    ]
    assert lacking(WHAT, [one for one, _ in found], on) == oracle


@given(several, numbers)
def test_covered_until_is_told_of_what_is_covered_and_of_nothing_else(found, number) -> None:
    on, all_of_them = day(number), [one for one, _ in found]
    for code in WHAT:
        until = covered_until(code, all_of_them, on)
        assert (until is None) == bool(lacking([code], all_of_them, on))
        assert until is None or until >= on


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_is_the_calendar_s(start, months) -> None:
    assert months_later(start, months) == start + relativedelta(months=months)


def test_years_of_retention_end_on_the_last_of_february_where_there_is_no_29th() -> None:
    assert years_later(date(2028, 2, 29), 3) == date(2031, 2, 28)
