"""Writes on visits: planned, moved, called off, prepared, joined, closed. Each audited in its transaction."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Channel
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.interactions.services import PromiseDraft, day_of, log_contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.visits import rules, selectors
from guanxi.crm.visits.models import Companion, Visit, VisitState
from guanxi.crm.visits.policy import visit_policy
from guanxi.crm.worklist.models import STANDING, Origin, Task
from guanxi.crm.worklist.services import close_for, close_task, open_task
from guanxi.insight.policies.visit import VisitPolicy

_KEYS = uuid.UUID("6f6c2a55-3a0e-4f0b-9d0a-5d3c7b1f2e90")
"""Keys of contacts made by closing a visit: the same visit closed twice is one contact."""


@dataclass(frozen=True)
class VisitDraft:
    """When, where, how long and what for; `companions` are asked to come along."""

    starts_at: datetime
    minutes: int
    place: str
    aims: Sequence[str]
    aim_note: str = ""
    companions: Collection[Staff] = ()

    @property
    def ends_at(self) -> datetime:
        """When it is to be over."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Record:
    """What is written down after a visit; `began_at` is when it really began, `reached` the aims it reached."""

    began_at: datetime
    outcome: str
    minutes: str
    place: str = ""
    reached: Sequence[str] = ()
    appraisal: str = ""
    promise: PromiseDraft | None = None
    intent_family: str = ""
    intent_fen: int | None = None


@transaction.atomic
def plan_visit(*, by: Staff, party: Party, draft: VisitDraft, today: date) -> Visit:
    """Plan a visit (预约拜访) to a customer within reach; it stands on the person's list of its day.

    Two at the same time are not refused but flagged wherever they are shown. PermissionDenied, ValidationError.
    """
    reach = _may_plan(by, today)
    if not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not visit this customer")
    policy = visit_policy(today)
    _check(draft, policy, today)
    visit = Visit.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=by, day=day_of(draft.starts_at),
        starts_at=draft.starts_at, ends_at=draft.ends_at, place=draft.place.strip(), aims=list(draft.aims),
        aim_note=draft.aim_note.strip(), made_on=today,
    )  # fmt: skip
    _ask_along(visit, draft.companions, reach, today)
    audit.record(by=by, verb="visits.planned", on=visit, day=visit.day, aims=visit.aims)
    _open_task(visit, by, today)
    return visit


@transaction.atomic
def move_visit(*, by: Staff, visit: Visit, draft: VisitDraft, today: date, now: datetime) -> Visit:
    """Another day, hour, place or aim for a planned visit."""
    locked = own(visit, by, today, VisitState.PLANNED)
    _check(draft, visit_policy(today), today)
    was = locked.starts_at
    locked.starts_at, locked.ends_at, locked.day = draft.starts_at, draft.ends_at, day_of(draft.starts_at)
    locked.place, locked.aims, locked.aim_note = draft.place.strip(), list(draft.aims), draft.aim_note.strip()
    locked.save()
    _ask_along(locked, draft.companions, reach_of(by, today), today)
    audit.record(by=by, verb="visits.moved", on=locked, was=was, to=locked.starts_at)
    _drop_task(locked, by, now, today)
    _open_task(locked, by, today)
    return locked


@transaction.atomic
def cancel_visit(*, by: Staff, visit: Visit, why: str, today: date, now: datetime) -> Visit:
    """Call a planned visit off, with the reason."""
    if not why.strip():
        raise ValidationError(_("Say why."))
    locked = own(visit, by, today, VisitState.CANCELLED)
    locked.state, locked.cancelled_why = VisitState.CANCELLED, why.strip()[:200]
    locked.closed_on, locked.closed_at = today, now
    locked.save()
    audit.record(by=by, verb="visits.cancelled", on=locked, why=locked.cancelled_why)
    _drop_task(locked, by, now, today)
    return locked


