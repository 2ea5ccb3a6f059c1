"""Intents that the ledger shows as deals, and promises past their day: found once, by family, window and amount."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Holding, Party
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.pipeline.deals import settle_contacts

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 1)
DAY = date(2026, 10, 31)
WAN = 1_000_000


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("interaction")
    return testing.make_people()


def spoken(people, day: date, family: str = "time", fen: int | None = 30 * WAN, party=None) -> int:
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    who = party or people.customer
    with testing.everything():
        return Contact.objects.create(
            party=who, unit_id=who.unit_id, keeper_id=who.keeper_id, staff=people.alice, author_name="Alice",
            channel="call", at=at, day=day, outcome="reached_interested", intent_family=family, intent_fen=fen,
            client_key=uuid.uuid4(), logged_at=at,
        ).pk  # fmt: skip


def opened(people, number: str, on: date, fen: int = 30 * WAN, family: str = "time", **more) -> None:
    with testing.everything():
        Holding.objects.create(
            party=more.pop("party", people.customer), account_no=number, family=family, currency="CNY", opened_on=on,
            balance_fen=fen, balance_base_fen=fen, **more,
        )  # fmt: skip


def settle(on: date = DAY) -> dict[int, str]:
    """The accounts that answer contacts, by contact."""
    with testing.everything():
        settle_contacts(connection.connection, on)
        return dict(Contact.objects.exclude(deal_account=None).values_list("pk", "deal_account"))


def test_a_new_holding_of_the_family_within_the_window_is_the_deal_and_the_trail_says_so(people) -> None:
    contact = spoken(people, date(2026, 10, 5))
    opened(people, "A", date(2026, 10, 12))
    assert settle() == {contact: "A"}
    with testing.everything():
        found = Contact.objects.get()
    assert (found.deal_on, found.deal_fen) == (date(2026, 10, 12), 30 * WAN)
    entry = ChangeLog.objects.get(verb="interactions.deal_found")
    assert (entry.staff_no, entry.object_key, entry.details["fen"]) == ("", str(contact), 30 * WAN)


def test_the_same_night_again_finds_nothing_new(people) -> None:
    spoken(people, date(2026, 10, 5))
    opened(people, "A", date(2026, 10, 12))
    first = settle()
    opened(people, "B", date(2026, 10, 6))
    assert settle() == first
    assert ChangeLog.objects.filter(verb="interactions.deal_found").count() == 1


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, True),
        ({"on": date(2026, 9, 30)}, False),  # before the contact
        ({"on": date(2026, 10, 1)}, True),  # on its day
        ({"on": date(2026, 10, 31)}, True),  # the thirtieth day after
        ({"on": date(2026, 11, 1)}, False),  # not yet, on that business date
        ({"family": "cd"}, False),
        ({"fen": 6 * WAN}, True),  # just the share of the policy
        ({"fen": 6 * WAN - 1}, False),
        ({"fen": 0}, False),
        ({"role": "agent"}, False),
    ],
)
def test_family_days_amount_and_ownership_decide(people, more, found) -> None:
    contact = spoken(people, date(2026, 10, 1))
    told = {"on": date(2026, 10, 10)} | more
    opened(people, "A", told.pop("on"), **told)
    assert settle() == ({contact: "A"} if found else {})


def test_after_the_window_a_holding_answers_nobody(people) -> None:
    spoken(people, date(2026, 9, 20))
    opened(people, "A", date(2026, 10, 21))
    assert settle() == {}


def test_without_an_amount_any_new_holding_of_the_family_answers(people) -> None:
    contact = spoken(people, date(2026, 10, 1), fen=None)
    opened(people, "A", date(2026, 10, 2), fen=1)
    assert settle() == {contact: "A"}


def test_of_two_contacts_the_later_one_has_the_deal_and_of_two_holdings_the_earlier_one(people) -> None:
    early, late = spoken(people, date(2026, 10, 1)), spoken(people, date(2026, 10, 8))
    opened(people, "A", date(2026, 10, 10))
    assert settle() == {late: "A"}
    opened(people, "B", date(2026, 10, 20))
    assert settle() == {late: "A", early: "B"}


def test_an_account_of_two_owners_is_one_deal(people) -> None:
    second = testing.make_party(people.outlet, keeper=people.alice)
    spoken(people, date(2026, 10, 1))
    spoken(people, date(2026, 10, 2), party=second)
    opened(people, "A", date(2026, 10, 5), role="joint")
    opened(people, "A", date(2026, 10, 5), role="joint", party=second)
    assert len(settle()) == 1


def test_a_merged_numbers_contact_is_answered_by_the_persons_holding(people) -> None:
    contact = spoken(people, date(2026, 10, 1))
    whole = testing.make_party(people.outlet, keeper=people.alice)
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(merged_into=whole)
    opened(people, "A", date(2026, 10, 5), party=whole)
    assert settle() == {contact: "A"}


DAYS = st.integers(0, 29)


@given(spoken_on=st.lists(DAYS, max_size=5), opened_on=st.lists(DAYS, max_size=5))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_deal_answers_one_contact_and_none_is_left_that_could_be_answered(
    people, spoken_on, opened_on
) -> None:
    first = date(2026, 10, 1)
    with testing.everything():
        Contact.objects.all().delete()
        Holding.objects.all().delete()
    days = {spoken(people, first + timedelta(days=day)): first + timedelta(days=day) for day in spoken_on}
    accounts = {f"A{number}": first + timedelta(days=day) for number, day in enumerate(opened_on)}
    for number, day in accounts.items():
        opened(people, number, day)
    found = settle()
    assert len(set(found.values())) == len(found)
    assert all(days[contact] <= accounts[account] for contact, account in found.items())
    left = [day for contact, day in days.items() if contact not in found]
    free = [day for account, day in accounts.items() if account not in found.values()]
    assert not any(one <= other for one in left for other in free)


@pytest.mark.parametrize(("due", "state"), [(date(2026, 11, 1), "open"), (date(2026, 10, 31), "broken")])
def test_a_promise_open_at_the_end_of_its_day_is_broken_the_next_morning(people, due, state) -> None:
    with testing.everything():
        promise = Promise.objects.create(
            party=people.customer, unit_id=people.customer.unit_id, keeper_id=people.alice.pk, staff=people.alice,
            step="call_again", text="回电", made_on=date(2026, 10, 20), due_on=due,
        )  # fmt: skip
        for _ in range(2):
            settle_contacts(connection.connection, DAY)
        promise.refresh_from_db()
    assert promise.state == state
    assert promise.broken_on == (date(2026, 11, 1) if state == "broken" else None)
    assert ChangeLog.objects.filter(verb="interactions.promise_broken").count() == (state == "broken")


def test_a_bank_without_the_policy_settles_nothing() -> None:
    assert settle_contacts(connection.connection, DAY).deals == 0
