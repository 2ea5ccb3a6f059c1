"""The second wall: what the database shows to the app's login when a filter was forgotten."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, connections, transaction

from guanxi.crm import testing
from guanxi.crm.customers.archive.models import Note
from guanxi.crm.customers.documents.models import Document, DocumentContent
from guanxi.crm.customers.models import (
    ContactPoint,
    Credit,
    HouseholdHint,
    Identifier,
    IdentityDecision,
    IdentityPair,
    KeeperTerm,
    NameGram,
    Party,
    PartySource,
    Relation,
    SavedView,
    StoppedMember,
    VaultEntry,
)
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.scores.models import (
    LargeChange,
    Maturity,
    NearLine,
    PartyHistory,
    PartyNeed,
    PartyScore,
    TierHistory,
)

pytestmark = pytest.mark.django_db

PIPELINES = {
    "PartyLink",
    "ProfileChange",
}  # the app may not write them; read through their customer like the others
SCOPED = [
    *(model for model in apps.get_app_config("customers").get_models() if model.__name__ not in PIPELINES),
    *(PartyScore, PartyHistory, PartyNeed, TierHistory, LargeChange, Maturity, NearLine),
]


def seen_by(staff, model=Party) -> set:
    with acting_as(staff, today=testing.TODAY):
        return set(model.objects.values_list("pk", flat=True))


def rows(sql: str, *parameters) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def test_every_table_that_leads_to_a_customer_is_row_secured_by_force() -> None:
    leading = {
        model._meta.db_table
        for model in apps.get_models()
        if model is Party or any(field.related_model is Party for field in model._meta.fields)
    }
    secured = {
        name for (name,) in rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    }
    assert leading <= secured
    assert {model._meta.db_table for model in SCOPED} <= secured


def test_the_app_owns_no_table_and_passes_no_policy_by() -> None:
    assert rows("SELECT current_user") == [("guanxi_app",)]
    assert (
        rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'guanxi%%'")
        == [(False, False)] * 3
    )
    owners = rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert owners == [("guanxi_owner",)]
    assert rows("SELECT pg_has_role('guanxi_app', 'guanxi_owner', 'MEMBER')") == [(False,)]


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_a_forgotten_filter_with_nobody_acting_shows_nothing(model) -> None:
    people = testing.make_people()
    fill_details(people.customer, people.alice)
    with testing.everything():
        there = model.objects.exists()
    assert model.objects.count() == 0
    assert there or model is SavedView


def fill_details(party, keeper) -> None:
    """One row for this customer in every scoped table."""
    run = testing.make_run()
    testing.make_score(party, run, aum_fen=100)
    common = {"party": party, "unit_id": party.unit_id, "keeper_id": party.keeper_id}
    day = testing.TODAY
    with testing.everything():
        Identifier.objects.create(party=party, kind="id", token="t-id")
        ContactPoint.objects.create(party=party, kind="mobile", token="t-mobile")
        VaultEntry.objects.create(token="t-mobile", kind="mobile", ciphertext=b"x", key_id="k1")
        party.consents.create(purpose="marketing", channel="any", agreed=True, given_on=day)
        party.relations.create(other=party, kind="owner")
        party.holdings.create(account_no="1", family="demand", currency="CNY")
        Credit.objects.create(party=party)
        KeeperTerm.objects.create(party=party, staff=keeper, valid_from=day)
        TierHistory.objects.create(party=party, scheme="person", valid_from=day, known_from=day, run=run)
        arrays = {field.name: [] for field in PartyHistory._meta.fields if field.name != "party"}
        PartyHistory.objects.create(party=party, **arrays)
        PartyNeed.objects.create(party=party)
        LargeChange.objects.create(**common, day=day, aum_before_fen=2, aum_after_fen=1, change_fen=-1)
        Maturity.objects.create(
            **common, account_no="1", family="time", amount_fen=1, matures_on=day, days_left=0
        )
        NearLine.objects.create(**common, side="below", line_fen=2, daily_average_fen=1, gap_fen=1)
        sides = {"left": party, "right": party}
        IdentityPair.objects.create(**sides, posterior=1, weight=1, rule="model", state="review")
        HouseholdHint.objects.create(**sides, family="王", members=2)
        IdentityDecision.objects.create(
            **sides, left_no="1", right_no="2", verdict="later", reason="…", staff=keeper, decided_on=day
        )
        StoppedMember.objects.create(party=party, group_key=1, reason="many")
        PartySource.objects.create(party=party, field="name", customer_no="1")
        Note.objects.create(
            party=party,
            thread=uuid4(),
            text="x",
            author=keeper,
            author_name="x",
            written_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        paper = Document.objects.create(
            party=party, uuid=uuid4(), thread=uuid4(), kind="id", mime="image/png", size=1, sha256="0" * 64,
            added_by=keeper, added_on=day, added_at=datetime(2026, 11, 1, tzinfo=UTC),
        )  # fmt: skip
        DocumentContent.objects.create(document=paper, key_id="1", ciphertext=b"x")


@pytest.mark.parametrize(
    "model", [model for model in SCOPED if model is not SavedView], ids=lambda model: model.__name__
)
def test_details_are_seen_by_who_sees_the_customer_and_by_nobody_else(model) -> None:
    people = testing.make_people()
    fill_details(people.customer, people.alice)
    assert seen_by(people.alice, model)
    assert seen_by(people.head, model)
    assert not seen_by(people.bob, model)
    assert not seen_by(people.charlie, model)


def test_two_persons_through_one_connection_each_see_their_own() -> None:
    people = testing.make_people()
    theirs = testing.make_party(people.elsewhere, keeper=people.charlie)
    order = (people.alice, people.charlie, people.alice, people.head, people.bob)
    hers = {people.customer.pk}
    assert [seen_by(who) for who in order] == [hers, {theirs.pk}, hers, hers, set()]
    assert Party.objects.count() == 0


def test_a_plan_kept_from_one_person_shows_the_next_their_own() -> None:
    people = testing.make_people()
    theirs = testing.make_party(people.elsewhere, keeper=people.charlie)
    for _ in range(12):
        assert seen_by(people.alice) == {people.customer.pk}
    kept = rows(
        "SELECT MAX(generic_plans) FROM pg_prepared_statements WHERE statement LIKE '%%FROM \"customers_party\"%%'"
    )
    assert kept[0][0], "no plan was kept, so this proves nothing"
    assert [seen_by(who) for who in (people.charlie, people.bob)] == [{theirs.pk}, set()]
    assert not Party.objects.values_list("pk", flat=True)


def test_one_person_within_anothers_turn_gives_the_turn_back() -> None:
    people = testing.make_people()
    with acting_as(people.alice, today=testing.TODAY):
        with acting_as(people.charlie, today=testing.TODAY):
            assert not Party.objects.exists()
        assert Party.objects.exists()
        with pytest.raises(ZeroDivisionError), acting_as(people.charlie, today=testing.TODAY):
            raise ZeroDivisionError
        assert Party.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nothing_of_a_person_stays_on_the_connection_after_the_transaction() -> None:
    staff = testing.make_staff("analyst", testing.make_unit())
    with acting_as(staff, today=testing.TODAY):
        assert rows("SELECT current_setting('guanxi.reach', true)") == [("bank",)]
    assert rows("SELECT NULLIF(current_setting('guanxi.reach', true), '')") == [(None,)]


@pytest.mark.parametrize(
    ("role", "at", "sees"),
    [
        ("relationship_manager", "outlet", False),
        ("teller", "outlet", True),
        ("lobby", "outlet", True),
        ("teller", "elsewhere", False),
        ("outlet_head", "outlet", True),
        ("supervisor", "bank", True),
        ("supervisor", "elsewhere", False),
        ("analyst", "outlet", True),
        ("administrator", "bank", False),
        ("compliance", "bank", False),
        ("other", "outlet", False),
    ],
)
def test_a_role_sees_the_customer_or_does_not(role, at, sees) -> None:
    people = testing.make_people()
    staff = testing.make_staff(role, getattr(people, at))
    assert (people.customer.pk in seen_by(staff)) is sees


def test_an_analyst_of_one_legal_entity_sees_no_other() -> None:
    people = testing.make_people()
    village = testing.make_unit("村镇银行")
    theirs = testing.make_party(testing.make_unit("柳湾支行", parent=village))
    assert seen_by(testing.make_staff("analyst", people.outlet)) == {people.customer.pk}
    assert seen_by(testing.make_staff("analyst", village)) == {theirs.pk}


def test_a_customer_cannot_be_written_out_of_reach() -> None:
    people = testing.make_people()
    with acting_as(people.head, today=testing.TODAY), pytest.raises(ProgrammingError), transaction.atomic():
        Party.objects.filter(pk=people.customer.pk).update(unit=people.elsewhere, keeper=people.charlie)
    with acting_as(people.charlie, today=testing.TODAY):
        assert Party.objects.filter(pk=people.customer.pk).update(name="x") == 0
        assert Party.objects.filter(pk=people.customer.pk).delete()[0] == 0


def test_a_relation_is_seen_from_both_ends_but_the_other_end_stays_hidden() -> None:
    people = testing.make_people()
    theirs = testing.make_party(people.elsewhere, keeper=people.charlie)
    with testing.everything():
        Relation.objects.create(party=people.customer, other=theirs, kind="spouse")
    assert len(seen_by(people.charlie, Relation)) == 1
    assert seen_by(people.charlie) == {theirs.pk}


def test_a_hand_over_reaches_every_copy_of_the_keeper_at_once() -> None:
    people = testing.make_people()
    fill_details(people.customer, people.alice)
    with acting_as(people.head, today=testing.TODAY):
        Party.objects.filter(pk=people.customer.pk).update(keeper=people.bob)
    for model in (Party, NameGram, PartyScore, LargeChange, Maturity, NearLine, PartyHistory):
        assert seen_by(people.bob, model), model
        assert not seen_by(people.alice, model), model


def test_a_saved_view_is_its_makers_alone() -> None:
    people = testing.make_people()
    with acting_as(people.alice, today=testing.TODAY):
        SavedView.objects.create(staff=people.alice, name="mine")
    assert seen_by(people.alice, SavedView)
    assert not seen_by(people.head, SavedView)


@pytest.mark.django_db(databases=["default", "pipeline", "owner"])
@pytest.mark.parametrize("alias", ["pipeline", "owner"])
def test_the_run_and_the_owner_see_every_row(alias) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO organisation_unit (unit_no, name, kind) VALUES ('1', 'x', 'legal_entity') RETURNING id"
        )
        (unit,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO customers_party (id, uuid, customer_no, kind, unit_id)"
            " VALUES (1, gen_random_uuid(), '1', 'person', %s)",
            [unit],
        )
        cursor.execute("SELECT count(*) FROM customers_party")
        assert cursor.fetchone() == (1,)