@transaction.atomic
def prepare(*, by: Staff, visit: Visit, checked: Collection[str], today: date, now: datetime) -> Visit:
    """What of the checklist is done; the first time is when the visit was prepared."""
    locked = own(visit, by, today, VisitState.PLANNED)
    known = [check.code for check in visit_policy(today).checks_for(tuple(locked.aims))]
    locked.checked = [code for code in known if code in checked]
    locked.prepared_at = locked.prepared_at or now
    locked.save(update_fields=["checked", "prepared_at"])
    audit.record(by=by, verb="visits.prepared", on=locked, checked=locked.checked)
    return locked


@transaction.atomic
def join(*, by: Staff, number: int, today: date, now: datetime) -> Visit:
    """A companion's own word that they came along; evidence of the visit, also after its minutes."""
    visit, along = selectors.joined_or_404(reach_of(by, today), number)
    if along is None:
        raise PermissionDenied(f"{by.staff_no} was not asked along")
    # the visit first, as everybody who changes it does: what is proven is worked out from what others left
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if visit.state == VisitState.CANCELLED or visit.day > today:
        raise ValidationError(_("Only a visit whose day has come can be confirmed."))
    locked = Companion.objects.select_for_update(of=("self",)).get(pk=along.pk)
    if locked.confirmed_at is None:
        locked.confirmed_at = now
        locked.save(update_fields=["confirmed_at"])
        audit.record(by=by, verb="visits.joined", on=locked, visit=visit.pk)
        if visit.state == VisitState.DONE:
            prove(visit, visit_policy(today))
    return visit


@transaction.atomic
def close_visit(*, by: Staff, visit: Visit, record: Record, today: date, now: datetime) -> Visit:
    """Minutes and appraisal of a visit that took place; logs the contact, with the promise made in it.

    The same visit closed again is refused. Evidence is worked out here, and again when a companion confirms.
    """
    locked = own(visit, by, today, VisitState.DONE)
    if not record.minutes.strip():
        raise ValidationError(_("Write what was spoken of."))
    locked.contact = log_contact(
        by=by, party=locked.party, channel=Channel.VISIT, at=record.began_at, outcome=record.outcome,
        note=record.minutes, promise=record.promise, intent_family=record.intent_family, intent_fen=record.intent_fen,
        client_key=uuid.uuid5(_KEYS, str(locked.pk)), today=today, now=now,
    )  # fmt: skip
    length = locked.ends_at - locked.starts_at
    locked.starts_at, locked.ends_at, locked.day = (
        record.began_at,
        record.began_at + length,
        day_of(record.began_at),
    )
    locked.state, locked.outcome, locked.minutes = VisitState.DONE, record.outcome, record.minutes.strip()
    locked.place_was, locked.appraisal = record.place.strip()[:120], record.appraisal.strip()[:400]
    locked.reached = [code for code in locked.aims if code in record.reached]
    locked.closed_on, locked.closed_at = today, now
    prove(locked, visit_policy(today))
    audit.record(
        by=by, verb="visits.closed", on=locked, contact=locked.contact.pk, reached=locked.reached,
        evidence=locked.evidence,
    )  # fmt: skip
    _close_tasks(locked, by, now, today)
    return locked


def _close_tasks(visit: Visit, by: Staff, now: datetime, today: date) -> None:
    """The visit's own task is done, and those by which the night asked for it, when the customer was met."""
    rule = interaction_policy(today).outcome(visit.outcome)
    tasks = Task.objects.filter(
        origin=Origin.VISIT, party=visit.party, assignee=visit.staff, state__in=STANDING
    )
    for task in tasks:
        asked_by_night = task.opened_by_id is None and rule is not None and rule.reached
        if task.subject == subject_of(visit) or asked_by_night:
            close_task(task=task, by=by, now=now, outcome=visit.outcome, contact=visit.contact, today=today)


def prove(visit: Visit, policy: VisitPolicy) -> None:
    """Work out and keep what evidence there is of a visit that took place."""
    confirmed = visit.companions.filter(confirmed_at__isnull=False).count()
    visit.evidence = rules.evidence_of(
        minutes=visit.minutes, place=visit.place_was, confirmed=confirmed,
        late_days=((visit.closed_on or visit.day) - visit.day).days, letters=policy.minutes_letters,
        minutes_days=policy.minutes_days, photos=_photos_in_time(visit, policy),
    )  # fmt: skip
    visit.is_proven = len(visit.evidence) >= policy.evidence_least
    visit.save()


