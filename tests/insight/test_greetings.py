"""Days that return each year: once in each year of their calendar, in short months and leap months too."""

from datetime import date, timedelta

import pytest

from guanxi.insight.greetings import kept_on, lunar_words, lunar_year, next_kept

NEW_YEAR_2025, NEW_YEAR_2026 = date(2025, 1, 29), date(2026, 2, 17)


def test_every_lunar_date_is_kept_exactly_once_in_a_year_with_a_leap_month() -> None:
    # 2025 has a leap sixth month; the 30th of a short month and dates of other leap months have a day too
    days = [NEW_YEAR_2025 + timedelta(days=n) for n in range((NEW_YEAR_2026 - NEW_YEAR_2025).days)]
    kept = [(one, day) for day in days for one in kept_on(day) if one[0] != "solar"]
    assert len(kept) == len({one for one, _day in kept}) == 2 * 12 * 30
    assert {lunar_year(day) for day in days} == {2025}
    assert [day for one, day in kept[::31] if next_kept(one, day) != day] == []


@pytest.mark.parametrize(
    ("kept", "since", "day"),
    [
        (("lunar", 6, 30), date(2025, 7, 1), date(2025, 7, 24)),  # the sixth month of 2025 has 30 days
        (("leap", 6, 30), date(2025, 7, 1), date(2025, 8, 22)),  # its leap month 29: kept on the 29th
        (("leap", 6, 30), date(2026, 1, 1), date(2026, 8, 12)),  # no leap month: the sixth, which has 29 days
        (("lunar", 12, 30), date(2026, 1, 1), date(2026, 2, 16)),  # 除夕 of a twelfth month of 29 days
        (
            ("leap", 4, 15),
            date(2025, 1, 1),
            date(2025, 5, 12),
        ),  # born in 闰四月: the fourth month of other years
        (("lunar", 8, 15), date(2026, 9, 26), date(2027, 9, 15)),
        (("solar", 2, 29), date(2027, 1, 1), date(2027, 2, 28)),
        (("solar", 2, 29), date(2028, 1, 1), date(2028, 2, 29)),
    ],
)
def test_the_next_day_of_a_date_at_the_edges(kept, since, day) -> None:
    assert next_kept(kept, since) == day
    assert kept in kept_on(day)


def test_a_day_that_no_year_has_is_none() -> None:
    for wrong in (("solar", 2, 30), ("lunar", 13, 1), ("lunar", 1, 31)):
        with pytest.raises((ValueError, IndexError)):
            next_kept(wrong, date(2026, 1, 1))


def test_a_lunar_day_is_said_as_people_say_it() -> None:
    assert lunar_words(8, 15) == "八月十五"
    assert lunar_words(12, 20) == "腊月二十"
    assert lunar_words(4, 21, leap=True) == "闰四月廿一"
