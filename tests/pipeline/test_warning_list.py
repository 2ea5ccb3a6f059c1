"""Who is shown which warning: a day's budget, quiet once shown, and the same lists when a night is run again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.foresight.models import EarlyWarning, Listing
from guanxi.pipeline.publish.foresight import _STATEMENTS

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 31)
BUDGET = 3


def decide(day: date) -> dict[str, list[int]]:
    """The statements of one night; priorities of the warnings by state, the most urgent first."""
    told = {
        "day": day,
        "quiet_from": day - timedelta(days=14),
        "listed_from": day - timedelta(days=7),
        "at_stake": 1_000_000,
        "worse": Decimal("0.5"),
        "budget": BUDGET,
    }
    with testing.everything(), connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, told)
        found: dict[str, list[int]] = {}
        for state, priority in EarlyWarning.objects.order_by("state", "rank").values_list(
            "state", "priority"
        ):
            found.setdefault(state, []).append(priority)
    return found


@pytest.fixture
def people():
    return testing.make_people()


def warn(people, priority: int, *, keeper=True, at_stake: int = 2_000_000, urgency: int = 3) -> EarlyWarning:
    party = testing.make_party(people.outlet, keeper=people.alice if keeper else None, name=f"张{priority}")
    with testing.everything():
        return EarlyWarning.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, signal="outflow", signals=1, urgency=urgency,
            points=urgency, at_stake_fen=at_stake, priority=priority,
        )  # fmt: skip


def change(warning: EarlyWarning, **more: int) -> None:
    with testing.everything():
        EarlyWarning.objects.filter(pk=warning.pk).update(**more)


def test_a_keeper_gets_the_days_number_by_order_and_the_rest_is_counted_as_beyond_it(people) -> None:
    for priority in (10, 50, 30, 40, 20):
        warn(people, priority)
    assert decide(DAY) == {"listed": [50, 40, 30], "over_budget": [20, 10]}


def test_little_at_stake_and_nobody_to_tell_are_said_apart(people) -> None:
    warn(people, 90, at_stake=999_999)
    warn(people, 80, keeper=False)
    assert decide(DAY) == {"small": [90], "no_keeper": [80]}


def test_the_same_night_again_decides_the_same(people) -> None:
    for priority in range(1, 6):
        warn(people, priority)
    first = decide(DAY)
    with testing.everything():
        listed = set(Listing.objects.values_list("party_id", "listed_on"))
    assert decide(DAY) == first
    with testing.everything():
        assert set(Listing.objects.values_list("party_id", "listed_on")) == listed
        assert set(EarlyWarning.objects.values_list("raised_on", flat=True)) == {DAY}


def test_what_is_listed_stays_for_its_days_and_makes_room_for_new_ones_each_day(people) -> None:
    for priority in range(1, 8):
        warn(people, priority)
    assert decide(DAY)["listed"] == [7, 6, 5]
    assert decide(DAY + timedelta(days=1)) == {"listed": [7, 6, 5, 4, 3, 2], "over_budget": [1]}


def test_once_shown_a_warning_is_quiet_until_its_days_are_over(people) -> None:
    warn(people, 5)
    decide(DAY)
    assert decide(DAY + timedelta(days=6)) == {"listed": [5]}
    assert decide(DAY + timedelta(days=7)) == {"quiet": [5]}
    assert decide(DAY + timedelta(days=13)) == {"quiet": [5]}
    assert decide(DAY + timedelta(days=14)) == {"listed": [5]}


def test_a_quiet_warning_speaks_again_when_it_is_worse(people) -> None:
    warning = warn(people, 5)
    decide(DAY)
    later = DAY + timedelta(days=9)
    change(warning, at_stake_fen=3_000_000)
    assert decide(later) == {"quiet": [5]}
    change(warning, at_stake_fen=3_000_001)
    assert decide(later) == {"listed": [5]}
    change(warning, at_stake_fen=2_000_000, urgency=4)
    assert decide(later + timedelta(days=1)) == {"listed": [5]}