def _photos_in_time(visit: Visit, policy: VisitPolicy) -> int:
    days = visit.photos.order_by().values_list("added_on", flat=True)
    return sum(rules.in_time(visit.day, day, policy.minutes_days) for day in days)


def _may_plan(by: Staff, today: date) -> Reach:
    reach = reach_of(by, today)
    if not reach.may(Right.PLAN_VISITS):
        raise PermissionDenied(f"{by.staff_no} may not plan visits")
    return reach


def may_change(visit: Visit, reach: Reach) -> bool:
    """Whether a visit is this person's, or of somebody covered for."""
    return reach.may(Right.PLAN_VISITS) and visit.staff_id in reach.staff_ids | {reach.staff_id}


def own(visit: Visit, by: Staff, today: date, to: str = "") -> Visit:
    """The visit locked, when it is this person's (or of somebody covered for) and may take that state, if any."""
    reach = _may_plan(by, today)
    locked = Visit.objects.select_for_update(of=("self",)).select_related("party").filter(pk=visit.pk).first()
    if locked is None or not may_change(locked, reach):
        raise PermissionDenied(f"{by.staff_no} may not change this visit")
    if to and not rules.may_move(locked.state, to):
        raise ValidationError(_("This visit is over already."))
    return locked


def _check(draft: VisitDraft, policy: VisitPolicy, today: date) -> None:
    """Refuse with ValidationError what the policy has no place for."""
    ahead = (day_of(draft.starts_at) - today).days
    if not policy.notice_days <= ahead <= policy.planned_ahead_days:
        told = {"least": policy.notice_days, "most": policy.planned_ahead_days}
        raise ValidationError(_("A visit is planned %(least)s to %(most)s days ahead.") % told)
    if not 0 < draft.minutes <= policy.longest_minutes:
        raise ValidationError(_("A visit takes at most %(n)s minutes.") % {"n": policy.longest_minutes})
    if not draft.place.strip():
        raise ValidationError(_("Say where."))
    if not draft.aims or any(policy.aim(code) is None for code in draft.aims):
        raise ValidationError(_("Choose what the visit is for."))


def _ask_along(visit: Visit, companions: Collection[Staff], reach: Reach, today: date) -> None:
    """Ask exactly these people along; who has confirmed already stays."""
    allowed = set(selectors.may_join(reach, today).values_list("pk", flat=True))
    wanted = {one.pk for one in companions}
    if not wanted <= allowed:
        raise ValidationError(_("Only people of your own outlet and above can come along."))
    visit.companions.filter(confirmed_at=None).exclude(staff__in=wanted).delete()
    here = set(visit.companions.values_list("staff", flat=True))
    Companion.objects.bulk_create(
        Companion(
            visit=visit, party_id=visit.party_id, unit_id=visit.unit_id, keeper_id=visit.keeper_id, staff_id=key
        )
        for key in sorted(wanted - here)
    )  # fmt: skip


def subject_of(visit: Visit) -> str:
    """What the task of this visit is known by."""
    return f"visit:{visit.pk}"


def _open_task(visit: Visit, by: Staff, today: date) -> None:
    local = timezone.localtime(visit.starts_at)
    open_task(
        by=by, origin=Origin.VISIT, assignee=visit.staff, party=visit.party, unit=visit.party.unit,
        subject=subject_of(visit), due_on=visit.day, urgency=3, minutes=visit.minutes_long,
        reason={"code": "visit_planned", "time": f"{local:%H:%M}", "place": visit.place},
        link=f"visits:detail {visit.pk}", today=today,
    )  # fmt: skip


def _drop_task(visit: Visit, by: Staff, now: datetime, today: date) -> None:
    close_for(
        origin=Origin.VISIT,
        subject=subject_of(visit),
        by=by,
        now=now,
        party=visit.party,
        today=today,
        lapsed=True,
    )
