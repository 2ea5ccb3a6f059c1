"""The trail grows and does nothing else, and says who did what from where."""

import datetime

import pytest
from django.db import ProgrammingError, connections, transaction
from django.utils import translation

from guanxi.crm import testing
from guanxi.crm.audit import context, selectors, services, words
from guanxi.crm.audit.models import ChangeLog, CustomerView, ExportLog, Seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return testing.make_staff("relationship_manager", testing.make_unit(), name="Alice", staff_no="A1")


@pytest.mark.django_db(databases=["default", "pipeline"])
@pytest.mark.parametrize("alias", ["default", "pipeline"])
@pytest.mark.parametrize("model", [ChangeLog, CustomerView, ExportLog, Seal])
@pytest.mark.parametrize("deed", ["UPDATE {} SET id = 0", "DELETE FROM {}", "TRUNCATE {}"])
def test_no_login_of_the_program_changes_or_removes_a_row(alias, model, deed) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(using=alias),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(deed.format(model._meta.db_table))


def test_a_change_keeps_person_object_and_details_as_values(alice) -> None:
    unit = testing.make_unit("观前支行")
    with context.of_request(request_id="r-1", ip="10.1.2.3"):
        services.record(
            by=alice, verb="organisation.renamed", on=unit, on_day=datetime.date(2026, 11, 1), rows=3
        )
    row = selectors.history_of(unit).get()
    assert (row.staff_no, row.staff_name, row.verb) == ("A1", "Alice", "organisation.renamed")
    assert (row.object_kind, row.object_key, row.object_label) == (
        "organisation.unit",
        str(unit.pk),
        "观前支行",
    )
    assert row.details == {"on_day": "2026-11-01", "rows": 3}
    assert (row.request_id, row.ip) == ("r-1", "10.1.2.3")


def test_outside_of_a_request_there_is_no_origin(alice) -> None:
    row = services.record(by=None, verb="policies.seeded", on=alice)
    assert (row.staff_no, row.request_id, row.ip) == ("", "", None)


def test_a_look_at_a_customer_is_found_by_customer_and_by_person(alice) -> None:
    services.viewed(by=alice, party_key=7)
    services.viewed(by=alice, party_key=8, what="reveal:mobile", reason="回访")
    assert [row.what for row in selectors.views_of_customer(8)] == ["reveal:mobile"]
    assert [row.party_key for row in selectors.views_by_staff("A1")] == [8, 7]


def test_an_export_says_what_left(alice) -> None:
    services.exported(by=alice, what="customers", rows=12, columns=["name"], filters={"tier": 3})
    row = selectors.exports(staff_no="A1").get()
    assert (row.rows, row.columns, row.filters) == (12, ["name"], {"tier": 3, "purpose": "service"})


def test_a_row_of_a_deed_that_failed_is_not_kept(alice) -> None:
    with transaction.atomic():
        services.record(by=alice, verb="x.y", on=alice)
        transaction.set_rollback(True)
    assert not selectors.changes(staff_no="A1").exists()


def test_details_say_yuan_yes_and_the_end_of_a_customers_key() -> None:
    told = {"party": 1511404390922202434, "fen": 3_000_000, "kept": True, "assignee": "S10002", "note": None}
    with translation.override("zh-hans"):
        said = words.details_in_words(told)
    assert said == "客户 …202434 · 金额（元） 30,000.00 · 兑现与否 是 · 任务责任人 S10002"
