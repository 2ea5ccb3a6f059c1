"""ops.case, ops.keeper_term, ops.entitlement_use: what a night reads, the same before and after it has run."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.counter.models import EntitlementBook, EntitlementUse
from guanxi.crm.customers.models import KeeperTerm
from guanxi.crm.retention.models import Case
from guanxi.pipeline.registers import read_registers

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 31)


@pytest.fixture
def people() -> testing.People:
    testing.make_policies()
    return testing.make_people()


def read(name: str, on: date = DAY) -> list[dict]:
    with testing.everything():
        return read_registers(connection.connection, on)[name].to_pylist()


def case(people: testing.People, opened_on: date, **more) -> None:
    party = people.customer
    with testing.everything():
        Case.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=people.alice.pk, source="warning", opened_by=people.alice,
            opened_on=opened_on, opened_at=datetime.combine(opened_on, datetime.min.time(), UTC),
            due_on=opened_on + timedelta(days=5), opening_fen=12_345_67, amount_fen=500_00, **more,
        )  # fmt: skip


def test_a_case_is_read_with_the_end_that_was_said_by_the_date(people) -> None:
    ended = {"state": "saved", "reason": "rate", "place": "here", "closed_by": people.alice}
    case(
        people,
        DAY - timedelta(days=9),
        closed_on=DAY + timedelta(days=1),
        closed_at=datetime.now(UTC),
        **ended,
    )
    case(people, DAY - timedelta(days=401))
    case_row = read("ops.case")
    assert [(one["outcome"], one["reason"], one["closed_on"]) for one in case_row] == [(None, None, None)]
    assert str(case_row[0]["opening_wealth"]) == "12345.67"
    (later,) = read("ops.case", DAY + timedelta(days=1))
    assert (later["outcome"], later["reason"], later["place"]) == ("saved", "rate", "here")


def test_a_judgement_of_the_night_changes_nothing_the_next_reading_sees(people) -> None:
    closed = {"closed_on": DAY, "closed_by": people.alice, "closed_at": datetime.now(UTC)}
    case(people, DAY - timedelta(days=9), state="lost", reason="rate", place="house", **closed)
    before = read("ops.case")
    with testing.everything():
        Case.objects.update(judged_on=DAY, judged_fen=1, kept=False)
    assert read("ops.case") == before


def test_a_term_is_read_as_it_stood_when_the_date_began(people) -> None:
    with testing.everything():
        KeeperTerm.objects.all().delete()
        made = [
            KeeperTerm(party=people.customer, staff=people.alice, valid_from=date(2026, 9, 1), valid_to=DAY),
            KeeperTerm(party=people.customer, staff=people.bob, valid_from=DAY),
            KeeperTerm(
                party=people.customer,
                staff=people.charlie,
                valid_from=date(2020, 1, 1),
                valid_to=date(2020, 2, 1),
            ),
        ]
        KeeperTerm.objects.bulk_create(made)
    assert [(r["staff_no"], r["valid_to"]) for r in read("ops.keeper_term")] == [
        (people.alice.staff_no, None)
    ]
    next_day = read("ops.keeper_term", DAY + timedelta(days=1))
    assert {(r["staff_no"], r["valid_to"]) for r in next_day} == {
        (people.alice.staff_no, DAY), (people.bob.staff_no, None)
    }  # fmt: skip


def test_a_use_counts_on_the_banks_own_day_and_not_once_it_is_taken_back(people) -> None:
    late = datetime(2026, 10, 30, 17, 30, tzinfo=UTC)  # half past one on the 31st, local
    with testing.everything():
        book = EntitlementBook.objects.create(
            party=people.customer,
            unit_id=people.customer.unit_id,
            code="queue",
            starts_on=date(2026, 10, 1),
            used=1,
        )
        for back in (None, late):
            EntitlementUse.objects.create(
                book=book, quota=2, staff=people.alice, at=late, client_key=uuid4(), taken_back_at=back
            )
    assert [(r["code"], r["day"]) for r in read("ops.entitlement_use")] == [("queue", DAY)]
    assert read("ops.entitlement_use", DAY - timedelta(days=1)) == []
