"""What the pages of the day's list are told: the head, a line a row, the rest with why, one task with all it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import ContactPoint, Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.interactions import pictures as contacts
from guanxi.crm.interactions import selectors as logged
from guanxi.crm.interactions.policy import interaction_policy, language
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.needs import needs
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.crm.worklist import selectors, words
from guanxi.crm.worklist.models import Origin, Task
from guanxi.crm.worklist.offering import spoken_of
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.crm.worklist.rules import BEYOND, SNOOZED, Day, Row
from guanxi.insight.policies.worklist import WorklistPolicy
from guanxi.web.formats import day as day_words

MOST_OF_THE_REST = 100
# What these name is money that may go or come; of the others the customer's wealth is shown.
WITH_MONEY = {Origin.WARNING, Origin.MATURITY, Origin.RETENTION, Origin.LEAD}
DIALABLE = ("mobile", "phone")


NAMED: dict[str, Callable[[Reach, Sequence[str]], Mapping[str, str]]] = {}
"""By the page a task is about what names the matter where no customer does; the matter's room says it at the start."""


@dataclass(frozen=True)
class Line:
    """One row of the list in words."""

    key: int
    uuid: UUID | None
    name: str
    tier: str
    rank: int | None
    icon: str
    origin: str
    reasons: tuple[str, ...]
    more: int  # tasks of this customer beyond those told
    fen: int
    at_stake: bool
    minutes: int
    due: str
    late: bool
    for_whom: str  # the colleague away whose task it is
    why: str
    place: str  # the page it is about


@dataclass(frozen=True)
class Head:
    """How far the day is."""

    done: int
    total: int
    minutes: int


def today(staff: Staff, reach: Reach, day: date) -> dict[str, Any]:
    """The list of one person's day."""
    plan = selectors.today_of(staff, day, reach=reach)
    told = selectors.tasks_by_key(reach, (item.key for row in plan.rows for item in row.items))
    return {
        "head": Head(plan.done, plan.done + len(plan.rows), plan.minutes_left),
        "lines": lines(plan.rows, told, reach, day),
        "rest_count": len(plan.rest),
        "has_list": plan.capacity.tasks > 0,
    }


def rest(staff: Staff, reach: Reach, day: date) -> dict[str, Any]:
    """What is not on today's list (未列入今日), by why."""
    plan: Day = selectors.today_of(staff, day, reach=reach)
    shown = plan.rest[:MOST_OF_THE_REST]
    told = selectors.tasks_by_key(reach, (item.key for row in shown for item in row.items))
    return {"lines": lines(shown, told, reach, day), "more": len(plan.rest) - len(shown)}


def lines(rows: Iterable[Row], told: dict[int, Task], reach: Reach, day: date) -> list[Line]:
    """Rows in words, in their order; one whose customer is out of reach by now is left out."""
    policy, names, matters = worklist_policy(day), tier_names(day), matters_of(told.values(), reach)
    made = []
    for row in rows:
        tasks = [told[item.key] for item in row.items if item.key in told]
        if tasks:
            made.append(_line(row, tasks, reach, day, policy, names, matters))
    return made


def matters_of(tasks: Iterable[Task], reach: Reach) -> dict[str, str]:
    """What tasks without a customer are about, by their link: the lead's name and the like; a query a kind of page."""
    pages: dict[str, dict[str, str]] = {}
    for link in {task.link for task in tasks if task.party_id is None and task.link.count(" ") == 1}:
        page, key = link.split()
        pages.setdefault(page, {})[key] = link
    return {
        links[key]: name
        for page, links in pages.items()
        if page in NAMED
        for key, name in NAMED[page](reach, sorted(links)).items()
    }


def _line(
    row: Row, tasks: Sequence[Task], reach: Reach, day: date, policy: WorklistPolicy, names: TierNames,
    matters: Mapping[str, str],
) -> Line:  # fmt: skip
    first, spoken = tasks[0], language()
    score = getattr(first.party, "partyscore", None) if first.party else None
    shown = tasks[: policy.reasons_shown]
    return Line(
        key=first.pk,
        uuid=first.party.uuid if first.party else None,
        name=_name(first, reach, matters),
        tier=names.label(score.tier_scheme, score.tier_rank) if score else "",
        rank=score.tier_rank if score else None,
        icon=words.ICONS.get(first.origin, "list-check"),
        origin=str(Origin(first.origin).label),
        reasons=tuple(words.sentence(task.reason, spoken) for task in shown),
        more=len(tasks) - len(shown),
        fen=row.value_fen,
        at_stake=any(task.origin in WITH_MONEY for task in tasks),
        minutes=row.minutes,
        due="" if first.origin == Origin.PROFILE else due_words(first.due_on, day),
        late=first.due_on < day,
        for_whom="" if first.assignee_id == reach.staff_id else first.assignee.name,
        why=_why(row, first, policy),
        place=place_of(first),
    )


def _name(task: Task, reach: Reach, matters: Mapping[str, str]) -> str:
    if task.party is None:
        return matters.get(task.link, "")
    return shown_name(task.party.name, hidden=reach.hides_names)


