"""Before it begins (预估): how many, what can be seen, what it costs, whose time it takes, whom the budgets stop.

Asked as the acting person. Everything is a count of customers within reach; nothing is drawn and nothing written.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from guanxi.crm.campaigns.audience import audience_of
from guanxi.crm.campaigns.drawing import draw_key, global_control
from guanxi.crm.campaigns.eligible import Candidate, Eligible, eligible_of
from guanxi.crm.campaigns.plan import BY_PEOPLE, Plan
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy, suitability_policy
from guanxi.crm.messaging.permission import may_contact
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.insight.effects.planning import Sight, sight_of_mean, sight_of_share
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.insight.workdays import workdays_between
from guanxi.lake.interactive import TooLong

SAMPLED = 5_000  # customers asked about contact budgets; more are told in proportion

# How the outcome looked without the campaign: over as many days back as it will be measured, in the same customers.
_BEFORE = """
SELECT COUNT(*), COALESCE(stddev_samp(score.aum_fen), 0) / 100,
       COALESCE(stddev_samp(score.contribution_12m_fen), 0) / 100,
       COUNT(*) FILTER (WHERE score.stage IN ('lost', 'declining')),
       COUNT(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM customers_holding AS held WHERE held.party_id = score.party_id AND held.role = 'holder'
             AND held.family = ANY(%(families)s) AND held.opened_on > %(since)s))
FROM scores_partyscore AS score WHERE score.party_id = ANY(%(parties)s)
"""


@dataclass
class Outlook:
    """What the side panel and the approval show; `problem` says why nobody could be counted. Money in fen."""

    problem: str = ""
    audience: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    eligible: int = 0
    held_out: int = 0
    exempt: int = 0
    managed: int = 0
    visible: float | None = None  # smallest lift that can be seen: a share, or yuan a customer
    before: float | None = None
    needed: int | None = None  # customers an arm for the lift hoped for
    sight: str = ""  # enough, too_small, nothing, no_hope_said
    small_group: bool = False
    messages: int = 0
    tasks: int = 0
    message_fen: int = 0
    people_fen: int = 0
    minutes: int = 0
    capacity: int = 0
    managers: int = 0
    overloaded: int = 0
    clash: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    first: list[int] = field(default_factory=list)  # customers the preview shows

    @property
    def cost_fen(self) -> int:
        """Messages and people's time."""
        return self.message_fen + self.people_fen

    def payload(self) -> dict[str, Any]:
        """As a version keeps it, without customers."""
        told = asdict(self) | {"cost_fen": self.cost_fen}
        told.pop("first")
        return {name: value for name, value in told.items() if value is not None}


def outlook_of(plan: Plan, reach: Reach, *, campaign: int, today: date, now: datetime) -> Outlook:
    """Everything at once; KeyError where the bank lacks a policy, a problem's code where nobody can be found."""
    policy, effect = campaign_policy(today), effect_policy(today)
    plan = plan.with_defaults(policy, effect)
    try:
        found = audience_of(plan, reach, policy, today)
    except TooLong:
        return Outlook(problem="too_long")
    if found.problem:
        return Outlook(problem=found.problem)
    fitting = eligible_of(
        plan, found.parties, policy, suitability_policy(today), today, campaign=campaign,
        in_global=global_control(draw_key(), effect, today),
    )  # fmt: skip
    told = _sizes(plan, found.parties, fitting, effect)
    _sight(told, plan, fitting.rows, effect, today)
    _cost(told, plan, policy)
    _time(told, plan, fitting.rows, policy, today)
    _clash(told, plan, fitting.rows, policy, today, now)
    return told


def _sizes(plan: Plan, parties: Sequence[int], fitting: Eligible, effect: EffectPolicy) -> Outlook:
    """Expected sizes of the groups: the shares of those who are drawn."""
    large = int(effect.exempt_amount * 100)
    exempt = sum(1 for row in fitting.rows if plan.exempt_large and row.managed and row.aum_fen >= large)
    managed = sum(1 for row in fitting.rows if row.managed)
    shares = (plan.managed_holdout_share or Decimal(0), plan.holdout_share or Decimal(0))
    held = shares[0] * (managed - exempt) + shares[1] * (len(fitting.rows) - managed)
    return Outlook(
        audience=len(parties), dropped=dict(fitting.dropped), eligible=len(fitting.rows), held_out=int(held),
        exempt=exempt, managed=managed, first=[row.party for row in fitting.rows[:5]],
    )  # fmt: skip


