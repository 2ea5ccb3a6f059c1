"""Disputed figures (考核申诉): a person doubts a figure of the own work, the head answers, both words stay.

No figure is changed by hand. Within the policy's days of the night that measured it a figure may be disputed, once.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.performance.models import Dispute, DisputeState, Measure, PersonFigure
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.team import member_self
from guanxi.crm.retention.people import heads_of
from guanxi.crm.worklist import services as worklist
from guanxi.crm.worklist.models import Origin
from guanxi.insight.workdays import add_workdays

ANSWERS = (DisputeState.UPHELD, DisputeState.DISMISSED)
SAID_MOST = 500


def subject_of(dispute: Dispute) -> str:
    """What the head's task is called in the list of tasks."""
    return f"dispute:{dispute.pk}"


@transaction.atomic
def raise_dispute(*, by: Staff, measure: str, text: str, today: date, now: datetime) -> Dispute:
    """Dispute the latest figure of the own work; a head of the unit has a task from now on.

    ValidationError without words, without a figure, too late, or when this figure was disputed before.
    """
    reach = reach_of(by, today)
    if not reach.may(Right.SEE_WORKLIST):
        raise PermissionDenied(f"{by.staff_no} has no figures")
    if measure not in Measure.values or not text.strip():
        raise ValidationError(_("Say which figure you doubt and why."))
    figure = PersonFigure.objects.filter(staff=by, measure=measure).order_by("-as_of").first()
    terms = terms_on(today)
    if figure is None or figure.as_of < today - timedelta(days=terms.work.dispute_days):
        raise ValidationError(
            _("Only a figure of the last %(days)s days may be disputed.") % {"days": terms.work.dispute_days}
        )
    dispute = Dispute(
        staff=by, unit=member_self(by, reach).unit, measure=measure, as_of=figure.as_of, hits=figure.hits,
        cases=figure.cases, text=text.strip()[:SAID_MOST], raised_on=today, raised_at=now,
        due_on=add_workdays(today, terms.work.dispute_answer_days),
    )  # fmt: skip
    try:
        with transaction.atomic():
            dispute.save(force_insert=True)
    except IntegrityError as twice:
        raise ValidationError(_("This figure is disputed already.")) from twice
    _ask_head(by, dispute, today)
    audit.record(by=by, verb="performance.disputed", on=dispute, measure=measure, as_of=figure.as_of)
    return dispute


def _nearest_head(dispute: Dispute, today: date) -> Staff | None:
    return next(iter(heads_of(dispute.unit, today, without=dispute.staff_id)), None)


def _ask_head(by: Staff, dispute: Dispute, today: date) -> None:
    """A task that is about no customer is seen by its assignee alone, so it is written as seen from there."""
    head = _nearest_head(dispute, today)
    if head is None:
        return
    with acting_as(head, today=today):
        worklist.open_task(
            by=by, origin=Origin.COACHING, assignee=head, unit=dispute.unit, subject=subject_of(dispute),
            due_on=dispute.due_on, reason={"code": "dispute", "name": by.name}, today=today, urgency=2,
            link=f"performance:person {by.pk}",
        )  # fmt: skip


@transaction.atomic
def answer_dispute(
    *, by: Staff, dispute: Dispute, state: str, answer: str, today: date, now: datetime
) -> Dispute:
    """The head's word: wrong or right, with reasons; closes the task. Nobody answers the own dispute."""
    reach = reach_of(by, today)
    locked = (
        Dispute.objects.select_for_update(of=("self",)).select_related("staff", "unit").get(pk=dispute.pk)
    )
    if not reach.may(Right.COACH) or locked.unit_id not in reach.unit_ids or locked.staff_id == by.pk:
        raise PermissionDenied(f"{by.staff_no} does not answer for {locked.staff.staff_no}")
    if locked.state != DisputeState.OPEN:
        raise ValidationError(_("This was answered already."))
    if state not in ANSWERS or not answer.strip():
        raise ValidationError(_("Say what you found."))
    locked.state, locked.answer = state, answer.strip()[:SAID_MOST]
    locked.answered_by, locked.answered_on = by, today
    locked.save(update_fields=["state", "answer", "answered_by", "answered_on"])
    asked = _nearest_head(locked, today) or by
    with acting_as(asked, today=today):
        worklist.close_for(origin=Origin.COACHING, subject=subject_of(locked), by=by, now=now, today=today)
    audit.record(by=by, verb=f"performance.dispute_{state}", on=locked, about=locked.staff.staff_no)
    return locked


def disputes_about(reach: Reach, staff: Iterable[int]) -> QuerySet[Dispute]:
    """Disputes of these people that the reader may see (own rows, or a head's units), the latest first."""
    rows = Dispute.objects.filter(staff__in=list(staff)).select_related("answered_by", "staff")
    seen = rows if reach.may(Right.COACH) else rows.filter(staff=reach.staff_id)
    return seen.order_by("-raised_on", "-pk")


def waiting(reach: Reach) -> QuerySet[Dispute]:
    """Disputes of the units that wait for an answer, the earliest due first."""
    rows = Dispute.objects.filter(state=DisputeState.OPEN, unit__in=sorted(reach.unit_ids))
    return rows.select_related("staff").order_by("due_on", "pk")
