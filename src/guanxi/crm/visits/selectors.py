"""Reads of visits, plans and who is due. Each asks for a reach; row security is behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.http import Http404

from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.customers.selectors import numbers_of, within
from guanxi.crm.interactions.models import Channel, Contact
from guanxi.crm.interactions.policy import known_policy
from guanxi.crm.organisation.models import Role, Staff, UnitScope
from guanxi.crm.organisation.rules import ROLE_RULES, Reach, Right
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.visits import rules
from guanxi.crm.visits.models import Companion, MaintenancePlan, PlanStep, Visit, VisitState, WeekPlan
from guanxi.crm.visits.rules import Due
from guanxi.crm.worklist.models import STANDING, Task
from guanxi.insight.policies.visit import VisitPolicy

MEETING = (Channel.VISIT, Channel.BRANCH)
PLANNING_ROLES = [role for role, rule in ROLE_RULES.items() if Right.PLAN_VISITS in rule.rights]


def with_clashes(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    """Each visit with `clashes`: whether its person has another one, not called off, at the same time."""
    others = Visit.objects.filter(
        staff=OuterRef("staff"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    ).exclude(pk=OuterRef("pk"))
    return rows.annotate(clashes=Exists(others.exclude(state=VisitState.CANCELLED)))


def visits(reach: Reach) -> QuerySet[Visit]:
    """Every visit to customers within reach, by time, with whom and by whom."""
    rows = within(Visit.objects.select_related("party", "staff", "unit"), reach)
    return rows.order_by("starts_at", "pk")


def visits_of(reach: Reach, party: Party) -> QuerySet[Visit]:
    """Visits to one customer, the latest first; none for one out of reach."""
    rows = Visit.objects.select_related("staff")
    if not reach.covers(party.unit_id, party.keeper_id):
        return rows.none()
    return rows.filter(party__in=numbers_of(party)).order_by("-starts_at", "-pk")


def visit_or_404(reach: Reach, number: int) -> Visit:
    """A visit to a customer within reach; out of reach answers exactly as not there at all."""
    found = (
        Visit.objects.select_related(
            "party", "party__unit", "party__keeper", "party__partyscore", "party__partyhistory", "staff"
        )
        .filter(pk=number)
        .first()
    )
    if found is None or not reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    return found


def plan_or_404(reach: Reach, number: int) -> MaintenancePlan:
    """The maintenance plan of this number with its visit and customer, when within reach."""
    rows = MaintenancePlan.objects.select_related("party", "party__unit", "party__keeper", "staff", "visit")
    found = rows.filter(pk=number).first()
    if found is None or not reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    return found


def plan_of(visit: Visit) -> MaintenancePlan | None:
    """The maintenance plan made from this visit."""
    return MaintenancePlan.objects.filter(visit=visit).first()


def steps_of(plan: MaintenancePlan) -> list[PlanStep]:
    """Its tasks by day, each with the task on the keeper's list."""
    return list(plan.steps.select_related("task"))


def companions_of(visit: Visit) -> list[Companion]:
    """Who comes along."""
    return list(visit.companions.select_related("staff").order_by("pk"))


def joined(staff: Staff, first: date, last: date) -> list[Visit]:
    """Visits of others that this person comes along to; the customer is shown only to whom it may be shown."""
    rows = Visit.objects.filter(companions__staff=staff, day__range=(first, last))
    return list(rows.exclude(state=VisitState.CANCELLED).select_related("staff").order_by("starts_at", "pk"))


def joined_or_404(reach: Reach, number: int) -> tuple[Visit, Companion | None]:
    """A visit that this person was asked along to, or that lies within reach, with the asking."""
    visit = Visit.objects.select_related("staff").filter(pk=number).first()
    asked = Companion.objects.filter(visit=number, staff=reach.staff_id).first()
    if visit is None or (asked is None and not reach.covers(visit.unit_id, visit.keeper_id)):
        raise Http404
    return visit, asked


def of_week(reach: Reach, staff: Staff, monday: date) -> list[Visit]:
    """A person's visits of that week within one's reach, called off ones too."""
    days = (monday, monday + timedelta(days=rules.WEEK - 1))
    return list(with_clashes(visits(reach).filter(staff=staff, day__range=days)))


def tasks_by_day(staff: Staff, monday: date) -> Mapping[date, int]:
    """How many other tasks a person has due on each day of that week."""
    days = (monday, monday + timedelta(days=rules.WEEK - 1))
    rows = Task.objects.filter(assignee=staff, due_on__range=days, state__in=STANDING).exclude(origin="visit")
    return dict(rows.order_by().values("due_on").annotate(Count("pk")).values_list("due_on", "pk__count"))


def week_plan(staff: Staff, monday: date) -> WeekPlan | None:
    """A person's plan of that week, when one was handed in."""
    return WeekPlan.objects.filter(staff=staff, week=monday).select_related("decided_by").first()


def last_met(reach: Reach, parties: Iterable[int], today: date) -> Mapping[int, date]:
    """The day each of these customers was last met, by visit or at the outlet, as the night counts it; an outcome that
    did not reach the customer is none. Who was never met is missing."""
    rule = known_policy(today)
    reached = [one.outcome for one in rule.outcomes if one.reached] if rule else []
    rows = Contact.objects.filter(party__in=list(parties), channel__in=MEETING, outcome__in=reached)
    lasts = within(rows, reach).order_by().values("party").annotate(last=Max("day"))
    return dict(lasts.values_list("party", "last"))