def _sight(
    told: Outlook, plan: Plan, rows: Sequence[Candidate], effect: EffectPolicy, today: date
) -> None:  # fmt: skip
    """What these arms can show of the measure. The plain comparison: what the covariate of before adds comes on top."""
    if not plan.measure or not rows:
        return
    treated = told.eligible - told.exempt - told.held_out
    before = _before(plan, [row.party for row in rows], today)
    hoped = float(plan.hoped) if plan.hoped is not None else None
    level = {"alpha": float(effect.final_alpha), "power": float(effect.power)}
    sight: Sight
    if plan.measure in ("product", "retention"):
        told.before = min(before[plan.measure], 0.999)
        sight = sight_of_share(told.before, hoped, treated, told.held_out, **level)
    else:
        sight = sight_of_mean(before[plan.measure], hoped, treated, told.held_out, **level)
    told.visible = None if math.isinf(sight.visible) else sight.visible
    told.needed, told.sight = sight.needed, sight.code
    told.small_group = min(treated, told.held_out) < effect.least_units


def _before(plan: Plan, parties: Sequence[int], today: date) -> Mapping[str, float]:
    since = today - timedelta(days=plan.horizon_days or 0)
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, {"parties": list(parties), "families": list(plan.families), "since": since})
        number, aum, contribution, left, opened = cursor.fetchone()
    return {
        "aum": float(aum), "contribution": float(contribution), "product": opened / number if number else 0.0,
        "retention": 1 - left / number if number else 0.0,
    }  # fmt: skip


def _cost(told: Outlook, plan: Plan, policy: CampaignPolicy) -> None:
    """At most: as if every step's condition held for everybody treated."""
    treated = told.eligible - told.held_out
    for step in plan.steps:
        if step.kind == "message":
            told.messages += treated
            told.message_fen += int(policy.cost_of(step.channel) * 100 * treated)
        else:
            people = min(treated, told.managed)
            told.tasks += people
            told.minutes += people * (step.minutes or policy.task_minutes)
    told.people_fen = int(policy.hour_cost * 100 * told.minutes / 60)


def _time(told: Outlook, plan: Plan, rows: Sequence[Candidate], policy: CampaignPolicy, today: date) -> None:
    """Minutes each keeper needs against what campaigns may take of the days until the tasks are due."""
    tasks = [step.minutes or policy.task_minutes for step in plan.steps if step.kind in BY_PEOPLE]
    if not tasks:
        return
    books = Counter(row.keeper for row in rows if row.keeper is not None)
    begin = max(date.fromisoformat(plan.starts_on) if plan.starts_on else today, today)
    days = max(workdays_between(begin, begin + timedelta(days=policy.task_due_days)), 1) * len(plan.waves)
    roles: dict[int, set[str]] = {}
    for post in posts_on(today):
        roles.setdefault(post.staff_id, set()).add(post.role)
    share = 1 - float(plan.managed_holdout_share or 0)
    for keeper, number in books.items():
        day = worklist_policy(today).day_of(frozenset(roles.get(keeper, ())))
        free = int((day.minutes_a_day if day else 0) * days * float(policy.minutes_share))
        told.capacity += free
        told.managers += 1
        told.overloaded += number * share * sum(tasks) > free


def _clash(
    told: Outlook, plan: Plan, rows: Sequence[Candidate], policy: CampaignPolicy, today: date, now: datetime
) -> None:  # fmt: skip
    """Whom the budgets, refusals and holds would stop at the first message's hour, by reason."""
    first = next((step for step in plan.steps if step.kind == "message"), None)
    if first is None or not rows:
        return
    day = max(date.fromisoformat(plan.starts_on) if plan.starts_on else today, today)
    at = max(timezone.make_aware(datetime.combine(day, time(policy.send_hour))), now)
    asked = rows[:SAMPLED]
    verdicts = may_contact(
        parties=[row.party for row in asked], channel=first.channel, purpose="marketing", at=at
    )
    told.asked = len(asked)
    told.clash = dict(Counter(one.code for one in verdicts.values() if not one.allowed))
