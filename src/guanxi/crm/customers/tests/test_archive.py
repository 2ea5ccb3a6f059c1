"""The archive: notes by version, withdrawn with a reason, hidden from who is masked; what a night changed."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connections, transaction
from django.urls import reverse

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.archive import pictures, selectors, services
from guanxi.crm.customers.models import Note, Party, ProfileChange
from guanxi.crm.customers.traces import look
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}


@pytest.fixture
def people() -> testing.People:
    return testing.make_people()


def written(by, party, text="下午不接电话", pinned=False) -> Note:
    with acting_as(by, today=TODAY):
        return services.write_note(by=by, party=party, text=text, pinned=pinned, **WHEN)


def test_a_changed_note_keeps_the_version_before_and_the_pinned_stands_first(people) -> None:
    first = written(people.alice, people.customer, pinned=True)
    written(people.alice, people.customer, "喜欢喝龙井")
    with acting_as(people.head, today=TODAY) as reach:
        second = services.change_note(by=people.head, note=first, text="只用微信联系", pinned=True, **WHEN)
        with pytest.raises(ValidationError):  # read before somebody else changed it
            services.change_note(by=people.head, note=first, text="又改", pinned=True, **WHEN)
        assert (
            services.change_note(by=people.head, note=second, text="只用微信联系", pinned=True, **WHEN)
            == second
        )
        assert [note.text for note in selectors.notes_of(reach, people.customer)] == [
            "只用微信联系",
            "喜欢喝龙井",
        ]
        thread = pictures.whole(reach, people.customer)["notes"][0]
        assert [(one.version, one.author_name) for one in (thread.latest, *thread.before)] == [
            (2, people.head.name), (1, people.alice.name)
        ]  # fmt: skip
    assert ChangeLog.objects.filter(verb="customers.note_changed").count() == 1


def test_the_text_of_a_note_cannot_be_overwritten_and_no_note_deleted(people) -> None:
    note = written(people.alice, people.customer)
    for deed in (
        lambda: Note.objects.filter(pk=note.pk).update(text="x"),
        lambda: Note.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), acting_as(people.alice, today=TODAY):
            deed()


def test_a_note_is_withdrawn_with_a_reason_by_its_author_or_a_head(people) -> None:
    note = written(people.head, people.customer)
    with acting_as(people.alice, today=TODAY), pytest.raises(PermissionDenied):
        services.withdraw_note(by=people.alice, note=note, reason="记错了", **WHEN)
    with acting_as(people.head, today=TODAY) as reach:
        with pytest.raises(ValidationError):
            services.withdraw_note(by=people.head, note=note, reason=" ", **WHEN)
        services.withdraw_note(by=people.head, note=note, reason="记错了", **WHEN)
        told = pictures.whole(reach, people.customer)
    assert (told["notes"], [one.latest.withdrawn_why for one in told["withdrawn"]]) == ([], ["记错了"])


def test_masked_roles_and_strangers_read_no_note_and_write_none(people) -> None:
    note = written(people.alice, people.customer)
    teller = testing.make_staff("teller", people.outlet)
    analyst = testing.make_staff("analyst", people.bank)
    for staff in (teller, analyst, people.charlie):
        with acting_as(staff, today=TODAY) as reach:
            assert not selectors.all_notes_of(reach, people.customer)
            with pytest.raises(PermissionDenied):
                services.write_note(by=staff, party=people.customer, text="x", pinned=False, **WHEN)
    with acting_as(people.charlie, today=TODAY):
        assert not Note.objects.exists()  # a forgotten filter shows nothing
    page = testing.client_of(teller).get(reverse("customers:archive", args=[people.customer.uuid]))
    assert page.status_code == 200
    assert note.text not in page.content.decode()


def test_a_customer_with_an_empty_archive_costs_no_query(people, django_assert_num_queries) -> None:
    with acting_as(people.alice, today=TODAY) as reach:
        look(people.customer, (Note, ProfileChange))
        with django_assert_num_queries(0):
            pictures.panel(reach, people.customer)


def test_notes_of_a_merged_number_stand_with_the_person(people) -> None:
    other = testing.make_party(people.outlet, keeper=people.alice)
    written(people.alice, other)
    with testing.everything():
        Party.objects.filter(pk=other.pk).update(merged_into=people.customer)
    with acting_as(people.alice, today=TODAY) as reach:
        assert len(selectors.notes_of(reach, people.customer)) == 1


def test_only_a_night_writes_the_history_and_only_what_differs() -> None:
    from guanxi.crm.organisation.models import Unit

    with transaction.atomic("pipeline"):
        cursor = connections["pipeline"].cursor()
        cursor.execute(
            "INSERT INTO organisation_unit (unit_no, name, kind) VALUES ('H9', '行', 'legal_entity') RETURNING id"
        )
        unit = Unit(pk=cursor.fetchone()[0])
        rows = [
            Party(id=key, uuid=f"00000000-0000-0000-0000-00000000000{key}", customer_no=f"H{key}", kind="person",
                  unit_id=unit.pk, name="王建国", occupation="教师")
            for key in (1, 2)
        ]  # fmt: skip
        mine = Party.objects.using("pipeline")
        mine.bulk_create(rows)
        told = ProfileChange.objects.using("pipeline").order_by("party", "field")
        mine.filter(pk=1).update(occupation="律师")  # no night: by day other histories are kept
        assert not told
        cursor.execute("SELECT set_config('guanxi.night', '2026-10-31', TRUE)")
        mine.filter(pk__in=(1, 2)).update(occupation="医生", risk_grade="C3", name="王建国")
        assert list(told.values_list("party_id", "field", "old", "new")) == [
            (1, "occupation", "律师", "医生"), (1, "risk_grade", "", "C3"),
            (2, "occupation", "教师", "医生"), (2, "risk_grade", "", "C3"),
        ]  # fmt: skip
        mine.filter(pk=1).update(occupation="工程师")  # the same night once more: from what stood before it
        assert told.get(party=1, field="occupation").old == "律师"
        mine.filter(pk=1).update(occupation="律师")  # and what it takes back it never brought
        assert not told.filter(party=1, field="occupation")
        transaction.set_rollback(True, "pipeline")


@pytest.mark.parametrize(("changed", "written"), [(1000, 1000), (1001, 0)])
def test_a_field_that_changes_for_too_many_in_one_night_writes_no_history_and_the_others_do(
    changed, written
) -> None:
    """The bank's mapping changed then, not its customers: more than a thousand, where that is above a tenth of all."""
    with transaction.atomic("pipeline"):
        cursor = connections["pipeline"].cursor()
        cursor.execute(
            "INSERT INTO organisation_unit (unit_no, name, kind) VALUES ('H8', '行', 'legal_entity') RETURNING id"
        )
        [unit] = cursor.fetchone()
        cursor.execute(
            """INSERT INTO customers_party (id, uuid, customer_no, kind, unit_id, occupation, risk_grade)
            SELECT n, gen_random_uuid(), 'H' || n, 'person', %s, '教师', 'C1' FROM generate_series(1, 1100) AS n""",
            [unit],
        )
        cursor.execute("SELECT set_config('guanxi.night', '2026-10-31', TRUE)")
        cursor.execute(
            """UPDATE customers_party SET occupation = CASE WHEN id <= %s THEN '101' ELSE occupation END,
                   risk_grade = CASE WHEN id <= 7 THEN 'C4' ELSE risk_grade END WHERE unit_id = %s""",
            [changed, unit],
        )
        told = ProfileChange.objects.using("pipeline")
        assert (told.filter(field="occupation").count(), told.filter(field="risk_grade").count()) == (
            written,
            7,
        )
        transaction.set_rollback(True, "pipeline")
