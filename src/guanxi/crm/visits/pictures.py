"""What the pages of visits are told; no request but where a file is taken, no markup."""

import hashlib
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.crm.audit.services import exported
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.interactions.policy import known_policy, language, outcome_name
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.visits import rules, selectors
from guanxi.crm.visits.models import Companion, MaintenancePlan, PlanStep, Visit, VisitState, WeekState
from guanxi.crm.visits.people import pictures as people
from guanxi.crm.visits.photos import may_add, photos_of
from guanxi.crm.visits.policy import aim_name, class_of, plan_name, visit_policy
from guanxi.crm.visits.selectors import TeamRow
from guanxi.crm.visits.words import EVIDENCE, STATE_KINDS, WEEK_KINDS
from guanxi.crm.worklist.models import STANDING, TaskState
from guanxi.insight.policies.visit import VisitPolicy
from guanxi.insight.workdays import UnknownYear, is_workday
from guanxi.web.lists import Column

FIRST_HOUR = time(9, 30)
PANEL_ROWS = 5


def day_asked(text: str | None, today: date) -> date | None:
    """A day as an address carries it, within two years around today; anything else is none."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if abs((day - today).days) <= 2 * 366 else None


def works_on(day: date) -> bool:
    """Whether the bank works on this day; by the weekend where the year's holidays are not announced yet."""
    try:
        return is_workday(day)
    except UnknownYear:
        return day.weekday() < 5


def next_workday(day: date) -> date:
    """The first working day after this one."""
    day += timedelta(days=1)
    while not works_on(day):
        day += timedelta(days=1)
    return day


def usual_place(party: Party) -> str:
    """Where a customer is likely met: the village, else the employer; empty when neither is on record."""
    return (party.village or party.employer_name or "")[:120]


def planning(picture: Picture, today: date) -> dict[str, Any]:
    """Beside the form of a visit: who it is, when they were last visited, and whether two should go."""
    party, score, policy = picture.party, picture.score, visit_policy(today)
    scheme, tier, _stage = class_of(score, picture.names)
    last = selectors.last_met(picture.reach, [party.pk], today).get(party.pk)
    alone = selectors.alone_in_a_row(party)
    return {
        "party": party,
        "name": shown_name(party.name, hidden=picture.reach.hides_names),
        "score": score,
        "tier_name": picture.names.label(score.tier_scheme, score.tier_rank) if score else "",
        "last": last,
        "every": policy.every(scheme, tier).get("visit"),
        "needs_two": rules.needs_companion(tier, policy.joint_tiers, policy.joint_every, alone),
        "joint_every": policy.joint_every,
    }


def visit_page(visit: Visit, policy: VisitPolicy, today: date) -> dict[str, Any]:
    """The visit itself: its aims in words, who comes along, what evidence there is, and what follows."""
    found = selectors.with_clashes(Visit.objects.filter(pk=visit.pk)).first()
    return {
        "visit": visit,
        "title": titles(policy, visit.aims),
        "reached": titles(policy, visit.reached),
        "aims": [(aim_name(policy, code), code in visit.reached) for code in visit.aims],
        "state_kind": STATE_KINDS[visit.state],
        "companions": selectors.companions_of(visit),
        "clashes": getattr(found, "clashes", False) and visit.state != VisitState.CANCELLED,
        "evidence": [(str(words), code in visit.evidence) for code, words in EVIDENCE.items()],
        "least": policy.evidence_least,
        "letters": policy.minutes_letters,
        "outcome": outcome_name(known_policy(today), visit.outcome) if visit.outcome else "",
        "plan": selectors.plan_of(visit),
        "is_due": visit.state == VisitState.PLANNED and visit.day <= today,
        "is_late": visit.state == VisitState.PLANNED and (today - visit.day).days > policy.minutes_days,
        "today": today,
    }


def photos(visit: Visit, policy: VisitPolicy, reach: Reach, today: date) -> dict[str, Any]:
    """The photos of a visit, whether one may add to them or take one off, and how many more there may be."""
    shown = photos_of(visit)
    counted = any(rules.in_time(visit.day, one.added_on, policy.minutes_days) for one in shown)
    return {
        "photo_ready": visit.state == VisitState.PLANNED and counted,
        "photos": [(one, rules.in_time(visit.day, one.added_on, policy.minutes_days)) for one in shown],
        "may_add": may_add(visit, reach, policy, today),
        "photos_left": max(policy.photos_most - len(shown), 0),
        "photo_types": ",".join(f"image/{kind}" for kind in policy.photo_kinds),
        "photo_days": policy.minutes_days,
    }


