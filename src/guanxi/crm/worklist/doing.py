"""Doing a task: one contact is written down, the tasks it settles are closed, the promises it kept are kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.interactions.selectors import UNDONE, promises_of
from guanxi.crm.interactions.services import ContactDraft, keep_draft, keep_promise
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.worklist import selectors, services
from guanxi.crm.worklist.models import STANDING, Origin, Task

NOT_REACHED = "not_reached"


@dataclass(frozen=True)
class Settled:
    """What a contact settles: which of the customer's tasks, which promises."""

    tasks: frozenset[int] = field(default_factory=frozenset)
    promises: frozenset[int] = field(default_factory=frozenset)


@transaction.atomic
def log_contact(
    *, by: Staff, reach: Reach, party: Party, tasks: Iterable[Task], draft: ContactDraft, settled: Settled,
    today: date, now: datetime,
) -> Contact:  # fmt: skip
    """Keep the contact and close what it settles, together; sent twice it is done once.

    When the customer was not reached the tasks stand: they are put off to the day of the next step, with that reason.
    Raises what `interactions.services.keep_draft` raises.
    """
    contact = keep_draft(by=by, party=party, draft=draft, today=today, now=now)
    outcome = interaction_policy(today).outcome(contact.outcome)
    chosen = [task for task in tasks if task.pk in settled.tasks and task.state in STANDING]
    if outcome is not None and not outcome.reached:
        _put_off(chosen, by=by, contact=contact, draft=draft, today=today)
        return contact
    for task in chosen:
        services.close_task(task=task, by=by, now=now, outcome=contact.outcome, contact=contact, today=today)
    kept = settled.promises | {number for task in chosen if (number := _promise_of(task))}
    for promise in promises_of(reach, party).filter(pk__in=kept, state__in=UNDONE):
        _keep(promise, by=by, now=now, today=today)
    return contact


def _keep(promise: Promise, *, by: Staff, now: datetime, today: date) -> None:
    """The promise is kept, and the task that reminded of it done, whoever had it."""
    keep_promise(promise=promise, by=by, now=now, today=today)
    services.close_for(
        origin=Origin.PROMISE, subject=f"promise:{promise.pk}", by=by, now=now, today=today, outcome="kept"
    )


def _promise_of(task: Task) -> int | None:
    number = task.reason.get("promise") if task.origin == Origin.PROMISE else None
    return number if isinstance(number, int) else None


def _put_off(tasks: list[Task], *, by: Staff, contact: Contact, draft: ContactDraft, today: date) -> None:
    """To the day of the next step, at least to tomorrow and no further than the policy lets anybody put off."""
    wanted = draft.promise.due_on if draft.promise else contact.day
    until = min(max(wanted, today + timedelta(days=1)), selectors.latest_snooze(today))
    for task in tasks:
        services.snooze_task(task=task, by=by, until=until, reason=NOT_REACHED, today=today)
