"""Knocks at open doors, counted by the minute, whatever the clocks of the machines say."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.crm.organisation.knocks import may_knock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def passed(*minutes: float) -> list[bool]:
    """Whether each knock, so many minutes after noon, is let in where two a minute are."""
    return [may_knock("door", "10.0.0.1", limit=2, now=NOON + timedelta(minutes=at)) for at in minutes]


def test_the_third_knock_of_a_minute_is_refused_and_the_next_minute_is_new() -> None:
    assert passed(0, 0.5, 0.9, 1) == [True, True, False, True]


def test_two_machines_a_minute_apart_open_no_more_than_one() -> None:
    assert passed(1, 0, 1, 0, 1) == [True, True, False, False, False]


def test_a_clock_that_was_an_hour_ahead_does_not_keep_the_door_shut() -> None:
    assert passed(60, 60, 60, 0, 0, 0) == [True, True, False, True, True, False]
