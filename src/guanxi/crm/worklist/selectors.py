"""Reads of tasks. Each asks for a reach; row security is behind it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.worklist.models import STANDING, Task, TaskState
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.crm.worklist.rules import Day, Item, plan
from guanxi.insight.policies.worklist import RoleDay

_NEEDED = (
    "id", "party_id", "origin", "due_on", "value_fen", "urgency", "minutes", "snoozed_until", "state", "unit_id",
    "keeper_id",
)  # fmt: skip


def today_of(staff: Staff, today: date, *, reach: Reach | None = None) -> Day:
    """This person's day: ranked, cut to the capacity of the posts held, the rest with why; two queries.

    With leave cover, the tasks of the person away are among them. KeyError when the bank has no such policy.
    """
    seen = reach or reach_of(staff, today)
    policy = worklist_policy(today)
    capacity = policy.day_of(seen.roles) or RoleDay("", 0, 0)
    done, minutes = _done_today(seen, today)
    return plan(_items(seen), today, policy, capacity, done=done, done_minutes=minutes)


def _items(reach: Reach) -> list[Item]:
    """The standing tasks of a person and of those covered for; one about a customer out of reach by now is left out."""
    rows = Task.objects.filter(assignee__in=sorted(_hands(reach)), state__in=STANDING).values_list(*_NEEDED)
    return [
        Item(
            key, party, origin, due_on, value, urgency, minutes, until if state == TaskState.SNOOZED else None
        )
        for key, party, origin, due_on, value, urgency, minutes, until, state, unit, keeper in rows
        if party is None or reach.covers(unit, keeper)
    ]


def _done_today(reach: Reach, today: date) -> tuple[int, int]:
    """Rows done today and the minutes they took; several tasks of one customer were one row."""
    rules = {rule.origin: rule.minutes_each for rule in worklist_policy(today).origins}
    rows = Task.objects.filter(
        assignee__in=sorted(_hands(reach)), closed_on=today, state=TaskState.DONE
    ).values_list("pk", "party_id", "origin", "minutes")
    took: dict[tuple[bool, int], int] = {}
    for key, party, origin, minutes in rows:
        row = (party is None, key if party is None else party)
        took[row] = max(took.get(row, 0), minutes or rules[origin])
    return len(took), sum(took.values())


def _hands(reach: Reach) -> frozenset[int]:
    """Whose tasks are this person's to do: one's own and those of people covered for."""
    return reach.staff_ids | {reach.staff_id}


def tasks(reach: Reach) -> QuerySet[Task]:
    """All tasks about customers within reach, with whom they are about and whose they are, the sooner due first."""
    rows = within(Task.objects.all(), reach)
    return rows.select_related("party", "assignee", "unit").order_by("due_on", "pk")


def tasks_by_key(reach: Reach, keys: Iterable[int]) -> dict[int, Task]:
    """These tasks by key, as far as they are this person's or within reach, with the customer."""
    rows = Task.objects.filter(pk__in=list(keys)).select_related("party", "assignee", "party__partyscore")
    return {task.pk: task for task in rows.defer("party__partyscore__details") if may_take(reach, task)}


def tasks_about(reach: Reach, party: Party) -> QuerySet[Task]:
    """The standing tasks about a customer within reach, whoever has them; the sooner due first."""
    rows = Task.objects.filter(party=party, state__in=STANDING).select_related("assignee")
    return rows.order_by("due_on", "pk") if reach.covers(party.unit_id, party.keeper_id) else rows.none()


def may_take(reach: Reach, task: Task) -> bool:
    """Whether this person could do the task: has a list, and sees the customer (or it is theirs, about nobody)."""
    if not reach.may(Right.SEE_WORKLIST):
        return False
    if task.party_id is None:
        return task.assignee_id in _hands(reach) or task.unit_id in reach.unit_ids | reach.post_unit_ids
    return reach.covers(task.unit_id, task.keeper_id)


def latest_snooze(today: date) -> date:
    """The last day to which a task may be put off today."""
    return today + timedelta(days=worklist_policy(today).snooze_days)
