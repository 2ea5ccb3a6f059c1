"""Writes on tasks: opened (twice makes one), done, put off, handed on. Each is audited in its own transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Contact
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.worklist import selectors
from guanxi.crm.worklist.models import STANDING, Origin, Task, TaskState


@transaction.atomic
def open_task(
    *, by: Staff | None, origin: str, assignee: Staff, unit: Unit, subject: str, due_on: date,
    reason: Mapping[str, Any], today: date, party: Party | None = None, value_fen: int = 0, urgency: int = 1,
    minutes: int | None = None, link: str = "", offer_family: str = "",
) -> Task:  # fmt: skip
    """A task for `assignee`; while one of the same origin, party and subject stands, that one is returned unchanged.

    `by` None: the program. `value_fen` in the base currency; `urgency` 0-3; `minutes` None: the policy's for the
    origin. `reason` is {"code": one of worklist.sentences.REASONS, and its parameters}. `link`: "route argument".
    A task without a party says in `subject` whom and what it is about: it is unique in the whole bank.
    The caller has asked whether `by` may do this; the customer must be within reach all the same.
    """
    standing = _standing(origin, subject).filter(party=party)
    if (known := standing.first()) is not None:
        return known
    task = Task(
        origin=origin, party=party, unit=unit, keeper_id=party.keeper_id if party else None, assignee=assignee,
        subject=subject, due_on=due_on, opened_on=today, opened_by=by, value_fen=value_fen, urgency=urgency,
        minutes=minutes, reason=dict(reason), link=link, offer_family=offer_family,
    )  # fmt: skip
    try:
        with transaction.atomic():
            task.save(force_insert=True)
    except IntegrityError:
        if (known := standing.first()) is None:
            raise
        return known  # somebody opened it at the same moment
    audit.record(by=by, verb="worklist.opened", on=task, assignee=assignee.staff_no, due_on=due_on)
    return task


def open_many(
    *, by: Staff, origin: str, subject: str, rows: Sequence[tuple[Party, Staff]], reason: Mapping[str, Any],
    due_on: date, today: date,
) -> int:  # fmt: skip
    """One task for each customer (with unit and keeper read) and colleague; who has one of the matter gets no second.

    Returns how many are new. The caller audits the whole: one line says who gave out what to whom.
    """
    parties = [party.pk for party, _assignee in rows]
    known = set(_standing(origin, subject).filter(party__in=parties).values_list("party_id", flat=True))
    made = [
        Task(
            origin=origin, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, assignee=assignee,
            subject=subject, due_on=due_on, opened_on=today, opened_by=by, reason=dict(reason),
        )
        for party, assignee in rows
        if party.pk not in known
    ]  # fmt: skip
    Task.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


@transaction.atomic
def close_task(
    *, task: Task, by: Staff, now: datetime, outcome: str = "", contact: Contact | None = None,
    today: date | None = None,
) -> Task:  # fmt: skip
    """Done, with how it went and the contact that did it; a task already closed stays as it is.

    `today` is the bank's day; when not given, the instant's.
    """
    day = today or timezone.localdate(now)
    locked = _held(task, by, day)
    if locked.state in STANDING:
        _close(locked, TaskState.DONE, by=by, now=now, day=day, outcome=outcome, contact=contact)
        audit.record(
            by=by, verb="worklist.done", on=locked, outcome=outcome, contact=getattr(contact, "pk", None)
        )
    return locked


@transaction.atomic
def snooze_task(*, task: Task, by: Staff, until: date, reason: str, today: date) -> Task:
    """Put off until a day, with the reason (a code of the policy, or the person's own words).

    Raises ValidationError without a reason, for a day not after today, or later than the policy lets one put off.
    """
    locked = _held(task, by, today)
    if locked.state not in STANDING:
        raise ValidationError(_("This task is closed."))
    if not reason.strip():
        raise ValidationError(_("Say why."))
    if not today < until <= selectors.latest_snooze(today):
        raise ValidationError(_("Choose a day after today and no later than the policy allows."))
    locked.state, locked.snoozed_until, locked.snooze_reason = TaskState.SNOOZED, until, reason.strip()[:200]
    locked.save(update_fields=["state", "snoozed_until", "snooze_reason"])
    audit.record(by=by, verb="worklist.snoozed", on=locked, until=until, reason=locked.snooze_reason)
    return locked


@transaction.atomic
def hand_on(*, task: Task, to: Staff, by: Staff, now: datetime, today: date | None = None) -> Task:
    """Give a task to a colleague who sees the customer; the old row ends as handed on, the colleague has a new one.

    Raises ValidationError when the colleague would not see the customer: the head moves the customer then.
    """
    day = today or timezone.localdate(now)
    locked = _held(task, by, day)
    if locked.state not in STANDING:
        raise ValidationError(_("This task is closed."))
    if to.pk == locked.assignee_id or not selectors.may_take(reach_of(to, day), locked):
        raise ValidationError(
            _("This colleague does not see the customer. The head of the outlet can move the customer.")
        )
    _close(locked, TaskState.HANDED_ON, by=by, now=now, day=day, outcome="")
    taken = Task.objects.get(pk=locked.pk)
    taken.pk, taken._state.adding = None, True  # noqa: SLF001  # Django's own way to copy a row
    taken.assignee, taken.state, taken.handed_from = to, TaskState.OPEN, locked
    taken.snoozed_until, taken.snooze_reason, taken.outcome = None, "", ""
    taken.closed_at = taken.closed_on = taken.closed_by = None
    taken.save(force_insert=True)
    audit.record(by=by, verb="worklist.handed_on", on=locked, to=to.staff_no, taken=taken.pk)
    return taken


@transaction.atomic
def close_for(
    *, origin: str, subject: str, by: Staff | None, now: datetime, party: Party | None = None, outcome: str = "",
    today: date | None = None, lapsed: bool = False,
) -> int:  # fmt: skip
    """Close what a room had opened when the room's own matter ends: every standing task of origin and subject.

    `lapsed`: no longer due, and nobody did it. The room has asked whether `by` may end the matter. Returns how many.
    """
    rows = _standing(origin, subject).select_for_update(of=("self",))
    found = list(rows if party is None else rows.filter(party=party))
    for task in found:
        state = TaskState.LAPSED if lapsed else TaskState.DONE
        _close(task, state, by=by, now=now, day=today or timezone.localdate(now), outcome=outcome)
        audit.record(by=by, verb=f"worklist.{state}", on=task, outcome=outcome)
    return len(found)


@transaction.atomic
def open_by_hand(
    *, by: Staff, reach: Reach, party: Party | None, text: str, due_on: date, minutes: int | None, to_keeper: bool,
    today: date,
) -> Task:  # fmt: skip
    """A task somebody writes down for oneself, or for the customer's keeper; the same words for a day are one task."""
    keeper = keeper_for(reach, party)
    assignee = keeper if to_keeper and keeper is not None else by
    unit = party.unit if party else Unit.objects.get(pk=min(reach.post_unit_ids))
    words = hashlib.sha256(text.encode()).hexdigest()[:16]
    reason = {"code": "manual", "text": text}
    return open_task(
        by=by, origin=Origin.MANUAL, assignee=assignee, unit=unit, subject=f"{assignee.pk}:{due_on}:{words}",
        due_on=due_on, reason=reason, today=today, party=party, minutes=minutes,
    )  # fmt: skip


def keeper_for(reach: Reach, party: Party | None) -> Staff | None:
    """The keeper to whom this person may give a task about a customer; None when it would be one's own anyway."""
    if party is None or party.keeper_id in (None, reach.staff_id) or not reach.may(Right.ASSIGN_WORK):
        return None
    return Staff.objects.filter(pk=party.keeper_id, is_active=True).first()


def _standing(origin: str, subject: str) -> QuerySet[Task]:
    return Task.objects.filter(origin=origin, subject=subject, state__in=STANDING)


def _held(task: Task, by: Staff, today: date) -> Task:
    """The task, locked; PermissionDenied when it is not this person's to do."""
    locked = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if not selectors.may_work(reach_of(by, today), locked):
        raise PermissionDenied(f"{by.staff_no} does not hold task {task.pk}")
    return locked


def _close(
    task: Task, state: TaskState, *, by: Staff | None, now: datetime, day: date, outcome: str,
    contact: Contact | None = None,
) -> None:  # fmt: skip
    task.state, task.closed_by, task.closed_at, task.closed_on = state, by, now, day
    task.outcome, task.contact = outcome, contact
    task.save(update_fields=["state", "closed_by", "closed_at", "closed_on", "outcome", "contact"])
