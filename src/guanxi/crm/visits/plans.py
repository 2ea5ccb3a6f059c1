"""Writes on what follows a visit (维护方案) and on the plan of a week. Each audited in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.interactions.models import Channel
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.visits import rules, selectors
from guanxi.crm.visits.models import MaintenancePlan, PlanStep, Visit, VisitState, WeekPlan, WeekState
from guanxi.crm.visits.policy import class_of, visit_policy
from guanxi.crm.worklist.models import Origin
from guanxi.crm.worklist.services import open_task
from guanxi.insight.policies.visit import PlanTemplate


@dataclass(frozen=True)
class StepDraft:
    """One task to come: how, what, by which day."""

    channel: str
    text: str
    due_on: date


def template_for(visit: Visit, today: date) -> PlanTemplate:
    """The template of the customer's class; the policy's last one fits everybody."""
    score = PartyScore.objects.filter(party=visit.party_id).first()
    found = visit_policy(today).plan_for(*class_of(score, tier_names(today)))
    assert found is not None, "a sound policy has a plan for everybody"
    return found


def steps_proposed(visit: Visit, today: date, language: str) -> list[StepDraft]:
    """The template's tasks, counted from the day of the visit; none lies before today."""
    steps = visit_policy(today).steps_of(template_for(visit, today).code)
    return [
        StepDraft(step.channel, step.label(language), max(today, visit.day + timedelta(days=step.after_days)))
        for step in steps
    ]


@transaction.atomic
def make_plan(
    *, by: Staff, visit: Visit, aim: str, steps: Sequence[StepDraft], today: date, now: datetime
) -> MaintenancePlan:
    """A maintenance plan from a visit that took place; each step becomes a task of its person. Once a visit."""
    reach = reach_of(by, today)
    locked = Visit.objects.select_for_update(of=("self",)).select_related("party__unit").get(pk=visit.pk)
    if not reach.may(Right.PLAN_VISITS) or locked.staff_id not in reach.staff_ids | {by.pk}:
        raise PermissionDenied(f"{by.staff_no} may not plan after this visit")
    if locked.state != VisitState.DONE:
        raise ValidationError(_("A plan follows a visit that took place."))
    if selectors.plan_of(locked) is not None:
        raise ValidationError(_("This visit has its plan already."))
    _check_steps(steps, today)
    plan = MaintenancePlan.objects.create(
        visit=locked, party=locked.party, unit_id=locked.unit_id, keeper_id=locked.keeper_id, staff=by,
        template=template_for(locked, today).code, aim=aim.strip()[:200], made_on=today, made_at=now,
    )  # fmt: skip
    for number, step in enumerate(steps, start=1):
        _open_step(plan, number, step, by, today)
    audit.record(by=by, verb="visits.plan_made", on=plan, template=plan.template, steps=len(steps))
    return plan


def _check_steps(steps: Sequence[StepDraft], today: date) -> None:
    if not steps:
        raise ValidationError(_("A plan has at least one task."))
    if any(
        step.due_on < today or not step.text.strip() or step.channel not in Channel.values for step in steps
    ):
        raise ValidationError(_("Each task needs words, a way and a day not past."))


def _open_step(plan: MaintenancePlan, number: int, step: StepDraft, by: Staff, today: date) -> None:
    task = open_task(
        by=by, origin=Origin.VISIT, assignee=plan.staff, party=plan.party, unit=plan.party.unit,
        subject=f"plan:{plan.pk}:{number}", due_on=step.due_on, urgency=1,
        reason={"code": "plan_step", "text": step.text.strip()}, link=f"visits:plan {plan.pk}", today=today,
    )  # fmt: skip
    PlanStep.objects.create(
        plan=plan, channel=step.channel, text=step.text.strip()[:120], due_on=step.due_on, task=task
    )


@transaction.atomic
def submit_week(*, by: Staff, monday: date, focus: str, today: date, now: datetime) -> WeekPlan:
    """Hand in one's own plan of a week as it stands now; handed in again after a change, it is confirmed anew."""
    reach = reach_of(by, today)
    unit = next((post.unit_id for post in reach.posts), None)
    if not reach.may(Right.PLAN_VISITS) or unit is None:
        raise PermissionDenied(f"{by.staff_no} may not plan visits")
    if monday.weekday() != 0 or monday + timedelta(days=rules.WEEK - 1) < today:
        raise ValidationError(_("A week that is over cannot be planned."))
    plan, _made = WeekPlan.objects.select_for_update(of=("self",)).get_or_create(
        staff=by, week=monday, defaults={"unit_id": unit}
    )
    if not rules.may_take(plan.state, WeekState.SUBMITTED):
        raise ValidationError(_("This plan cannot be handed in."))
    plan.state, plan.focus, plan.unit_id = WeekState.SUBMITTED, focus.strip()[:200], unit
    plan.content = content_of(selectors.of_week(reach, by, monday))
    plan.submitted_at, plan.decided_by, plan.decided_at, plan.word = now, None, None, ""
    plan.save()
    audit.record(by=by, verb="visits.week_submitted", on=plan, week=monday, visits=len(plan.content))
    return plan


@transaction.atomic
def decide_week(
    *, by: Staff, plan: WeekPlan, confirm: bool, word: str, today: date, now: datetime
) -> WeekPlan:
    """Confirm a plan handed in by somebody of one's units, or return it with a word; never one's own."""
    reach = reach_of(by, today)
    locked = WeekPlan.objects.select_for_update(of=("self",)).filter(pk=plan.pk).first()
    if locked is None or not reach.may(Right.CONFIRM_PLANS) or locked.unit_id not in reach.unit_ids:
        raise PermissionDenied(f"{by.staff_no} may not decide on this plan")
    if locked.staff_id == by.pk:
        raise PermissionDenied("nobody confirms their own plan")
    check_second_person(by, (locked.staff_id,), today)
    to = WeekState.CONFIRMED if confirm else WeekState.RETURNED
    if not rules.may_take(locked.state, to):
        raise ValidationError(_("Nobody waits for an answer about this plan."))
    if not confirm and not word.strip():
        raise ValidationError(_("Say why."))
    locked.state, locked.word, locked.decided_by, locked.decided_at = to, word.strip()[:200], by, now
    locked.save()
    audit.record(by=by, verb=f"visits.week_{to}", on=locked, word=locked.word)
    return locked


def content_of(visits: Sequence[Visit]) -> list[list[object]]:
    """What a plan of a week consists of: each visit not called off with its start."""
    standing = [visit for visit in visits if visit.state != VisitState.CANCELLED]
    return [[visit.pk, visit.starts_at.isoformat()] for visit in standing]
