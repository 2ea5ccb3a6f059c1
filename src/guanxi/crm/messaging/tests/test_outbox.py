"""Queueing, stopping, switching and settling: what stands in the outbox, who sees it, and what may become of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.messaging import rules, selectors, services
from guanxi.crm.messaging.models import ChannelAccount, Message, Receipt, State, Volume
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


def queue(parties, **more):
    told = {
        "by": None, "origin": "campaign", "ref": "c-1", "channel": "sms", "template_version": 1, "purpose": "marketing",
        "parties": [(party.pk, {"text": "您好"}) for party in parties], "planned_at": NOW,
        "expires_at": NOW + timedelta(hours=2), "now": NOW,
    } | more  # fmt: skip
    return services.queue(**told)


def make_account(**more) -> ChannelAccount:
    told = {
        "code": "sms-marketing", "name": "短信（营销）", "kind": "sms", "purpose": "marketing", "adapter": "sms_http",
        "rate": 1_000, "window": 100,
    } | more  # fmt: skip
    return ChannelAccount.objects.create(**told)


@pytest.fixture
def people():
    return testing.make_people()


@pytest.fixture
def queued(people) -> Message:
    with testing.everything():
        queue([people.customer])
        return Message.objects.get()


def test_a_message_queued_twice_stands_once_and_says_so(people) -> None:
    with testing.everything():
        assert queue([people.customer]) == services.Queued(count=1, already=0)
        assert queue([people.customer]) == services.Queued(count=0, already=1)
        assert queue([people.customer], step=1) == services.Queued(count=1, already=0)
        assert Message.objects.count() == 2
        assert {(one.step, one.planned) for one in Volume.objects.all()} == {(0, 1), (1, 1)}


def test_the_same_message_has_the_same_out_id_after_it_was_lost(people) -> None:
    with testing.everything():
        queue([people.customer])
        first = Message.objects.get().out_id
        Message.objects.all().delete()
        queue([people.customer])
        assert Message.objects.get().out_id == first
        assert len(first) == 32


@pytest.mark.django_db(transaction=True)
def test_queueing_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        queue([])


def test_who_acts_queues_only_for_customers_within_reach(people) -> None:
    theirs = testing.make_party(people.elsewhere, keeper=people.charlie)
    with acting_as(people.alice, today=testing.TODAY):
        assert queue([people.customer, theirs]) == services.Queued(count=1, already=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "pigeon"}, {"purpose": ""}, {"origin": "x"}, {"ref": ""}, {"ref": "r" * 65}, {"expires_at": NOW},
    ],
)  # fmt: skip
def test_what_can_be_no_message_is_refused(people, wrong) -> None:
    with testing.everything(), pytest.raises(ValidationError):
        queue([people.customer], **wrong)


def test_stopping_stops_what_no_sender_is_submitting(people) -> None:
    other = testing.make_party(people.outlet, keeper=people.alice)
    with testing.everything():
        queue([people.customer, other])
        Message.objects.filter(party=other).update(state="accepted", submitted_at=NOW)
        assert services.stop(origin="campaign", ref="c-1", by=None, now=NOW) == 1
        assert set(Message.objects.values_list("state", flat=True)) == {"stopped", "accepted"}
        assert services.stop(origin="campaign", ref="c-1", by=None, now=NOW) == 0


def test_messages_and_receipts_are_seen_by_who_sees_the_customer(people, queued) -> None:
    with testing.everything():
        Receipt.objects.create(
            account=make_account(), vendor_id="v", state="delivered", at=NOW, heard_at=NOW, message=queued
        )
    seen = {}
    for name in ("alice", "bob", "charlie", "head"):
        with acting_as(getattr(people, name), today=testing.TODAY):
            seen[name] = (Message.objects.count(), Receipt.objects.count())
    assert seen == {"alice": (1, 1), "bob": (0, 0), "charlie": (0, 0), "head": (1, 1)}
    assert Message.objects.count() == 0


def test_a_handed_over_customer_takes_the_messages_along(people, queued) -> None:
    with testing.everything():
        people.customer.keeper = people.bob
        people.customer.save()
    with acting_as(people.bob, today=testing.TODAY) as reach:
        assert list(selectors.messages_of(reach, people.customer)) == [queued]
    with acting_as(people.alice, today=testing.TODAY) as reach:
        assert not selectors.messages_of(reach, people.customer)


def test_a_channel_is_off_until_somebody_with_the_right_switches_it_on(people) -> None:
    account = make_account()
    boss = testing.make_staff("compliance", people.bank)
    assert not account.is_on
    with pytest.raises(PermissionDenied):
        services.switch(account=account, on=True, by=people.alice, today=testing.TODAY, now=NOW)
    services.switch(account=account, on=True, by=boss, today=testing.TODAY, now=NOW)
    account.refresh_from_db()
    assert (account.is_on, account.off_reason) == (True, "")
    services.switch(account=account, on=False, by=boss, today=testing.TODAY, now=NOW, note="试一试")
    account.refresh_from_db()
    assert (account.is_on, account.off_reason) == (False, "person")
    verbs = list(ChangeLog.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["messaging.channel_on", "messaging.channel_off"]


def test_a_channel_that_was_stopped_asks_what_was_looked_into(people) -> None:
    boss = testing.make_staff("compliance", people.bank)
    account = make_account(off_reason="brake_person")
    with pytest.raises(ValidationError):
        services.switch(account=account, on=True, by=boss, today=testing.TODAY, now=NOW)
    services.switch(account=account, on=True, by=boss, today=testing.TODAY, now=NOW, note="重复名单已核对")
    account.refresh_from_db()
    assert account.is_on


def doubt(message: Message, **more) -> Message:
    for name, value in ({"state": "unknown", "unknown_at": NOW, "submitted_at": NOW} | more).items():
        setattr(message, name, value)
    with testing.everything():
        message.save()
    return message


def settle(people, message, as_state, **more):
    boss = testing.make_staff("compliance", people.bank)
    with testing.everything():
        told = {"today": testing.TODAY, "now": NOW, "note": "运营商后台已查"} | more
        return services.settle(message=message, as_state=as_state, by=boss, **told)


def test_a_person_settles_what_is_in_doubt_once(people, queued) -> None:
    doubt(queued)
    assert settle(people, queued, "delivered").state == State.DELIVERED
    with pytest.raises(ValidationError):
        settle(people, queued, "failed")


def test_marketing_in_doubt_is_never_sent_again_and_a_service_notice_only_by_a_person(people, queued) -> None:
    doubt(queued)
    with pytest.raises(ValidationError):
        settle(people, queued, "planned")
    doubt(queued, purpose="service")
    with pytest.raises(ValidationError):
        settle(people, queued, "planned", note=" ")
    again = settle(people, queued, "planned")
    assert (again.state, again.in_doubt, again.settled_note) == (State.PLANNED, False, "运营商后台已查")


def test_the_database_refuses_a_claim_without_a_lease(queued) -> None:
    with testing.everything(), pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=queued.pk).update(state="claimed")


def test_every_state_has_its_followers_and_ends_are_ends() -> None:
    assert set(rules.MOVES) == set(State.values)
    for state in ("delivered", "refused", "expired", "stopped"):
        assert not rules.MOVES[state]
    assert not any(rules.may_follow(state, "submitting") for state in State.values if state != "claimed")


@pytest.mark.usefixtures("queued")
def test_progress_counts_states_cost_and_speed(people) -> None:
    other = testing.make_party(people.outlet, keeper=people.alice)
    with testing.everything():
        queue([other])
        Message.objects.filter(party=other).update(
            state="accepted", submitted_at=NOW, accepted_at=NOW, parts=2, cost_fen=9
        )
        told = selectors.progress("campaign", "c-1")
    assert told.counts == {"planned": 1, "accepted": 1}
    assert (told.total, told.done, told.cost_fen, told.parts) == (2, 1, 9, 2)