def _why(row: Row, task: Task, policy: WorklistPolicy) -> str:
    """Why a row is not today's, with the day it comes back."""
    if not row.why or row.why == BEYOND:
        return str(words.WHY_NOT[row.why]) if row.why else ""
    until = day_words(row.until)
    if row.why == SNOOZED:
        return _("Put off until %(day)s: %(why)s") % {"day": until, "why": snooze_words(task, policy)}
    return _("Not due yet, on the list from %(day)s") % {"day": until}


def snooze_words(task: Task, policy: WorklistPolicy) -> str:
    """Why a task was put off, by the policy's words for the code; else as it was written."""
    known = {one.code: one.label_zh if language() == "zh" else one.label_en for one in policy.snooze_reasons}
    return known.get(task.snooze_reason, task.snooze_reason)


def due_words(due: date, day: date) -> str:
    """When a task is due, seen from a day."""
    days = (due - day).days
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    return _("due in %(n)s days") % {"n": days} if days > 0 else _("%(n)s days over") % {"n": -days}


def place_of(task: Task) -> str:
    """The address of the page a task is about; "" where it names none or one that is gone."""
    if not task.link:
        return ""
    name, *arguments = task.link.split()
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def task_told(
    task: Task, tasks: Sequence[Task], reach: Reach, day: date, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """One row opened: why, what to say, what may be offered, what was promised, when last spoken to, and the form."""
    spoken = language()
    told = {
        "task": task,
        "reasons": [_reason_told(each, day, spoken) for each in tasks],
        "ends_here": ends_here,
        "say": _say(tasks, spoken),
        "icons_of": words.ICONS,
        "place": place_of(task),
        "party": task.party,
        "name": matters_of([task], reach).get(task.link, ""),
        "may_log": False,
        "numbers": [],
    }
    if task.party is None:
        return told
    return told | _customer(task, tasks, reach, day, now)


def _reason_told(task: Task, day: date, spoken: str) -> tuple[Task, str, str, bool]:
    """A task, why, when it is due and whether that is over; of missing facts nobody asks by when."""
    due = "" if task.origin == Origin.PROFILE else due_words(task.due_on, day)
    return task, words.sentence(task.reason, spoken), due, task.due_on < day


def ends_here(task: Task) -> bool:
    """Whether a contact or one tap ends the task; a case, a lead or a visit has a page of its own and ends there."""
    return not task.link or task.link.startswith("desk:customer")


def _say(tasks: Sequence[Task], spoken: str) -> list[str]:
    """What to say for each origin once, in the order of the tasks."""
    origins = dict.fromkeys(task.origin for task in tasks)
    own = dict.fromkeys(said for task in tasks if (said := words.own_words(task.reason, spoken)))
    return [*own, *(point for origin in origins for point in words.talking_points(origin, spoken))]


def _customer(task: Task, tasks: Sequence[Task], reach: Reach, day: date, now: datetime) -> dict[str, Any]:
    party = task.party
    assert party is not None
    picture = Picture(reach, party, day, None)
    score = picture.score
    reminded = {each.reason.get("promise") for each in tasks if each.origin == Origin.PROMISE}
    policy = interaction_policy(day)
    promised = logged.promises_of(reach, party).filter(state__in=logged.UNDONE).order_by("due_on")
    last = logged.contacts_of(reach, party).first()
    form = contacts.new_form(policy, reach, day, now)
    return {
        "name": shown_name(party.name, hidden=reach.hides_names),
        "tier": picture.names.label(score.tier_scheme, score.tier_rank) if score else "",
        "rank": score.tier_rank if score else None,
        "aum_fen": score.aum_fen if score else None,
        "offers": needs(picture)["needs"],
        "spoken_of": spoken_of(party, tasks, day),
        "promises": [
            contacts.promise_line(one, reach, policy, day) for one in promised if one.pk not in reminded
        ],
        "last": last,
        "last_words": contacts.contact_words(last, policy, day, agreed=False, hidden=reach.hides_names)
        if last
        else "",
        "numbers": _numbers(reach, party),
        "reveal_reason": reveal_reason(task),
        "may_log": reach.may(Right.LOG_CONTACTS),
        "said": [],
        **contacts.form_told(form, day),
    }


def _numbers(reach: Reach, party: Party) -> list[ContactPoint]:
    """Phones one tap away, the preferred first: of customers of one's own book, for others a reason is typed."""
    own = party.keeper_id in reach.staff_ids
    if reach.masked or not reach.may(Right.REVEAL) or not own:
        return []
    points = ContactPoint.objects.filter(party=party, kind__in=DIALABLE).exclude(valid=False)
    return list(points.order_by("-is_primary", "kind", "pk"))


def reveal_reason(task: Task) -> str:
    """The reason that stands in the trail when a number is shown from a task."""
    said = words.sentence(task.reason, language())
    return f"{_('Today')} · {Origin(task.origin).label}: {said}"[:200]
