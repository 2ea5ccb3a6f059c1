"""The demo bank's visits and joint cases: told once, each done visit on a contact, with something left to find."""

import pytest
from tests.pipeline.test_past import TODAY, people

from guanxi.crm import testing
from guanxi.crm.organisation.models import Post
from guanxi.crm.planning.models import PlanningCase
from guanxi.crm.visits.models import Visit, WeekPlan
from guanxi.pipeline.demo.past import interactions, planning, visits

__all__ = ["people"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])


def test_visits_and_cases_are_told_once_and_hold_together(people) -> None:
    testing.make_policies("visit", "planning", "tier")
    testing.make_staff("planner", people.outlet)
    interactions.tell(today=TODAY)
    assert visits.tell(today=TODAY) > 0
    assert planning.tell(today=TODAY) > 0
    assert (visits.tell(today=TODAY), planning.tell(today=TODAY)) == (0, 0)
    told = list(Visit.objects.using("pipeline").select_related("contact"))
    done = [visit for visit in told if visit.state == "done"]
    assert done
    assert all(
        visit.contact.channel == "visit" and visit.contact.party_id == visit.party_id for visit in done
    )
    assert all(visit.day >= TODAY for visit in told if visit.state == "planned")
    assert Post.objects.filter(staff=people.alice).exists()
    weeks = WeekPlan.objects.using("pipeline").filter(staff=people.alice)
    assert {week.state for week in weeks} >= {"confirmed"}
    assert all(case.shared == {} for case in PlanningCase.objects.using("pipeline").exclude(ended_on=None))
