"""ops.contact and ops.promise: what a night reads of the contact log, the same before and after it has run."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from tests.pipeline.test_deals import DAY, WAN, opened, spoken

from guanxi.crm import testing
from guanxi.crm.interactions.models import Promise
from guanxi.pipeline.deals import settle_contacts
from guanxi.pipeline.registers import read_registers

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("interaction")
    return testing.make_people()


def promised(people, due_on: date, **more) -> None:
    with testing.everything():
        Promise.objects.create(
            party=people.customer, unit_id=people.customer.unit_id, keeper_id=people.alice.pk, staff=people.alice,
            step="call_again", text="回电", made_on=date(2026, 10, 1), due_on=due_on, **more,
        )  # fmt: skip


def read(on: date = DAY) -> tuple[list[dict], list[dict]]:
    with testing.everything():
        found = read_registers(connection.connection, on)
    return found["ops.contact"].to_pylist(), found["ops.promise"].to_pylist()


def test_a_night_reads_the_contacts_and_promises_up_to_its_date(people) -> None:
    spoken(people, date(2026, 10, 5))
    spoken(people, DAY + timedelta(days=1))
    spoken(people, DAY - timedelta(days=401))
    promised(people, DAY)
    (contact,), (promise,) = read()
    number = people.customer.customer_no
    assert (contact["customer_no"], contact["intent_amount"]) == (number, Decimal("300000.00"))
    assert (contact["staff_no"], contact["outcome"]) == (people.alice.staff_no, "reached_interested")
    assert (promise["customer_no"], promise["due_on"], promise["kept_on"]) == (number, DAY, None)


def test_a_promise_kept_after_the_date_is_open_to_the_night(people) -> None:
    now = date(2026, 11, 3)
    promised(people, DAY, state="kept", closed_on=now, kept_at="2026-11-03T04:00:00Z")
    assert read()[1][0]["kept_on"] is None
    assert read(now)[1][0]["kept_on"] == now


def test_what_the_night_makes_of_them_is_no_input_of_the_same_night(people) -> None:
    spoken(people, date(2026, 10, 5))
    opened(people, "A", date(2026, 10, 6), 30 * WAN)
    promised(people, DAY)
    before = read()
    with testing.everything():
        settled = settle_contacts(connection.connection, DAY)
    assert (settled.deals, settled.broken) == (1, 1)
    assert read() == before
