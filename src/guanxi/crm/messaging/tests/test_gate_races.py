"""Several senders and a customer's refusal at once: the cap is never passed, nothing is taken after the refusal."""

import random
import threading
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connections, transaction

from guanxi.crm import testing
from guanxi.crm.customers.models import Consent
from guanxi.crm.messaging import permission
from guanxi.crm.messaging.locks import held_for_call
from guanxi.crm.messaging.models import Budget, ConsentEntry, Touch
from guanxi.crm.organisation.acting import settings_of_transaction

NOON = datetime(2026, 11, 4, 4, tzinfo=UTC)
SENDERS = 6


@pytest.fixture
def customers(db):  # noqa: ARG001  # asks for the database
    """Three customers who agreed to everything; what the tests commit about them is gone afterwards."""
    testing.make_policies("contact", "tier")
    people = testing.make_people()
    made = [testing.make_party(people.outlet, keeper=people.alice, id_type="resident_id") for _ in range(3)]
    with testing.everything():
        Consent.objects.bulk_create(
            Consent(party=one, purpose="marketing", channel="any", agreed=True, given_on=date(2026, 1, 1))
            for one in made
        )
    yield made
    with testing.everything():
        Touch.objects.all().delete()
        Budget.objects.all().delete()
        Consent.objects.all().delete()


def together(deeds):
    """Run these at the same moment, each with a connection of its own; what broke."""
    gate, broken = threading.Barrier(len(deeds)), []

    def run(deed):
        gate.wait()
        try:
            deed()
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must hear of it
            broken.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return broken


def batch(customers, channel):
    return [SimpleNamespace(party_id=one.pk, channel=channel, purpose="marketing") for one in customers]


def send(customers, seed):
    """One sender: batches in orders and channels of its own, each its own transaction; what it was allowed."""
    dice, allowed = random.Random(seed), []  # noqa: S311  # an order, no secret
    for number in range(4):
        messages = batch(
            dice.sample(customers, len(customers)), dice.choice(("sms", "email", "push", "call"))
        )
        at = NOON + timedelta(days=number)
        with transaction.atomic(), settings_of_transaction(("", "bank", "", ""), using="default"):
            verdicts = permission.take(messages=messages, at=at)
        allowed += [
            message.party_id for message, verdict in zip(messages, verdicts, strict=True) if verdict.allowed
        ]
    return allowed


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_weekly_cap_is_never_passed_by_senders_at_once(customers):
    allowed = []
    assert (
        together([lambda seed=seed: allowed.extend(send(customers, seed)) for seed in range(SENDERS)]) == []
    )
    with testing.everything():
        for one in customers:
            touches = list(Touch.objects.filter(party=one).values_list("day", "times"))
            assert sum(times for _day, times in touches) == allowed.count(one.pk) == 2
            assert max(times for _day, times in touches) == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nothing_is_taken_after_a_refusal_is_committed_and_a_refusal_waits_for_the_call_under_way(customers):
    one, told = customers[0], []

    def sender():
        for number in range(5):
            with held_for_call([one.pk], using="default"):
                with transaction.atomic(), settings_of_transaction(("", "bank", "", ""), using="default"):
                    (verdict,) = permission.take(
                        messages=batch([one], "sms"), at=NOON + timedelta(days=7 * number)
                    )
                told.append(("call", verdict.allowed))  # the call to the counterpart would be here

    def customer():
        with transaction.atomic(), settings_of_transaction(("", "bank", "", ""), using="default"):
            permission.refuse_all(party=one, source="link", at=NOON)
            told.append(("refused", True))

    assert together([sender, customer]) == []
    refused = told.index(("refused", True))
    # A call entered before the refusal's lock may be told just after; none that asked later was allowed.
    assert not any(allowed for what, allowed in told[refused + 1 :] if what == "call")
    with testing.everything():
        assert ConsentEntry.objects.filter(party=one, agreed=False).count() == 1
