"""Writes of the head: weekly packs, decisions, advice and its review. Each is audited in its own transaction."""

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.performance import packs, selectors
from guanxi.crm.performance.measuring import Measuring
from guanxi.crm.performance.models import Advice, Decision, DecisionState, Measure, Pack
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.rules import NOTHING, Count, monday_of, seal
from guanxi.crm.performance.team import Member, team_of
from guanxi.crm.scores.reports.places import Place
from guanxi.crm.worklist import services as worklist
from guanxi.crm.worklist.models import Origin
from guanxi.insight.workdays import add_workdays

FIGURES_OF_OWN = "performance:mine"


def decision_subject(decision: Decision) -> str:
    """What the task of a decision is called in the list of tasks."""
    return f"decision:{decision.pk}"


@transaction.atomic
def make_pack(*, by: Staff, place: Place, today: date, now: datetime) -> Pack:
    """The pack of this week for a unit, frozen; the second call of the week gives the one that was made.

    PermissionDenied without the right or out of reach.
    """
    reach = _head_of(by, place.unit, today)
    week = monday_of(today)
    known = Pack.objects.filter(unit=place.unit, week=week).first()
    if known is not None:
        return known
    content = packs.content_of(reach, place, week, terms_on(today))
    as_of = date.fromisoformat(content["as_of"]) if content["as_of"] else None
    pack = Pack(
        unit=place.unit, week=week, as_of=as_of, made_by=by, made_at=now, content=content, sha256=seal(content)
    )  # fmt: skip
    try:
        with transaction.atomic():
            pack.save(force_insert=True)
    except IntegrityError:  # a colleague made it at the same moment
        return Pack.objects.get(unit=place.unit, week=week)
    audit.record(by=by, verb="performance.pack_made", on=pack, week=week, sha256=pack.sha256)
    return pack


@transaction.atomic
def decide(
    *, by: Staff, pack: Pack, text: str, owner: Staff, due_on: date, today: date, now: datetime
) -> Decision:
    """Record what the meeting decided; its owner has a task from now on.

    ValidationError for an empty text, a day past, or an owner who is not at work in the unit.
    """
    reach = _head_of(by, pack.unit, today)
    if not text.strip():
        raise ValidationError(_("Say what was decided."))
    if due_on < today:
        raise ValidationError(_("Choose a day from today on."))
    if owner.pk != by.pk:
        _member(reach, owner, today)
    decision = Decision.objects.create(
        pack=pack, unit_id=pack.unit_id, text=text.strip()[:300], owner=owner, due_on=due_on, decided_by=by,
        decided_at=now,
    )  # fmt: skip
    worklist.open_task(
        by=by, origin=Origin.COACHING, assignee=owner, unit=pack.unit, subject=decision_subject(decision),
        due_on=due_on, reason={"code": "decision", "text": decision.text}, link=FIGURES_OF_OWN, today=today, urgency=2,
    )  # fmt: skip
    audit.record(
        by=by, verb="performance.decided", on=decision, pack=pack.pk, owner=owner.staff_no, due_on=due_on
    )
    return decision


@transaction.atomic
def close_decision(
    *, by: Staff, decision: Decision, state: str, outcome: str, today: date, now: datetime
) -> Decision:
    """Say what came of a decision: done or given up, with words; its task ends with it."""
    _head_of(by, decision.unit, today)
    locked = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if locked.state != DecisionState.OPEN:
        raise ValidationError(_("This decision is closed already."))
    if state not in {DecisionState.DONE, DecisionState.DROPPED} or not outcome.strip():
        raise ValidationError(_("Say what came of it."))
    locked.state, locked.outcome = state, outcome.strip()[:300]
    locked.closed_by, locked.closed_on = by, today
    locked.save(update_fields=["state", "outcome", "closed_by", "closed_on"])
    worklist.close_for(
        origin=Origin.COACHING, subject=decision_subject(locked), by=by, now=now, today=today,
        lapsed=state == DecisionState.DROPPED,
    )  # fmt: skip
    audit.record(by=by, verb=f"performance.decision_{state}", on=locked, outcome=locked.outcome)
    return locked


