"""How short the lists stay, and what changed: counted by hand, ranked, and each within reach."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.foresight import lists
from guanxi.crm.foresight.models import Change, Listing
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.selectors import reach_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 31)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_share_of_the_managers_gets_no_more_than_its_number(numbers: list[int], share: float) -> None:
    ordered = sorted(numbers)
    found = lists.at_share(ordered, share)
    assert sum(number <= found for number in ordered) >= share * len(ordered)
    assert sum(number < found for number in ordered) < share * len(ordered)


@pytest.fixture
def screen():
    """Alice keeps three customers: two alerts on one day, one on the day before; Bob keeps one without any."""
    made = testing.make_screen()
    people = made.people
    parties = [
        people.customer,
        *(testing.make_party(people.outlet, keeper=people.alice, name=f"张{n}") for n in "一二"),
    ]
    other = testing.make_party(people.outlet, keeper=people.bob, name="李四")
    with testing.everything():
        for number, party in enumerate(parties):
            Listing.objects.create(
                party=party, listed_on=DAY - timedelta(days=number // 2), signal="outflow", urgency=4, at_stake_fen=100
            )  # fmt: skip
        Change.objects.create(
            party=parties[0], kind="aum_up", what="", before="0", after="900", amount_fen=900
        )
        Change.objects.create(
            party=parties[1], kind="aum_down", what="", before="500", after="0", amount_fen=-500
        )
        Change.objects.create(
            party=parties[2], kind="aum_down", what="", before="700", after="0", amount_fen=-700
        )
        Change.objects.create(
            party=parties[0], kind="signal_new", what="outflow", after="outflow", amount_fen=1
        )
        Change.objects.create(party=other, kind="signal_new", what="slope", after="slope", amount_fen=5)
    return made, parties, other


def reach(staff):
    return reach_of(staff, testing.TODAY)


def test_days_without_an_alert_count_for_a_manager(screen) -> None:
    head = screen[0].people.head
    with acting_as(head, today=testing.TODAY):
        short = lists.shortness(reach(head), DAY)
    assert short is not None
    today, before = short.days
    assert (today.day, today.alerts, today.managers, today.most) == (DAY, 2, 1, 2)
    assert (before.alerts, before.median, before.most) == (1, 0, 1)
    assert (short.managers, short.manager_days, short.mean) == (2, 4, 0.75)
    assert short.by_number == {0: 2, 1: 1, 2: 1}


def test_days_before_the_window_are_not_counted(screen) -> None:
    head = screen[0].people.head
    with acting_as(head, today=testing.TODAY):
        assert lists.shortness(reach(head), DAY - timedelta(days=9)) is None


def test_what_went_wrong_stands_before_what_is_large_and_a_customer_stands_once(screen) -> None:
    made, parties, other = screen
    head = made.people.head
    with acting_as(head, today=testing.TODAY):
        ranked = lists.changed(reach(head), 10)
        assert lists.changed_customers(reach(head)) == 4
        assert [one.party.pk for one in lists.changed(reach(head), 2)] == [other.pk, parties[0].pk]
    assert [one.party.pk for one in ranked] == [other.pk, parties[0].pk, parties[2].pk, parties[1].pk]
    assert [change.kind for change in ranked[1].changes] == ["signal_new", "aum_up"]


@pytest.mark.parametrize("page", ["foresight:changes", "foresight:shortness"])
def test_a_manager_reads_of_his_own_customers_alone(screen, page: str) -> None:
    people = screen[0].people
    for staff, own, foreign in ((people.alice, "张一", "李四"), (people.bob, "李四", "张一")):
        answer = testing.client_of(staff).get(reverse(page))
        text = answer.content.decode()
        assert answer.status_code == 200
        assert foreign not in text
        if page.endswith("changes"):
            assert own in text


def test_a_forgotten_filter_shows_no_listing_of_others(screen) -> None:
    people = screen[0].people
    with acting_as(people.bob, today=testing.TODAY):
        assert Listing.objects.count() == 0
