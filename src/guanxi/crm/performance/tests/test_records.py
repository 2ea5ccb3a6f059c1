"""Completeness of books: weighed by the one rule, within reach alone, with who brought what in the last days."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from guanxi.crm import testing
from guanxi.crm.customers.models import Document, Note, Party, ProfileChange
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.performance import records

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY


def at(days: int) -> datetime:
    day = TODAY - timedelta(days=days)
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


@pytest.fixture
def people() -> testing.People:
    """Alice keeps a customer whose identity is on record; Charlie elsewhere one of whom nothing is."""
    made = testing.make_people()
    with testing.everything():
        Party.objects.update(
            occupation=None, employer_name=None, village=None, birth_date=None, risk_grade=None
        )
        Party.objects.filter(pk=made.customer.pk).update(id_masked="3205**********1234", id_valid=True)
        testing.make_party(made.elsewhere, keeper=made.charlie)
        for days in (3, 31):
            key = uuid4()
            Document.objects.create(
                party=made.customer, uuid=key, thread=key, kind="risk_form", mime="application/pdf", size=9,
                sha256=key.hex * 2, added_by=made.alice, added_on=TODAY - timedelta(days=days), added_at=at(days),
            )  # fmt: skip
        Note.objects.create(
            party=made.customer,
            thread=uuid4(),
            text="下午联系",
            author=made.head,
            author_name="x",
            written_at=at(5),
        )
    return made


def test_a_bank_without_the_policy_is_told_so(people) -> None:
    with acting_as(people.alice, today=TODAY) as reach:
        assert records.page(reach, TODAY)["policy"] is None
    page = testing.client_of(people.alice).get("/performance/records").content.decode()
    assert "没有可计分的档案" in page


def test_a_book_is_weighed_by_the_rule_and_others_books_are_not_seen(people) -> None:
    testing.make_policies("archive")
    with acting_as(people.alice, today=TODAY) as reach:
        told = records.page(reach, TODAY)
    assert (told["customers"], [row.name for row in told["books"]]) == (1, [people.alice.name])
    assert told["score"] == told["books"][0].score == 15  # the document number alone
    assert told["books"][0].lacking == told["lacking"][0][0] == "手机号"  # the heaviest of those missing
    with acting_as(people.head, today=TODAY) as reach:
        names = {row.name for row in records.page(reach, TODAY)["books"]}
    assert people.alice.name in names
    assert people.charlie.name not in names


def test_who_brought_what_counts_the_last_days_alone(people) -> None:
    testing.make_policies("archive")
    with acting_as(people.head, today=TODAY) as reach:
        brought = {row.name: row for row in records.page(reach, TODAY)["brought"]}
    alice, head = brought[people.alice.name], brought[people.head.name]
    assert (alice.documents, alice.notes, alice.last) == (1, 0, TODAY - timedelta(days=3))
    assert (head.documents, head.notes, head.last) == (0, 1, TODAY - timedelta(days=5))
    with acting_as(people.charlie, today=TODAY) as reach:
        assert records.page(reach, TODAY)["brought"] == []
        assert not ProfileChange.objects.exists()
