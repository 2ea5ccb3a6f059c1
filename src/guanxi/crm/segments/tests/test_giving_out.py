"""A segment onto the keepers' lists: how many for whom first, nobody a second task, and nobody beyond one's reach."""

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Party
from guanxi.crm.segments.models import Segment
from guanxi.crm.segments.tests.facts_bank import four_old, make
from guanxi.crm.worklist.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(screen, home) -> Segment:
    """The head's segment of people of sixty, shared with the outlet."""
    testing.make_policies("worklist")
    four_old(screen, home)
    return make(screen.people.head, shared_with=screen.people.outlet)


def given(staff, segment: Segment, due_on: str = "2099-01-01") -> int:
    address = f"/segments/{segment.uuid}/give-out"
    return testing.client_of(staff).post(address, {"due_on": due_on}).status_code


def tasks() -> dict[int, int]:
    """Customers with a task and whose it is."""
    with testing.everything():
        return dict(Task.objects.values_list("party_id", "assignee_id"))


def test_each_keeper_in_reach_gets_the_own_customers_once(screen, segment) -> None:
    assert given(screen.people.head, segment) == 302
    found = tasks()
    with testing.everything():
        kept = dict(Party.objects.filter(pk__in=found).values_list("pk", "keeper_id"))
        units = set(Party.objects.filter(pk__in=found).values_list("unit_id", flat=True))
    assert found
    assert found == kept
    assert units == {screen.people.outlet.pk}
    given(screen.people.head, segment)
    assert tasks() == found
    lines = ChangeLog.objects.filter(verb="segments.given_out").order_by("pk")
    assert [line.details["opened"] for line in lines] == [len(found), 0]


def test_a_manager_gives_work_to_nobody_else(screen, segment) -> None:
    given(screen.people.alice, segment)
    assert set(tasks().values()) == {screen.people.alice.pk}


def test_an_analyst_gives_no_work_and_a_past_day_is_refused(screen, segment) -> None:
    assert given(testing.make_staff("analyst", screen.people.bank), segment) == 403
    assert given(screen.people.head, segment, "2020-01-01") == 422
    assert tasks() == {}


def test_first_it_says_how_many_for_whom(screen, segment) -> None:
    client = testing.client_of(screen.people.head, headers={"HX-Request": "true"})
    page = client.get(f"/segments/{segment.uuid}/give-out").content.decode()
    assert "Alice" in page
    assert tasks() == {}
