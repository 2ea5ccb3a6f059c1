"""Two at the same moment: the last place of an entitlement, the same case, the same event, the same tap."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.counter.models import CounterEvent, EntitlementBook, EntitlementUse
from guanxi.crm.counter.tests.bank import Hall, make_hall, told, used
from guanxi.crm.retention.models import Case
from guanxi.crm.retention.tests.bank import open_case
from guanxi.crm.worklist.models import Task

# With the owner named, what was committed is cleared by the login that may.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
AT_ONCE = 8


def at_once(deed: Callable[[], object], number: int = AT_ONCE) -> list[Exception]:
    """So many people do it at the same moment, each over a connection of their own; what was no refusal."""
    gate, strange = threading.Barrier(number), []

    def one() -> None:
        gate.wait()
        try:
            deed()
        except ValidationError:
            pass
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must hear of it
            strange.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return strange


def own(hall: Hall, model):
    """Rows about this test's customer: what was committed by another test may still stand."""
    return model.objects.filter(party=hall.customer)


def uses(hall: Hall) -> int:
    return EntitlementUse.objects.filter(book__party=hall.customer).count()


@pytest.fixture
def hall() -> Hall:
    return make_hall()


def test_the_last_places_of_an_entitlement_are_given_once_each(hall) -> None:
    assert at_once(lambda: used(hall, "cash")) == []
    with testing.everything():
        assert own(hall, EntitlementBook).get().used == uses(hall) == 2
    assert (
        ChangeLog.objects.filter(verb="counter.entitlement_used", details__party=hall.customer.pk).count()
        == 2
    )


def test_one_tap_sent_many_times_is_one_use(hall) -> None:
    key = uuid4()
    assert at_once(lambda: used(hall, "queue", key=key)) == []
    with testing.everything():
        assert own(hall, EntitlementBook).get().used == uses(hall) == 1


def test_many_who_open_a_case_open_one(hall) -> None:
    assert at_once(lambda: open_case(hall.alice, hall.customer)) == []
    with testing.everything():
        assert own(hall, Case).count() == own(hall, Task).count() == 1
    assert (
        ChangeLog.objects.filter(verb="retention.case_opened", details__party=hall.customer.pk).count() == 1
    )


def test_an_event_told_many_times_is_one_event_one_case_one_task(hall) -> None:
    number = uuid4().hex
    assert at_once(lambda: told(hall, number)) == []
    with testing.everything():
        assert own(hall, CounterEvent).count() == own(hall, Case).count() == own(hall, Task).count() == 1
        assert len(own(hall, Case).get().events) == 1


def test_different_events_of_one_customer_share_a_case_and_none_is_lost(hall) -> None:
    assert at_once(lambda: told(hall, uuid4().hex)) == []
    with testing.everything():
        assert len(own(hall, Case).get().events) == own(hall, CounterEvent).count() == AT_ONCE
