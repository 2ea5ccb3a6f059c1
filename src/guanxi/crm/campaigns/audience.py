"""Who a campaign is about: a segment's version, whom a night's event set off, or the people of one employer.

Asked as the acting person, within that person's reach. Row security is behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from sqlglot import exp

from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.behaviour.selectors import occurred
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.care.dates import birthdays_kept, noted_birthdays
from guanxi.crm.customers.models import Party, Relation
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.organisation.models import UnitScope
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import LargeChange
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments.counting import Facts, Subject, facts_for
from guanxi.crm.segments.listing import SORTS, USUAL_SORT
from guanxi.crm.segments.models import SegmentVersion
from guanxi.crm.segments.selectors import segments_for
from guanxi.crm.segments.standing import meaning_of
from guanxi.insight.greetings import birthdays_on, days
from guanxi.insight.policies.behaviour_event import EventKind
from guanxi.insight.policies.campaign import CampaignPolicy

MOST = 5_000_000
NEWS_DAYS = 3  # a salary or a closing is news for so many days: nights may fail


@dataclass(frozen=True)
class Found:
    """The customers, and of each set off by an event what it was."""

    parties: Sequence[int]
    events: Mapping[int, Mapping[str, Any]]
    problem: str = ""  # no_run, no_segment, cannot_count, no_event


def audience_of(plan: Plan, reach: Reach, policy: CampaignPolicy, today: date) -> Found:
    """Everybody the plan is about as of the current run, by customer key; `problem` says why nobody can be found."""
    facts = facts_for(reach)
    if facts is None:
        return Found((), {}, "no_run")
    subject, problem = _of_segment(plan, reach, facts, today)
    if not problem and plan.event and plan.event not in {one.event_kind for one in events_on(today)}:
        problem = "no_event"
    if problem:
        return Found((), {}, problem)
    keys = _keys(facts, subject) if subject is not None else None
    events: Mapping[int, Mapping[str, Any]] = {}
    if plan.kind == "employer":
        keys = _both(keys, _of_employer(plan, reach))
    if plan.kind in ("pilot", "launch"):
        keys = _both(keys, _of_units((*plan.pilot_units, *plan.compare_units), reach))
    if plan.trigger:
        events = set_off(plan, policy, today, facts)
        keys = _both(keys, set(events))
    return Found(sorted(keys or ()), events)


def _both(keys: set[int] | None, others: set[int]) -> set[int]:
    return others if keys is None else keys & others


def _of_segment(plan: Plan, reach: Reach, facts: Facts, today: date) -> tuple[Subject | None, str]:
    if not plan.segment:
        return None, ""
    segment = segments_for(reach).filter(uuid=plan.segment).first()
    version = (
        SegmentVersion.objects.filter(segment=segment, number=plan.segment_version).first()
        if segment and plan.segment_version
        else None
    )
    if segment is None or version is None:
        return None, "no_segment"
    subject = meaning_of(segment, facts, tier_names(today), version).subject(facts)
    return subject, "" if subject is not None else "cannot_count"


def _keys(facts: Facts, subject: Subject) -> set[int]:
    found = facts.keys(subject, SORTS[USUAL_SORT], after=None, backwards=False, size=MOST)
    return {party for _value, party in found}


def _of_employer(plan: Plan, reach: Reach) -> set[int]:
    people = Relation.objects.filter(other__uuid=plan.employer, kind="employee", valid_to__isnull=True)
    return set(visible_to(reach).filter(pk__in=people.values("party_id")).values_list("pk", flat=True))


def _of_units(numbers: Sequence[str], reach: Reach) -> set[int]:
    below = UnitScope.objects.filter(unit__unit_no__in=numbers).values("member_id")
    return set(
        visible_to(reach).filter(unit__in=below, state="active", is_owner=True).values_list("pk", flat=True)
    )


def set_off(plan: Plan, policy: CampaignPolicy, today: date, facts: Facts) -> Mapping[int, Mapping[str, Any]]:
    """Whom the trigger set off by the night before `today`, with what it was (day, amount in fen)."""
    since = facts.as_of - timedelta(days=NEWS_DAYS - 1)
    if plan.trigger == "large_inflow":
        rows = LargeChange.objects.filter(change_fen__gte=policy.trigger_inflow_amount * 100)
        told = rows.values_list("party_id", "day", "change_fen")
        return {party: {"day_on": str(day), "amount_fen": fen} for party, day, fen in told}
    if plan.event:
        return _online(plan.event, today)
    if plan.trigger == "birthday":
        return _birthdays(today, policy.trigger_birthday_days)
    conditions = {
        "maturity": ("matures_on", today, today + timedelta(days=policy.trigger_maturity_days)),
        "payroll": ("salary_on", since, today),
        "closed": ("last_closed_on", since, today),
        "dormant": ("log_in_on", date(1900, 1, 1), today - timedelta(days=policy.trigger_dormant_days)),
    }
    column, first, last = conditions[plan.trigger]
    if column not in facts.columns:
        return {}
    return {party: {"day_on": str(day)} for day, party in _between(facts, column, first, last)}


def events_on(today: date) -> list[EventKind]:
    """The kinds of online events that the register of the day lets campaigns use; none in a bank without a register."""
    policy = event_policy(today)
    return [one for one in policy.event_kinds if one.use_for != "service"] if policy else []


def _online(kind: str, today: date) -> dict[int, dict[str, Any]]:
    """Who did it as we heard in the last days, within the acting person's reach; the latest time counts."""
    since = timezone.make_aware(datetime.combine(today - timedelta(days=NEWS_DAYS), time()))
    found = occurred([kind], since, today=today, using="default", most=MOST)
    return {
        one.party_id: {"day_on": str(timezone.localdate(one.at)), "product": one.product}
        for one in sorted(found, key=lambda one: one.at)
    }


def _between(facts: Facts, column: str, first: date, last: date) -> list[tuple[Any, int]]:
    """Customers whose day in this column lies between both, with the day."""
    day = exp.cast(exp.column(column), "DATE")
    condition = exp.and_(
        exp.GTE(this=day, expression=exp.cast(exp.Literal.string(first.isoformat()), "DATE")),
        exp.LTE(this=day.copy(), expression=exp.cast(exp.Literal.string(last.isoformat()), "DATE")),
        exp.not_(exp.column("no_profiling")),
    )
    return facts.keys(Subject(condition), column, after=None, backwards=False, size=MOST)


def _birthdays(today: date, ahead: int) -> dict[int, dict[str, Any]]:
    """Whose birthday comes: as it was noted of the customer, else by the birth date of the papers."""
    last = today + timedelta(days=ahead)
    coming = {born: day for day in days(today, last) for born in birthdays_on(day)}
    asked = Q()
    for month, day in coming:
        asked |= Q(birth_date__month=month, birth_date__day=day)
    people = Party.objects.filter(kind__in=["person", "sole_trader"], state="active")
    rows = people.filter(asked).exclude(pk__in=noted_birthdays().values("party"))
    found = {
        key: coming[born.month, born.day]
        for key, born in rows.values_list("pk", "birth_date")
        if born is not None
    }
    noted = birthdays_kept(today, last)
    found |= {key: noted[key] for key in people.filter(pk__in=noted).values_list("pk", flat=True)}
    return {key: {"day_on": str(day)} for key, day in found.items()}
