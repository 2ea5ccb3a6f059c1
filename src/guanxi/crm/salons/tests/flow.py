"""What the room's tests start from: a planned salon of two seats, people of the bank and customers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party as Customer
from guanxi.crm.leads.acting import Acting
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.salons import guests, services
from guanxi.crm.salons.models import Channel, Invitation, Salon, Source
from guanxi.crm.salons.rules import Answer
from guanxi.crm.salons.services import SalonDraft

TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
BEGINS, ENDS = datetime(2026, 11, 5, 6, tzinfo=UTC), datetime(2026, 11, 5, 8, tzinfo=UTC)
THE_DAY = date(2026, 11, 5)
NUMBER = "13912340001"


@dataclass(frozen=True)
class Party:
    """The bank's people and the salon they gather at."""

    people: testing.People
    lobby: Staff
    salon: Salon


@contextmanager
def acts(staff: Staff, *, on: date = TODAY, now: datetime = NOW) -> Iterator[Acting]:
    """Acting as this person on that day, as a request does."""
    with acting_as(staff, today=on) as reach:
        yield Acting(staff, reach, on, now)


def draft(people: testing.People, **more: Any) -> SalonDraft:
    """A wealth salon of the outlet with two seats."""
    told: dict[str, Any] = {
        "title": "秋季理财沙龙", "kind": "wealth", "unit": people.outlet, "place": "二楼会议室", "starts_at": BEGINS,
        "ends_at": ENDS, "seats": 2, "is_open": True,
    }  # fmt: skip
    return SalonDraft(**told | more)


def make_party(**more: Any) -> Party:
    """Alice plans the salon."""
    testing.make_policies("salon", "lead", "access", "worklist", "tier")
    people = testing.make_people()
    with acts(people.alice) as acting:
        salon = services.plan(acting, draft(people, **more))
    return Party(people, testing.make_staff("lobby", people.outlet, name="钱大堂"), salon)


def customers(evening: Party, number: int, keeper: Staff | None = None) -> list[Customer]:
    """So many more customers of Alice's."""
    kept = keeper or evening.people.alice
    return [
        testing.make_party(evening.people.outlet, keeper=kept, name=f"客户{place}") for place in range(number)
    ]


def invited(evening: Party, *parties: Customer, by: Staff | None = None) -> list[Invitation]:
    """These customers on the list, by phone."""
    with acts(by or evening.people.alice) as acting:
        keys = [party.pk for party in parties]
        services.invite(acting, evening.salon, keys, source=Source.PICKED, channel=Channel.CALL)
    with testing.everything():
        rows = Invitation.objects.select_related("salon", "party").filter(party__in=keys)
        return sorted(rows, key=lambda one: keys.index(one.party_id))


def says(one: Invitation, said: Answer = Answer.COME) -> Invitation:
    """The answer by the own link."""
    guests.answer(fresh(one), said, today=TODAY, now=NOW)
    return fresh(one)


def fresh(one: Invitation) -> Invitation:
    """The invitation as it stands."""
    with testing.everything():
        return Invitation.objects.select_related("salon__unit", "party", "lead").get(pk=one.pk)


def guest(name: str = "周小满", contact: str = NUMBER, *, agreed: bool = True) -> guests.GuestDraft:
    """Somebody who signs up."""
    return guests.GuestDraft(name, contact, agreed)
