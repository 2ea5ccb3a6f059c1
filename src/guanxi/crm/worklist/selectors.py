"""Reads of tasks. Each asks for a reach; row security is behind it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.organisation.models import Role, Staff, UnitScope
from guanxi.crm.organisation.rules import ROLE_RULES, Reach, Right, Sight
from guanxi.crm.organisation.selectors import covers_on, posts_on, reach_of
from guanxi.crm.worklist.models import STANDING, Task, TaskState
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.crm.worklist.rules import Day, Item, plan, why_not
from guanxi.insight.policies.worklist import RoleDay

_NEEDED = (
    "id", "party_id", "origin", "due_on", "value_fen", "urgency", "minutes", "snoozed_until", "state", "unit_id",
    "keeper_id",
)  # fmt: skip


def today_of(staff: Staff, today: date, *, reach: Reach | None = None) -> Day:
    """This person's day: ranked, cut to the capacity of the posts held, the rest with why; two queries.

    With leave cover, the tasks of the person away are among them. KeyError when the bank has no such policy.
    """
    return day_within(reach or reach_of(staff, today), today)


def day_within(seen: Reach, today: date) -> Day:
    """The same by the reach alone."""
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


_SHOWN = (
    "origin", "subject", "party_id", "unit_id", "keeper_id", "assignee_id", "due_on", "value_fen", "minutes", "reason",
    "link", "offer_family", "state", "snoozed_until", "snooze_reason", "assignee__name", "party__uuid", "party__name",
    "party__partyscore__tier_scheme", "party__partyscore__tier_rank", "party__partyscore__aum_fen",
)  # fmt: skip


def tasks_by_key(reach: Reach, keys: Iterable[int]) -> dict[int, Task]:
    """These tasks by key, as far as they are this person's or within reach, with the customer; one query."""
    rows = Task.objects.filter(pk__in=list(keys)).select_related("party__partyscore", "assignee")
    return {task.pk: task for task in rows.only(*_SHOWN) if may_take(reach, task)}


def standing_task(key: int) -> Task | None:
    """The standing task with this key that the acting person may see, with the customer; `may_work` asks further."""
    rows = Task.objects.select_related("party", "assignee", "unit")
    return rows.filter(pk=key, state__in=STANDING).first()


def beside(reach: Reach, task: Task, today: date) -> list[Task]:
    """The task with those of the same customer that are this person's and ready too: what one contact may settle."""
    if task.party_id is None:
        return [task]
    rows = Task.objects.filter(party=task.party_id, assignee__in=sorted(_hands(reach)), state__in=STANDING)
    rules = {rule.origin: rule for rule in worklist_policy(today).origins}
    others = [row for row in rows.order_by("due_on", "pk") if row.pk != task.pk]
    return [task, *(row for row in others if not why_not(item_of(row), today, rules)[0])]


def item_of(task: Task) -> Item:
    """A task as ranking takes it."""
    until = task.snoozed_until if task.state == TaskState.SNOOZED else None
    return Item(
        task.pk, task.party_id, task.origin, task.due_on, task.value_fen, task.urgency, task.minutes, until
    )


def may_work(reach: Reach, task: Task) -> bool:
    """Whether this person may do, put off or hand on a task: one's own, of somebody covered for, or as the head."""
    own = task.assignee_id in _hands(reach) or (
        reach.may(Right.ASSIGN_WORK) and task.unit_id in reach.unit_ids
    )
    return own and (task.party_id is None or reach.covers(task.unit_id, task.keeper_id))


def colleagues(task: Task, by: Staff, today: date) -> list[tuple[Staff, str]]:
    """To whom a task may go, with their posts: who sees the customer by the outlet, keeps or covers; few queries."""
    units = UnitScope.objects.filter(member=task.unit_id).values_list("unit_id", flat=True)
    wide = {role for role, rule in ROLE_RULES.items() if rule.sight is Sight.UNITS}
    books = {task.keeper_id, *_covering(task.keeper_id, today)}
    found = {
        post.staff_id: (post.staff, str(Role(post.role).label))
        for post in posts_on(today, units=list(units))
        if _takes(post.role) and (post.role in wide or post.staff_id in books)
    }
    return [told for key, told in found.items() if key not in (task.assignee_id, by.pk)]


def _takes(role: str) -> bool:
    return Right.SEE_WORKLIST in ROLE_RULES[role].rights


def _covering(keeper: int | None, today: date) -> set[int]:
    return (
        set(covers_on(today).filter(absent=keeper).values_list("covering_id", flat=True)) if keeper else set()
    )


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
