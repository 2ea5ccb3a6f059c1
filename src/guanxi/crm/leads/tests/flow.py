"""What the room's tests start from: an outlet with people, and leads brought as far as a test needs them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers import protected
from guanxi.crm.customers.models import ContactPoint, Party
from guanxi.crm.leads import services
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.arriving import Draft
from guanxi.crm.leads.models import Lead
from guanxi.crm.leads.rules import Feedback
from guanxi.crm.leads.services import StepDraft
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.insight.staging.identifiers import Protected

NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
TODAY = testing.TODAY
_number = itertools.count(13900000001)
COMPLETE = Feedback(True, "对公结算与代发", "张总(总经理)", "王会计(代账)", "刘出纳(财务)")


def a_number() -> str:
    """A mobile number nobody has yet."""
    return str(next(_number))


@contextmanager
def acts(staff: Staff, *, on: date = TODAY) -> Iterator[Acting]:
    """Acting as this person on that day, as a request does."""
    with acting_as(staff, today=on) as reach:
        yield Acting(staff, reach, on, NOW)


@dataclass(frozen=True)
class Crew:
    """The three people of every test, with a teller and a colleague of no customer-seeing role at the outlet."""

    people: testing.People
    teller: Staff
    cook: Staff


def make_crew() -> Crew:
    """The bank with policies and people; the head's leads are of `outlet`."""
    testing.make_policies("lead", "access", "worklist")
    people = testing.make_people()
    return Crew(
        people,
        testing.make_staff("teller", people.outlet, name="赵柜员"),
        testing.make_staff("other", people.outlet, name="孙师傅"),
    )


def draft(**more: Any) -> Draft:
    """A person who runs a shop."""
    return replace(Draft("person", "周小满", a_number(), "trade", "在观前街开茶叶店"), **more)


def collected(crew: Crew, *, by: Staff | None = None, **more: Any) -> Lead:
    """Handed in by the teller, or by whom it says."""
    with acts(by or crew.teller) as acting:
        return services.hand_in(acting, draft(**more), unit=crew.people.outlet)


def published(crew: Crew, **more: Any) -> Lead:
    """Handed in and on the bank's meeting page."""
    lead = collected(crew, **more)
    with acts(crew.people.head) as acting:
        assert services.publish(acting, [lead]) == 1
    return fresh(lead)


def claimed(crew: Crew, by: Staff | None = None, **more: Any) -> Lead:
    """Published and claimed by Alice, or by whom it says."""
    lead = published(crew, **more)
    with acts(by or crew.people.alice) as acting:
        return services.claim(acting, lead)


def fed_back(crew: Crew, said: Feedback = COMPLETE) -> Lead:
    """Claimed by Alice, who found out everything."""
    lead = claimed(crew)
    with acts(crew.people.alice) as acting:
        return services.feed_back(acting, lead, said)


def converting(crew: Crew) -> Lead:
    """In conversion with two steps, one of them Bob's."""
    lead = fed_back(crew)
    with acts(crew.people.alice) as acting:
        steps = [
            StepDraft("张总", "上门拜访", crew.people.alice, date(2026, 11, 5)),
            StepDraft("刘出纳", "演示企业网银", crew.people.bob, date(2026, 11, 9)),
        ]
        return services.convert(acting, lead, steps, expectation="代发 60 人")


def fresh(lead: Lead) -> Lead:
    """The lead as it stands, whoever may see it."""
    with testing.everything():
        return Lead.objects.select_related("owner", "unit").get(pk=lead.pk)


def give_number(party: Party, number: str) -> None:
    """Let a customer have this mobile number."""
    (shown,), _rows = protected.door().protect(Protected.MOBILE, [number])
    with testing.everything():
        ContactPoint.objects.create(party=party, kind="mobile", token=shown.token, masked=shown.masked)
