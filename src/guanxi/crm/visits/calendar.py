"""The week as the page shows it: seven days with visits, tasks and who might be visited then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.crm.visits import plans, rules, selectors
from guanxi.crm.visits.forms import WeekForm, WordForm
from guanxi.crm.visits.models import Visit, VisitState, WeekPlan, WeekState
from guanxi.crm.visits.pictures import titles, works_on
from guanxi.crm.visits.policy import visit_policy
from guanxi.crm.visits.selectors import Proposal
from guanxi.crm.visits.words import STATE_KINDS, WEEK_KINDS
from guanxi.insight.policies.visit import VisitPolicy

MOST_PROPOSED = 20


@dataclass
class Item:
    """A visit in the calendar."""

    visit: Visit
    name: str
    title: str
    kind: str
    url: str
    clashes: bool = False
    is_along: bool = False


@dataclass
class Day:
    """One day: its visits by time, other tasks due on it, and whether the bank works."""

    day: date
    works: bool
    is_today: bool
    tasks: int
    items: list[Item] = field(default_factory=list)


def address(monday: date, person: int | None = None) -> str:
    """Where a week stands."""
    whose = f"&person={person}" if person else ""
    return f"{reverse('visits:week')}?day={monday.isoformat()}{whose}"


def week(reach: Reach, staff: Staff, monday: date, today: date) -> dict[str, Any]:
    """The calendar of one person's week, proposals for it, and where its plan stands."""
    policy, names, own = visit_policy(today), tier_names(today), staff.pk == reach.staff_id
    sunday = monday + timedelta(days=rules.WEEK - 1)
    visits = selectors.of_week(reach, staff, monday)
    due = _due(reach, staff, policy, names, sunday, today) if sunday >= today else []
    days = _days(monday, today, selectors.tasks_by_day(staff, monday))
    joined = selectors.joined(staff, monday, sunday) if own else []
    _fill(
        days, [_item(visit, policy, reach) for visit in visits], [_along(visit, policy) for visit in joined]
    )
    room = room_of(days, policy, today)
    on = rules.spread([one.due for one in due], room)
    plan = selectors.week_plan(staff, monday)
    return {
        "staff": staff, "own": own, "days": days, "monday": monday, "sunday": sunday,
        "before": address(monday - timedelta(days=rules.WEEK), None if own else staff.pk),
        "after": address(monday + timedelta(days=rules.WEEK), None if own else staff.pk),
        "this_week": address(rules.monday_of(today), None if own else staff.pk),
        "proposals": [_proposed(one, on.get(one.due.key), names, reach) for one in due[:MOST_PROPOSED]],
        "more": max(0, len(due) - MOST_PROPOSED),
        "sees_team": reach.may(Right.CONFIRM_PLANS),
        "today": today,
        **_standing(plan, visits, reach, own=own, over=sunday < today),
    }  # fmt: skip


def _due(
    reach: Reach, staff: Staff, policy: VisitPolicy, names: TierNames, sunday: date, today: date
) -> list[Proposal]:
    until = max(sunday, today + timedelta(days=policy.due_ahead_days))
    return selectors.due_visits(reach, staff, policy, names, until=until, today=today)


def _days(monday: date, today: date, tasks: Any) -> list[Day]:
    week_days = (monday + timedelta(days=number) for number in range(rules.WEEK))
    return [Day(day, works_on(day), day == today, tasks.get(day, 0)) for day in week_days]


def _fill(days: Sequence[Day], *lists: Iterable[Item]) -> None:
    by_day = {day.day: day for day in days}
    for items in lists:
        for item in items:
            by_day[item.visit.day].items.append(item)
    for day in days:
        day.items.sort(key=lambda item: (item.visit.starts_at, item.visit.pk))


def room_of(days: Iterable[Day], policy: VisitPolicy, today: date) -> dict[date, int]:
    """How many more visits each working day of the week that is not over takes."""
    found = {}
    for day in days:
        taken = sum(item.visit.state != VisitState.CANCELLED for item in day.items)
        if day.works and day.day >= today + timedelta(days=policy.notice_days):
            found[day.day] = max(0, policy.visits_a_day - taken)
    return found


def _item(visit: Visit, policy: VisitPolicy, reach: Reach) -> Item:
    return Item(
        visit, shown_name(visit.party.name, hidden=reach.hides_names), titles(policy, visit.aims),
        STATE_KINDS[visit.state], reverse("visits:detail", args=[visit.pk]),
        clashes=getattr(visit, "clashes", False) and visit.state != VisitState.CANCELLED,
    )  # fmt: skip


def _along(visit: Visit, policy: VisitPolicy) -> Item:
    where = reverse("visits:along", args=[visit.pk])
    return Item(visit, visit.staff.name, titles(policy, visit.aims), "grey", where, is_along=True)


def _proposed(one: Proposal, day: date | None, names: TierNames, reach: Reach) -> dict[str, Any]:
    party = one.score.party
    return {
        "party": party, "name": shown_name(party.name, hidden=reach.hides_names), "day": day,
        "due_on": one.due.due_on, "last": one.last, "every": one.every_days, "place": party.village or "",
        "tier_name": names.label(one.score.tier_scheme, one.score.tier_rank), "rank": one.score.tier_rank,
        "fen": one.score.aum_fen,
    }  # fmt: skip


def _standing(
    plan: WeekPlan | None, visits: Sequence[Visit], reach: Reach, *, own: bool, over: bool
) -> dict[str, Any]:
    """Where the plan stands, what was changed since it was handed in, and what this person may do about it."""
    state = plan.state if plan else WeekState.DRAFT.value
    standing = [visit for visit in visits if visit.state == VisitState.PLANNED]
    now = [(int(str(key)), str(start)) for key, start in plans.content_of(visits)]
    return {
        "plan": plan,
        "state": WeekState(state).label,
        "state_kind": WEEK_KINDS[state],
        "changed": rules.changed_since(plan.content, now) if plan and plan.content is not None else 0,
        "planned": len(standing),
        "done": sum(visit.state == VisitState.DONE for visit in visits),
        "clashes": sum(
            getattr(visit, "clashes", False) for visit in visits if visit.state != VisitState.CANCELLED
        ),
        "may_submit": own and not over and rules.may_take(state, WeekState.SUBMITTED),
        "may_decide": not own and reach.may(Right.CONFIRM_PLANS) and state == WeekState.SUBMITTED,
        "week_form": WeekForm(initial={"focus": plan.focus if plan else ""}),
        "word_form": WordForm(),
    }
