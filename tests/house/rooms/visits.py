"""Visits to a customer: one planned, one done with its plan, one to come along to; the keeper's week handed in."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.visits.models import (
    Acquaintance,
    Companion,
    KeyPerson,
    MaintenancePlan,
    PlanStep,
    Visit,
    VisitPhoto,
    WeekPlan,
)

NINE = datetime(2026, 11, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 10, 26)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`visit`, `visit_done` with its `visit_photo`, `visit_followed`, `visit_along`, what follows from
    them; a `key_person` who is `known` to the keeper."""
    testing.make_policies("visit", "interaction")
    copies = {"party": party, "unit_id": party.unit_id, "keeper_id": party.keeper_id}
    with testing.everything():
        planned = _visit(copies, keeper)
        done = _visit(copies, keeper, **_ended(copies, keeper))
        unfollowed = _visit(copies, keeper, **_ended(copies, keeper))
        colleague = testing.make_staff("relationship_manager", party.unit, name="同行")
        joint = _visit(copies, colleague)
        Companion.objects.create(visit=joint, staff=keeper, **copies)
        photo = VisitPhoto.objects.create(
            visit=done, staff=keeper, content=b"large", small=b"small", width=4, height=3, sha256=uuid.uuid4().hex,
            added_on=testing.TODAY, added_at=NINE, **copies,
        )  # fmt: skip
        plan = MaintenancePlan.objects.create(
            visit=done, staff=keeper, template="all", made_on=testing.TODAY, made_at=NINE, **copies
        )
        PlanStep.objects.create(plan=plan, channel="call", text="致谢", due_on=testing.TODAY)
        noted = {"noted_by": keeper, "noted_on": testing.TODAY, **copies}
        person = KeyPerson.objects.create(name="沈晓燕", post="finance", weight="advises", **noted)
        known = Acquaintance.objects.create(person=person, staff=keeper, bond=2, through="work", **noted)
        week, _made = WeekPlan.objects.get_or_create(
            staff=keeper, week=MONDAY, defaults={"unit": party.unit, "state": "submitted"}
        )
    return {
        "visit": planned.pk, "visit_done": done.pk, "visit_followed": done.pk, "visit_along": joint.pk,
        "maintenance": plan.pk, "visit_unfollowed": unfollowed.pk, "week_plan": week.pk,
        "visit_photo": photo.pk, "key_person": person.pk, "known": known.pk,
    }  # fmt: skip


def _visit(copies: dict[str, Any], staff: Staff, **more: Any) -> Visit:
    told = {"aims": ["know"], "place": "平望村", "made_on": testing.TODAY, "day": testing.TODAY}
    told |= {"starts_at": NINE, "ends_at": NINE + timedelta(minutes=45)} | copies | more
    return Visit.objects.create(staff=staff, **told)


def _ended(copies: dict[str, Any], staff: Staff) -> dict[str, Any]:
    contact = Contact.objects.create(
        staff=staff, author_name=staff.name, channel="visit", at=NINE, day=testing.TODAY, outcome="met_interested",
        client_key=uuid.uuid4(), logged_at=NINE, **copies,
    )  # fmt: skip
    return {
        "state": "done", "contact": contact, "minutes": "谈了到期资金安排。", "outcome": "met_interested",
        "closed_on": testing.TODAY, "closed_at": NINE,
    }  # fmt: skip