@transaction.atomic
def advise(
    *, by: Staff, staff: Staff, measure: str, advice: str, action: str, joint: bool, today: date
) -> Advice:  # fmt: skip
    """Keep advice about one measure with the figure of today; with `joint` both have a task to visit together.

    PermissionDenied for a person out of reach or oneself; ValidationError without advice and action.
    """
    member = _coached(by, staff, today)
    if measure not in Measure.values or not advice.strip() or not action.strip():
        raise ValidationError(_("Say what you advised and what was agreed."))
    before = figure_of(staff, Measure(measure), today)
    kept = Advice.objects.create(
        staff=staff, unit=member.unit, coach=by, measure=measure, advice=advice.strip()[:500],
        action=action.strip()[:300], given_on=today,
        review_on=today + timedelta(days=terms_on(today).work.review_days),
        before_hits=before.hits, before_cases=before.cases,
    )  # fmt: skip
    audit.record(by=by, verb="performance.advised", on=kept, about=staff.staff_no, measure=measure)
    if joint:
        _open_joint(by, member, f"advice:{kept.pk}", today)
    return kept


@transaction.atomic
def joint_visit(*, by: Staff, staff: Staff, today: date) -> date:
    """Plan to visit together: a task for each of the two, once a day; returns the day it is due."""
    return _open_joint(by, _coached(by, staff, today), f"{today.isoformat()}:{by.pk}:{staff.pk}", today)


@transaction.atomic
def review(*, by: Staff, advice: Advice, outcome: str, today: date) -> Advice:
    """Look at the same figure again and say what came of the advice. Not before its day."""
    member = _coached(by, advice.staff, today)
    locked = Advice.objects.select_for_update(of=("self",)).get(pk=advice.pk)
    if locked.reviewed_on is not None or not outcome.strip():
        raise ValidationError(_("Say what came of it."))
    if today < locked.review_on:
        raise ValidationError(
            _("Too early: the same figure is looked at on %(day)s.") % {"day": locked.review_on}
        )
    after = figure_of(member.staff, Measure(locked.measure), today)
    locked.after_hits, locked.after_cases = after.hits, after.cases
    locked.reviewed_on, locked.outcome = today, outcome.strip()[:300]
    locked.save(update_fields=["after_hits", "after_cases", "reviewed_on", "outcome"])
    audit.record(by=by, verb="performance.advice_reviewed", on=locked, after=[after.hits, after.cases])
    return locked


def figure_of(staff: Staff, measure: Measure, on: date) -> Count:
    """One measure of one person as of a day; results come from the last night."""
    if measure is Measure.RESULT:
        return selectors.figures_of([staff.pk])[1].get(staff.pk, {}).get(measure, NOTHING)
    return Measuring([staff.pk], terms_on(on)).process()[measure].get(staff.pk, NOTHING)


def _open_joint(by: Staff, member: Member, subject: str, today: date) -> date:
    due = add_workdays(today, terms_on(today).work.joint_days)
    for person, other in ((member.staff, by), (by, member.staff)):
        worklist.open_task(
            by=by, origin=Origin.COACHING, assignee=person, unit=member.unit, subject=f"joint:{subject}:{person.pk}",
            due_on=due, reason={"code": "joint_visit", "with": other.name}, today=today, urgency=2,
            link=FIGURES_OF_OWN if person.pk == member.key else f"performance:person {member.key}",
        )  # fmt: skip
    audit.record(by=by, verb="performance.joint_visit", on=member.staff, due_on=due)
    return due


def _head_of(by: Staff, unit: Unit, today: date) -> Reach:
    reach = reach_of(by, today)
    if not reach.may(Right.COACH) or unit.pk not in reach.unit_ids:
        raise PermissionDenied(f"{by.staff_no} does not lead {unit.unit_no}")
    return reach


def _coached(by: Staff, staff: Staff, today: date) -> Member:
    reach = reach_of(by, today)
    if not reach.may(Right.COACH) or staff.pk == by.pk:
        raise PermissionDenied(f"{by.staff_no} does not coach {staff.staff_no}")
    return _member(reach, staff, today)


def _member(reach: Reach, staff: Staff, today: date) -> Member:
    found = member_of(reach, staff.pk, today)
    if found is None:
        raise PermissionDenied(f"{staff.staff_no} is not at work in these units")
    return found


def member_of(reach: Reach, person: int, today: date) -> Member | None:
    """This person of the reader's team; None out of reach."""
    team = team_of(sorted(reach.unit_ids), today)
    return next((one for one in team if one.key == person), None)