def _kept_from(parties: Iterable[int]) -> Mapping[int, date]:
    """Since when each of these customers has the present keeper: the cadence counts from there without any meeting."""
    rows = KeeperTerm.objects.filter(party__in=list(parties), valid_to=None, is_primary=True)
    return dict(rows.values_list("party", "valid_from"))


@dataclass(frozen=True)
class Proposal:
    """Somebody due for a visit: when it falls due, when the last one was, and on which day of the week it would fit."""

    score: PartyScore
    due: Due
    last: date | None
    every_days: int
    day: date | None = None


def due_visits(
    reach: Reach, staff: Staff, policy: VisitPolicy, names: TierNames, *, until: date, today: date
) -> list[Proposal]:
    """The customers a person keeps whose visit falls due by `until` and who have none planned; five queries."""
    rows = within(PartyScore.objects.filter(keeper=staff), reach).filter(_has_cadence(policy, names))
    scores = list(rows.select_related("party", "unit").defer("details"))
    keys = [score.party_id for score in scores]
    lasts, kept = last_met(reach, keys, today), _kept_from(keys)
    planned = Visit.objects.filter(party__in=keys, state=VisitState.PLANNED, day__gte=today)
    booked = set(planned.values_list("party", flat=True))
    made = (
        _proposal(score, policy, names, (lasts.get(score.party_id), kept.get(score.party_id)), today)
        for score in scores
    )
    due = [one for one in made if one.due.key not in booked and one.due.due_on <= until]
    return sorted(due, key=lambda one: (one.due.due_on, -one.due.value_fen, one.due.key))


def _has_cadence(policy: VisitPolicy, names: TierNames) -> Q:
    """Customers of the tiers that the policy wants visited."""
    wanted = Q(pk__in=[])
    for row in policy.cadences:
        scheme = names.scheme(row.scheme)
        rank = next((band.rank for band in scheme.bands if band.code == row.tier), None) if scheme else None
        if row.channel == Channel.VISIT and rank is not None:
            wanted |= Q(tier_scheme=row.scheme, tier_rank=rank)
    return wanted


def _proposal(
    score: PartyScore,
    policy: VisitPolicy,
    names: TierNames,
    since: tuple[date | None, date | None],
    today: date,
) -> Proposal:
    last, kept_from = since
    band = names.band(score.tier_scheme, score.tier_rank)
    every = policy.every(score.tier_scheme or "", band.code if band else "")[Channel.VISIT]
    when = rules.due_on(last, every, kept_from, today)
    near = f"{score.party.unit_id}|{score.party.village or ''}"
    return Proposal(score, Due(score.party_id, when, near, score.aum_fen or 0), last, every)


def may_join(reach: Reach, today: date) -> QuerySet[Staff]:
    """Who may be asked along: people of one's own outlet and of the units above it who visit customers."""
    above = UnitScope.objects.filter(member__in=reach.post_unit_ids).values("unit")
    posts = posts_on(today, units=above.values_list("unit", flat=True)).filter(role__in=PLANNING_ROLES)
    return Staff.objects.filter(is_active=True, pk__in=posts.order_by().values("staff")).exclude(
        pk=reach.staff_id
    )


@dataclass(frozen=True)
class TeamRow:
    """One person's week as the supervisor sees it."""

    staff: Staff
    role: str
    plan: WeekPlan | None
    planned: int
    done: int
    proven: int
    clashes: int


def team(reach: Reach, monday: date, today: date) -> list[TeamRow]:
    """The people of one's units who visit customers, with their week; three queries."""
    posts = (
        posts_on(today, units=reach.unit_ids).filter(role__in=PLANNING_ROLES).exclude(staff=reach.staff_id)
    )
    people = {post.staff_id: post for post in posts if post.role != Role.SUPERVISOR}
    plans = {plan.staff_id: plan for plan in WeekPlan.objects.filter(week=monday, staff__in=people)}
    days = (monday, monday + timedelta(days=rules.WEEK - 1))
    rows = with_clashes(within(Visit.objects.filter(staff__in=people, day__range=days), reach))
    told: dict[int, list[Visit]] = {}
    for visit in rows.exclude(state=VisitState.CANCELLED):
        told.setdefault(visit.staff_id, []).append(visit)
    return [
        _team_row(post.staff, post.role, plans.get(key), told.get(key, [])) for key, post in people.items()
    ]


def _team_row(staff: Staff, role: str, plan: WeekPlan | None, told: list[Visit]) -> TeamRow:
    done = [visit for visit in told if visit.state == VisitState.DONE]
    return TeamRow(
        staff=staff, role=str(Role(role).label), plan=plan, planned=len(told), done=len(done),
        proven=sum(visit.is_proven for visit in done),
        clashes=sum(getattr(visit, "clashes", False) for visit in told),
    )  # fmt: skip


def alone_in_a_row(party: Party) -> int:
    """How many of the latest visits to a customer were made without a companion who says that they were there."""
    rows = Visit.objects.filter(party=party, state=VisitState.DONE).order_by("-starts_at", "-pk")
    told = list(
        rows.annotate(two=Exists(Companion.objects.filter(visit=OuterRef("pk"), confirmed_at__isnull=False)))[
            :12
        ]
    )
    return next((number for number, visit in enumerate(told) if visit.two), len(told))