def titles(policy: VisitPolicy, codes: Iterable[str]) -> str:
    """Aims in one line."""
    return ("、" if language() == "zh" else ", ").join(aim_name(policy, code) for code in codes)


def along(
    visit: Visit, companion: Companion | None, policy: VisitPolicy, reach: Reach, today: date
) -> dict[str, Any]:
    """A visit as who comes along sees it; the customer only where within their own reach."""
    covered = reach.covers(visit.unit_id, visit.keeper_id)
    party = Party.objects.filter(pk=visit.party_id).first() if covered else None
    return {
        "visit": visit,
        "companion": companion,
        "party": party,
        "name": shown_name(party.name, hidden=reach.hides_names) if party else "",
        "title": titles(policy, visit.aims),
        "state_kind": STATE_KINDS[visit.state],
        "may_confirm": companion is not None and companion.confirmed_at is None and _has_come(visit, today),
    }  # fmt: skip


def _has_come(visit: Visit, today: date) -> bool:
    return visit.day <= today and visit.state != VisitState.CANCELLED


def file_name(visit: Visit) -> str:
    """The prep sheet's file; no customer's name in it, file names travel."""
    return _("Visit preparation %(number)s %(day)s") % {
        "number": visit.party.customer_no,
        "day": visit.day.isoformat(),
    }


def plan_file_name(plan: MaintenancePlan) -> str:
    """The maintenance plan's file."""
    return _("Maintenance plan %(number)s %(day)s") % {
        "number": plan.party.customer_no,
        "day": plan.made_on.isoformat(),
    }


def taken(request: ActingRequest, what: str, answer: HttpResponse, party: int, **about: int) -> None:
    """Record a sheet about one customer that leaves the program, with the fingerprint of its bytes."""
    fingerprint = hashlib.sha256(answer.content).hexdigest()
    exported(
        by=request.user,
        what=what,
        rows=1,
        columns=[],
        filters=about,
        content_hash=fingerprint,
        customers=[party],
    )


def panel(reach: Reach, party: Party, today: date, names: TierNames | None = None) -> dict[str, Any]:
    """The latest visits to a customer, the plans made from them and the key people, for the customer page; two queries.

    `names` tell whether a person's tier is one that two visit together.
    """
    asked = selectors.visits_of(reach, party).select_related("staff", "plan")[:PANEL_ROWS]
    rows = [] if nothing_in(party, Visit) else list(asked)
    try:
        policy = visit_policy(today)
    except KeyError:  # a bank without a policy of visits plans none
        return {"party": party, "visits": [], "may_plan": False, **people.line(reach, party, None)}
    return {
        "party": party,
        "visits": [(row, titles(policy, row.aims), STATE_KINDS[row.state], _plan_of(row)) for row in rows],
        "may_plan": reach.may(Right.PLAN_VISITS),
        **people.line(reach, party, policy, names),
    }


def _plan_of(visit: Visit) -> MaintenancePlan | None:
    return getattr(visit, "plan", None)


def plan_page(plan: MaintenancePlan, today: date) -> dict[str, Any]:
    """A maintenance plan with its tasks and how far each is."""
    policy = visit_policy(today)
    steps = selectors.steps_of(plan)
    return {
        "plan": plan,
        "party": plan.party,
        "visit": plan.visit,
        "name": plan.party.name,
        "title": plan_name(policy, plan.template),
        "steps": [(step, *_standing(step, today)) for step in steps],
        "done": sum(_is_done(step) for step in steps),
        "aims": titles(policy, plan.visit.aims),
        "reached": titles(policy, plan.visit.reached),
    }


def _is_done(step: PlanStep) -> bool:
    return step.task is not None and step.task.state == TaskState.DONE


def _standing(step: PlanStep, today: date) -> tuple[str, str]:
    """How far a task is, in words and colour."""
    if step.task is None or step.task.state not in STANDING:
        return (_("Done"), "green") if _is_done(step) else (_("Dropped"), "grey")
    return (_("Overdue"), "red") if step.due_on < today else (_("To do"), "grey")


def team_columns() -> list[Column]:
    """The table of the team's weeks."""
    return [
        Column("name", _("Who"), "name", fixed=True),
        Column("role", _("Post")),
        Column("state", _("Week's plan")),
        Column("planned", _("Visits"), "number"),
        Column("done", _("Visited"), "number"),
        Column("proven", _("with evidence"), "number"),
        Column("clashes", _("At the same time"), "number"),
    ]


def team_line(row: TeamRow, monday: date) -> dict[str, Any]:
    """One person of the team."""
    state = row.plan.state if row.plan else WeekState.DRAFT.value
    return {
        "row": row,
        "state": WeekState(state).label,
        "kind": WEEK_KINDS[state],
        "monday": monday.isoformat(),
    }
