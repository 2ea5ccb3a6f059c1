"""Contacts and promises as the services keep them: once a key, audited, within reach, each promise in one state."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.interactions import selectors, services
from guanxi.crm.interactions.models import Contact, Promise, PromiseState
from guanxi.crm.interactions.rules import Stage, is_broken, may_move, stage_of
from guanxi.crm.interactions.services import PromiseDraft, log_contact
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)  # noon in Shanghai


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("interaction")
    return testing.make_people()


def written(people: testing.People, by=None, **more) -> Contact:
    told = {
        "channel": "call",
        "at": NOON,
        "outcome": "reached_later",
        "client_key": uuid.uuid4(),
        "today": TODAY,
        "now": NOON,
    } | more
    who = by or people.alice
    with acting_as(who, today=TODAY):
        return log_contact(by=who, party=people.customer, **told)


def test_a_contact_is_kept_with_its_promise_and_both_stand_in_the_trail(people) -> None:
    contact = written(people, promise=PromiseDraft("周二前回电", TODAY + timedelta(days=2)), note="在开会")
    with acting_as(people.alice, today=TODAY) as reach:
        assert [row.note for row in selectors.contacts_of(reach, people.customer)] == ["在开会"]
        (promise,) = selectors.promises_of(reach, people.customer)
        assert (promise.contact_id, promise.due_on, promise.state) == (contact.pk, date(2026, 11, 3), "open")
        assert selectors.last_contact_days(reach, [people.customer.pk]) == {people.customer.pk: TODAY}
    verbs = (
        ChangeLog.objects.filter(verb__startswith="interactions")
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert list(verbs) == ["interactions.contact_logged", "interactions.promise_made"]


def test_when_the_trail_cannot_be_written_nothing_is(people, monkeypatch) -> None:
    def fail(**_told):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(services.audit, "record", fail)
    with pytest.raises(RuntimeError):
        written(people)
    with testing.everything():
        assert not Contact.objects.exists()


@given(keys=st.lists(st.integers(0, 3), max_size=10))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_often_a_key_is_sent_it_is_one_contact_one_promise_and_one_line_of_the_trail(
    people, keys
) -> None:
    with transaction.atomic():
        made = [uuid.uuid4() for _ in range(4)]
        for number in keys:
            written(people, client_key=made[number], promise=PromiseDraft("回电", TODAY))
        with testing.everything():
            assert Contact.objects.count() == Promise.objects.count() == len(set(keys))
        assert ChangeLog.objects.filter(verb="interactions.contact_logged").count() == len(set(keys))
        transaction.set_rollback(True)


def test_a_key_that_somebody_else_used_is_refused(people) -> None:
    key = uuid.uuid4()
    written(people, client_key=key)
    with pytest.raises(PermissionDenied):
        written(people, by=people.head, client_key=key)


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_who_does_not_see_the_customer_writes_nothing_and_sees_nothing(people, who) -> None:
    written(people, promise=PromiseDraft("回电", TODAY))
    person = getattr(people, who)
    with pytest.raises(PermissionDenied):
        written(people, by=person)
    with acting_as(person, today=TODAY) as reach:
        assert not selectors.contacts_of(reach, people.customer)
        assert not selectors.promises(reach)
        assert not selectors.last_contact_days(reach, [people.customer.pk])


def test_the_database_itself_hides_and_refuses_the_rows_of_others(people) -> None:
    written(people, promise=PromiseDraft("回电", TODAY))
    with acting_as(people.bob, today=TODAY):
        assert (Contact.objects.count(), Promise.objects.count()) == (0, 0)
        assert Contact.objects.update(note="x") == 0
    with acting_as(people.head, today=TODAY):
        assert (Contact.objects.count(), Promise.objects.count()) == (1, 1)
    assert (Contact.objects.count(), Promise.objects.count()) == (0, 0)  # nobody acts: nothing exists


def test_contacts_and_promises_follow_a_hand_over_in_the_same_transaction(people) -> None:
    written(people, promise=PromiseDraft("回电", TODAY))
    with acting_as(people.head, today=TODAY) as reach:
        assign_keeper(
            by=people.head, reach=reach, party=people.customer, keeper=people.bob, today=TODAY, reason="…"
        )
    with acting_as(people.alice, today=TODAY):
        assert (Contact.objects.count(), Promise.objects.count()) == (0, 0)
    with acting_as(people.bob, today=TODAY):
        assert (Contact.objects.count(), Promise.objects.count()) == (1, 1)


def test_a_merged_number_brings_its_contacts_along(people) -> None:
    written(people, note="旧号")
    whole = testing.make_party(people.outlet, keeper=people.alice)
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(merged_into=whole)
    with acting_as(people.alice, today=TODAY) as reach:
        assert [row.note for row in selectors.contacts_of(reach, whole)] == ["旧号"]


@pytest.mark.parametrize(
    "more",
    [
        {"at": NOON + timedelta(days=1)},
        {"at": NOON - timedelta(days=31)},
        {"outcome": "not_met"},
        {"outcome": "nonsense"},
        {"channel": "pigeon"},
        {"intent_family": "demand"},
        {"intent_fen": 100},
        {"intent_family": "time", "intent_fen": 0},
        {"promise": PromiseDraft("回电", TODAY - timedelta(days=1))},
        {"promise": PromiseDraft("  ", TODAY)},
    ],
)
def test_what_the_policy_has_no_place_for_is_refused_and_leaves_nothing(people, more) -> None:
    with pytest.raises(ValidationError):
        written(people, **more)
    with testing.everything():
        assert not Contact.objects.exists()
        assert not Promise.objects.exists()


def test_a_teller_of_the_outlet_logs_a_branch_talk(people) -> None:
    teller = testing.make_staff("teller", people.outlet)
    contact = written(people, by=teller, channel="branch", outcome="care")
    assert contact.staff_id == teller.pk


def test_an_analyst_writes_nothing(people) -> None:
    with pytest.raises(PermissionDenied):
        written(people, by=testing.make_staff("analyst", people.bank))


STEPS = st.lists(st.sampled_from(["keep", "withdraw", "break"]), max_size=6)


@given(steps=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_promise_takes_the_states_its_machine_allows_and_no_other(people, steps) -> None:
    with transaction.atomic():
        written(people, promise=PromiseDraft("回电", TODAY))
        with acting_as(people.alice, today=TODAY):
            promise, state, broken = Promise.objects.get(), "open", False
            for step in steps:
                over = state in {"kept", "withdrawn"}
                if step == "break":  # what the night does
                    rows = Promise.objects.filter(state="open").update(state="broken", broken_on=TODAY)
                    broken, state = broken or bool(rows), "broken" if state == "open" else state
                elif over:
                    with pytest.raises(ValidationError):
                        _close(step, promise, people.alice)
                else:
                    state = _close(step, promise, people.alice).state
            promise.refresh_from_db()
            assert (promise.state, promise.broken_on is not None) == (state, broken)
            assert (promise.kept_at is not None) == (state == "kept")
        transaction.set_rollback(True)


def _close(step: str, promise: Promise, by) -> Promise:
    if step == "keep":
        return services.keep_promise(promise=promise, by=by, now=NOON, today=TODAY)
    return services.withdraw_promise(promise=promise, by=by, now=NOON, note="客户改期", today=TODAY)


def test_a_promise_of_a_customer_out_of_reach_cannot_be_closed(people) -> None:
    written(people, promise=PromiseDraft("回电", TODAY))
    with testing.everything():
        promise = Promise.objects.get()
    with acting_as(people.bob, today=TODAY), pytest.raises(PermissionDenied):
        services.keep_promise(promise=promise, by=people.bob, now=NOON, today=TODAY)


def test_promises_due_are_those_undone_by_that_day_the_earliest_first(people) -> None:
    for days in (5, 0, 2):
        written(people, promise=PromiseDraft(f"第{days}天", TODAY + timedelta(days=days)))
    with acting_as(people.alice, today=TODAY) as reach:
        due = selectors.promises_due(reach, TODAY + timedelta(days=2))
        assert [row.text for row in due] == ["第0天", "第2天"]


def test_the_states_of_a_promise_end_with_kept_and_withdrawn() -> None:
    allowed = {(old, new) for old in PromiseState.values for new in PromiseState.values if may_move(old, new)}
    assert allowed == {
        ("open", "kept"), ("open", "broken"), ("open", "withdrawn"), ("broken", "kept"), ("broken", "withdrawn"),
    }  # fmt: skip


@given(days=st.integers(-5, 40), grace=st.integers(0, 5))
def test_an_open_promise_breaks_on_the_day_after_its_grace(days, grace) -> None:
    due = date(2026, 10, 1)
    assert is_broken("open", due, due + timedelta(days=days), grace) == (days > grace)
    assert not is_broken("kept", due, due + timedelta(days=days), grace)


def test_an_intent_goes_from_intent_to_agreed_to_deal_and_lapses_after_its_window() -> None:
    day = date(2026, 10, 1)
    told = {"day": day, "match_days": 30}
    last, after = day + timedelta(days=30), day + timedelta(days=31)
    assert stage_of(deal=False, promised=False, today=last, **told) is Stage.INTENT
    assert stage_of(deal=False, promised=True, today=last, **told) is Stage.AGREED
    assert stage_of(deal=False, promised=True, today=after, **told) is Stage.LAPSED
    assert stage_of(deal=True, promised=False, today=after, **told) is Stage.DEAL


def test_the_key_is_unique_in_the_database_too(people) -> None:
    with connection.cursor() as cursor:
        asked = (
            "SELECT count(*) FROM pg_indexes WHERE tablename = 'interactions_contact' AND indexdef LIKE %s"
        )
        cursor.execute(asked, ["%UNIQUE%(client_key)%"])
        assert cursor.fetchone() == (1,)
    assert people.customer.pk
