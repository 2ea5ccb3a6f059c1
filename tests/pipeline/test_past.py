"""The demo bank's past of contacts: told once, the same each time, believable in its parts."""

from datetime import date, timedelta

import pytest

from guanxi.crm import testing
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.insight.workdays import is_workday
from guanxi.pipeline.demo import past
from guanxi.pipeline.demo.past import interactions

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
TODAY = date(2026, 11, 1)


@pytest.fixture
def people() -> testing.People:
    """Sixty customers that Alice keeps."""
    testing.make_policies("interaction")
    people = testing.make_people()
    run = testing.make_run()
    for number in range(60):
        party = testing.make_party(
            people.outlet, keeper=people.alice, name=f"张{number}", customer_no=f"P{number}"
        )
        testing.make_score(party, run, tier_rank=1 + number % 5, aum_fen=50_000_000)
    return people


def rows() -> list[tuple]:
    told = Contact.objects.using("pipeline").order_by("client_key")
    return list(told.values_list("client_key", "at", "channel", "outcome", "note", "intent_fen"))


@pytest.mark.usefixtures("people")
def test_it_is_told_once_and_the_same_each_time() -> None:
    written = interactions.tell(today=TODAY)
    first = rows()
    assert written >= len(first) > 60
    assert interactions.tell(today=TODAY) == 0
    Promise.objects.using("pipeline").all().delete()
    Contact.objects.using("pipeline").all().delete()
    interactions.tell(today=TODAY)
    assert rows() == first


@pytest.mark.usefixtures("people")
def test_contacts_lie_on_working_days_of_the_last_ninety_and_promises_take_every_end() -> None:
    interactions.tell(today=TODAY)
    days = set(Contact.objects.using("pipeline").values_list("day", flat=True))
    assert all(is_workday(day) for day in days)
    assert min(days) > TODAY - timedelta(days=interactions.DAYS + 10)
    assert max(days) < TODAY
    states = set(Promise.objects.using("pipeline").values_list("state", flat=True))
    assert states >= {"kept", "broken"}
    open_ones = Promise.objects.using("pipeline").filter(state="open")
    assert all(promise.due_on >= TODAY for promise in open_ones)


def test_every_room_that_is_there_has_its_place_in_the_order() -> None:
    names = [name for name, _room in past.rooms()]
    assert names == [name for name in past.ORDER if name in names]
    assert "interactions" in names
