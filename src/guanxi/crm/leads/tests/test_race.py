"""Many managers at one meeting page: each lead ends with one owner, nobody above the limit, nothing half written."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.leads import services
from guanxi.crm.leads.models import Lead, LeadEvent
from guanxi.crm.leads.rules import Deed, State
from guanxi.crm.leads.tests.flow import NOW, Crew, acts
from guanxi.crm.organisation.models import Staff
from guanxi.crm.worklist.models import Task

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "1000"))  # leads raced for
AT_ONCE = 10  # connections: a bank's server has more managers than connections too


def put_up(crew: Crew, number: int) -> list[Lead]:
    """So many leads on the bank's meeting page."""
    with testing.everything():
        return Lead.objects.bulk_create(
            Lead(
                kind="person", name="周小满", contact_kind="mobile", contact_token=f"race-{uuid4()}",
                contact_masked="139****0001",
                origin="web", unit=crew.people.outlet, board=crew.people.bank, state=State.PUBLISH, made_at=NOW,
                made_on=testing.TODAY, published_on=testing.TODAY,
            )
            for _ in range(number)
        )  # fmt: skip


def rush(managers: list[Staff], leads: list[Lead]) -> list[Exception]:
    """Everybody tries every lead, each in an order of their own, some at the same moment; what was not a refusal."""
    gate, slots = threading.Barrier(len(managers)), threading.Semaphore(AT_ONCE)
    strange: list[Exception] = []

    def try_all(person: Staff) -> None:
        mine = random.Random(person.staff_no).sample(leads, len(leads))  # noqa: S311  # an order, no secret
        gate.wait()
        try:
            for lead in mine:
                with slots:
                    try:
                        with acts(person) as acting:
                            services.claim(acting, lead)
                    except ValidationError:
                        pass
                    finally:
                        connections["default"].close()
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must hear of it
            strange.append(error)

    threads = [threading.Thread(target=try_all, args=(person,)) for person in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return strange


def check(leads: list[Lead], limit: int, managers: list[Staff]) -> None:
    """One owner each, one claim, one task, one row of the trail; as many leads taken as could be."""
    keys = [lead.pk for lead in leads]
    with testing.everything():
        worked = Lead.objects.filter(pk__in=keys, state=State.FEEDBACK)
        owners = Counter(worked.values_list("owner_id", flat=True))
        taken = min(len(leads), limit * len(managers))
        assert sum(owners.values()) == taken
        assert max(owners.values()) <= limit
        claims = LeadEvent.objects.filter(lead__in=keys, deed=Deed.CLAIM).values_list("lead_id", flat=True)
        assert len(claims) == len(set(claims)) == taken
        assert Task.objects.filter(origin="lead", state="open", assignee__in=managers).count() == taken
    told = ChangeLog.objects.filter(verb="leads.claim", object_key__in=[str(key) for key in keys])
    assert told.count() == taken


@pytest.fixture
def swept() -> Iterator[None]:
    """What these tests commit is gone after them: no rollback takes it back."""
    yield
    with testing.everything():
        Task.objects.filter(origin="lead").delete()
        Lead.objects.all().delete()


@pytest.mark.usefixtures("swept")
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_eight_managers_claiming_twelve_leads_at_once(crew) -> None:
    managers = [testing.make_staff("relationship_manager", crew.people.outlet) for _ in range(8)]
    leads = put_up(crew, 12)
    assert rush(managers, leads) == []
    check(leads, 15, managers)


@pytest.mark.faults
@pytest.mark.usefixtures("swept")
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(("number", "managers"), [(100, 50), (200, 10)])
def test_fifty_managers_claiming_a_hundred_leads_and_ten_claiming_more_than_they_may_hold(
    crew, number, managers
) -> None:
    for _round in range(max(TRIALS // number, 1)):
        people = [testing.make_staff("relationship_manager", crew.people.outlet) for _ in range(managers)]
        leads = put_up(crew, number)
        assert rush(people, leads) == []
        check(leads, 15, people)
        with testing.everything():  # what is left unclaimed is not raced for again
            Lead.objects.filter(pk__in=[lead.pk for lead in leads]).delete()
