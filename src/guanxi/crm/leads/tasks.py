"""The tasks a lead makes on the day's lists: the next step of its owner, steps of the battle map, the 90 days' plan.

They are written within the lead's own unit: a step may be a colleague's, whose list its giver does not see.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from guanxi.crm.leads.models import Lead, MapStep
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.program import within_units
from guanxi.crm.leads.rules import State
from guanxi.crm.organisation.models import Staff
from guanxi.crm.worklist import services as worklist

ORIGIN = "lead"
_CODES = {State.FEEDBACK: "lead_feedback", State.REPAIR: "lead_repair"}


def next_step(lead: Lead, *, by: Staff, now: datetime, today: date) -> None:
    """The owner's one task for the step the lead is in, in place of the one before."""
    subject = f"{lead}-next"
    with within_units([lead.unit_id]):
        worklist.close_for(origin=ORIGIN, subject=subject, by=by, now=now, today=today)
        code = "lead_convert" if lead.fed_back_on else _CODES.get(State(lead.state))
        if code is None or lead.owner is None or lead.protected_until is None:
            return
        _open(lead, lead.owner, subject, lead.protected_until, {"code": code, "lead": str(lead)}, by, today)


def begin_conversion(lead: Lead, steps: Sequence[MapStep], *, by: Staff, now: datetime, today: date) -> None:
    """A task for each step of the map, and one for each day of the policy's plan."""
    assert lead.owner is not None
    with within_units([lead.unit_id]):
        worklist.close_for(origin=ORIGIN, subject=f"{lead}-next", by=by, now=now, today=today)
        for step in steps:
            reason = {"code": "lead_step", "lead": str(lead), "what": step.what, "whom": step.whom}
            _open(lead, step.staff, f"{lead}-step-{step.pk}", step.due_on, reason, by, today)
        for planned in lead_policy(today).plan:
            told: dict[str, object] = {
                "code": "lead_plan",
                "lead": str(lead),
                "day": planned.day,
                "name_zh": planned.label_zh,
                "name_en": planned.label_en,
            }
            due = today + timedelta(days=planned.day)
            _open(lead, lead.owner, f"{lead}-plan-{planned.day}", due, told, by, today)


def end_step(step: MapStep, *, by: Staff, now: datetime, today: date) -> None:
    """The task of a step that was done."""
    with within_units([step.lead.unit_id]):
        subject = f"{step.lead}-step-{step.pk}"
        worklist.close_for(origin=ORIGIN, subject=subject, by=by, now=now, today=today)


def end(lead: Lead, *, by: Staff | None, now: datetime, today: date) -> None:
    """Every task of a lead that ended or went back: nobody has to do it any more."""
    steps = MapStep.objects.filter(lead=lead).values_list("pk", flat=True)
    plan = [one.day for one in lead_policy(today).plan]
    subjects = [
        f"{lead}-next",
        *(f"{lead}-step-{pk}" for pk in steps),
        *(f"{lead}-plan-{day}" for day in plan),
    ]
    with within_units([lead.unit_id]):
        for subject in subjects:
            worklist.close_for(origin=ORIGIN, subject=subject, by=by, now=now, today=today, lapsed=True)


def _open(
    lead: Lead,
    assignee: Staff,
    subject: str,
    due_on: date,
    reason: Mapping[str, object],
    by: Staff,
    today: date,
) -> None:
    worklist.open_task(
        by=by, origin=ORIGIN, assignee=assignee, unit=lead.unit, subject=subject, due_on=due_on, reason=reason,
        today=today, value_fen=lead.worth_fen or 0, urgency=2, link=f"leads:detail {lead.uuid}",
    )  # fmt: skip
