"""The steps of a running campaign: who is due, on which condition, and what is queued or opened; and what came of it.

Within the campaign's transaction, as the pipeline's login. A step is taken once for a customer (`StepDone`), whatever
is started again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from guanxi.crm.audit import services as audit
from guanxi.crm.campaigns.models import Campaign, Step, StepDone
from guanxi.crm.campaigns.plan import WAITING, Plan
from guanxi.crm.catalog.models import Product
from guanxi.crm.interactions.policy import known_policy
from guanxi.crm.leads.models import Opportunity
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.messaging import services as messaging
from guanxi.crm.worklist.models import Origin, Task
from guanxi.insight.policies.campaign import CampaignPolicy

USING = "pipeline"
BATCH = 5_000

_DUE = """
SELECT r.party_id, r.unit_id, r.keeper_id, keeper.is_active, r.reached_on, r.replied_on, r.bought_on, r.trigger::text,
       COALESCE(score.aum_fen, 0), COALESCE(drawn.arm, ''), ripe.matures_on, ripe.balance_base_fen,
       COALESCE(word.asks = 'stop', false)
FROM campaigns_recipient AS r
LEFT JOIN organisation_staff AS keeper ON keeper.id = r.keeper_id
LEFT JOIN scores_partyscore AS score ON score.party_id = r.party_id
LEFT JOIN campaigns_assignment AS drawn ON drawn.campaign_id = r.campaign_id AND drawn.party_id = r.party_id
LEFT JOIN LATERAL (
    SELECT h.matures_on, h.balance_base_fen FROM customers_holding AS h
    WHERE h.party_id = r.party_id AND h.role = 'holder' AND h.state = 'open' AND h.matures_on >= %(today)s
    ORDER BY h.matures_on, h.account_no LIMIT 1
) AS ripe ON true
LEFT JOIN LATERAL (
    SELECT h.asks FROM messaging_heard AS h
    WHERE h.party_id = r.party_id AND h.asks IN ('stop', 'start')
      AND (h.at AT TIME ZONE %(zone)s)::date >= r.entered_on
    ORDER BY h.at DESC, h.id DESC LIMIT 1
) AS word ON true
WHERE r.campaign_id = %(campaign)s AND r.entered_on + %(after)s <= %(today)s
  AND NOT EXISTS (SELECT 1 FROM campaigns_stepdone AS known
                  WHERE known.campaign_id = r.campaign_id AND known.party_id = r.party_id AND known.step = %(step)s)
ORDER BY r.party_id
"""
# The ledger's word: an account of the offered family the customer owns, opened within the days that count.
_BOUGHT = """
UPDATE campaigns_recipient AS r SET bought_on = held.day, bought_fen = held.fen
FROM (
    SELECT one.id, MIN(h.opened_on) AS day, COALESCE(SUM(h.balance_base_fen), 0) AS fen
    FROM campaigns_recipient AS one
    JOIN customers_holding AS h ON h.party_id = one.party_id AND h.role = 'holder'
     AND (h.family = ANY(%(families)s) OR h.product_code = ANY(%(products)s))
     AND h.opened_on BETWEEN one.entered_on AND LEAST(%(today)s, one.entered_on + %(horizon)s)
    WHERE one.campaign_id = %(campaign)s GROUP BY one.id
) AS held
WHERE held.id = r.id AND (r.bought_on, r.bought_fen) IS DISTINCT FROM (held.day, held.fen)
"""
_REACHED = """
UPDATE campaigns_recipient AS r SET reached_on = met.day
FROM (
    SELECT one.id, MIN(c.day) AS day
    FROM campaigns_recipient AS one
    JOIN interactions_contact AS c ON c.party_id = one.party_id AND c.day BETWEEN one.entered_on AND %(today)s
     AND c.outcome = ANY(%(reached)s)
    WHERE one.campaign_id = %(campaign)s AND one.reached_on IS NULL GROUP BY one.id
) AS met
WHERE met.id = r.id
"""
# An answer to the campaign: what came back by the channel of one of its messages, after that one was submitted. In a
# demonstration the clock is ahead of the bank's day: what it heard counts on that day.
_REPLIED = """
UPDATE campaigns_recipient AS r SET replied_on = said.day
FROM (
    SELECT one.id, LEAST(MIN((h.at AT TIME ZONE %(zone)s)::date), %(today)s) AS day
    FROM campaigns_recipient AS one
    JOIN messaging_message AS sent ON sent.origin = 'campaign' AND sent.ref = %(ref)s AND sent.party_id = one.party_id
     AND sent.submitted_at IS NOT NULL
    JOIN messaging_heard AS h ON h.party_id = one.party_id AND h.channel = sent.channel AND h.at >= sent.submitted_at
    WHERE one.campaign_id = %(campaign)s AND one.replied_on IS NULL GROUP BY one.id
) AS said
WHERE said.id = r.id
"""
# Of a held-out customer: a talk about the campaign's family, whoever began it. A manager serves who comes; it is noted.
_CONTAMINATED = """
UPDATE campaigns_assignment AS a SET contaminated_on = met.day
FROM (
    SELECT one.id, MIN(c.day) AS day
    FROM campaigns_assignment AS one
    JOIN interactions_contact AS c ON c.party_id = one.party_id AND c.outcome = ANY(%(reached)s)
     AND c.day BETWEEN one.assigned_on AND LEAST(%(today)s, one.assigned_on + %(horizon)s)
     AND (c.intent_family = ANY(%(families)s) OR cardinality(%(families)s::text[]) = 0)
    WHERE one.campaign_id = %(campaign)s AND one.arm = 'control' AND one.contaminated_on IS NULL GROUP BY one.id
) AS met
WHERE met.id = a.id
"""
_EXPOSED = """
UPDATE campaigns_assignment AS a SET exposed_on = first.day
FROM (
    SELECT party_id, MIN(day) AS day FROM (
        SELECT party_id, done_on AS day FROM campaigns_stepdone
        WHERE campaign_id = %(campaign)s AND outcome = 'opened'
        UNION ALL
        SELECT party_id, (accepted_at AT TIME ZONE %(zone)s)::date FROM messaging_message
        WHERE origin = 'campaign' AND ref = %(ref)s AND accepted_at IS NOT NULL
    ) AS told GROUP BY party_id
) AS first
WHERE a.campaign_id = %(campaign)s AND a.party_id = first.party_id
  AND (a.exposed_on IS NULL OR a.exposed_on > first.day)
"""


@dataclass(frozen=True)
class Due:
    """A customer for whom a step is due."""

    party: int
    unit: int
    keeper: int | None
    has_keeper: bool
    reached: bool
    replied: bool
    bought: bool
    trigger: Mapping[str, Any]
    aum_fen: int
    arm: str
    matures_on: date | None
    maturing_fen: int | None
    refused: bool  # the last word since entering was to be left alone

    def fulfils(self, condition: str) -> bool:
        """Whether the step's condition holds by now. A refusal breaks the silence and is no reply to go on from."""
        return {
            "always": True, "no_contact": not self.reached, "no_reply": not self.replied and not self.refused,
            "replied": self.replied and not self.refused,
            "not_bought": not self.bought, "bought": self.bought,
        }[condition]  # fmt: skip


def take_steps(
    campaign: Campaign, plan: Plan, policy: CampaignPolicy, today: date, now: datetime
) -> Counter[str]:
    """Every step that is due by `today`; counts of messages and tasks."""
    done: Counter[str] = Counter()
    for step in Step.objects.using(USING).filter(campaign=campaign).order_by("number"):
        due = list(_due(campaign, step, today))
        ready = [one for one in due if one.fulfils(step.condition)]
        if step.kind == "task":
            done["tasks"] += _open_tasks(campaign, plan, step, ready, policy, today)
        elif step.kind == "lead":
            done["leads"] += _open_opportunities(campaign, step, ready, today)
        else:
            done["messages"] += _queue(campaign, plan, step, ready, policy, today, now)
        if step.condition not in WAITING:
            over = [one for one in due if not one.fulfils(step.condition)]
            _mark(campaign, step, over, "passed_over", today)
    _execute(_EXPOSED, campaign, ref=str(campaign.uuid), zone=_zone())
    return done


def note_outcomes(campaign: Campaign, plan: Plan, today: date) -> None:
    """Reached, replied, bought and contaminated, from contacts, replies and the ledger as they stand."""
    told = {
        "today": today, "horizon": campaign.horizon_days, "families": list(plan.families),
        "products": list(plan.products),
    }  # fmt: skip
    policy = known_policy(today)
    reached = [one.outcome for one in policy.outcomes if one.reached] if policy else []
    if plan.families or plan.products:
        _execute(_BOUGHT, campaign, **told)
    _execute(_REACHED, campaign, reached=reached, **told)
    if plan.sends:
        _execute(_REPLIED, campaign, ref=str(campaign.uuid), zone=_zone(), today=today)
    _execute(_CONTAMINATED, campaign, reached=reached, **told)


def _due(campaign: Campaign, step: Step, today: date) -> Iterator[Due]:
    with connections[USING].cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "campaign": campaign.pk, "after": step.after_days, "today": today, "step": step.number,
                "zone": _zone(),
            },
        )  # fmt: skip
        for party, unit, keeper, active, reached, replied, bought, trigger, *more in cursor.fetchall():
            met = [day is not None for day in (reached, replied, bought)]
            told: list[Any] = [party, unit, keeper, bool(active), *met, json.loads(trigger), *more]
            yield Due(*told)


def _open_tasks(
    campaign: Campaign,
    plan: Plan,
    step: Step,
    ready: Sequence[Due],
    policy: CampaignPolicy,
    today: date,
) -> int:
    """A task for each customer's keeper; where nobody keeps one by now the step is passed over."""
    kept = [(one, one.keeper) for one in ready if one.keeper is not None and one.has_keeper]
    reason = {"code": "campaign", "name": campaign.name, "text": step.script or plan.offer}
    Task.objects.using(USING).bulk_create(
        (
            Task(
                party_id=one.party, unit_id=one.unit, keeper_id=keeper, assignee_id=keeper,
                origin=Origin.CAMPAIGN, subject=f"campaign:{campaign.uuid}:{step.number}",
                due_on=today + timedelta(days=policy.task_due_days), opened_on=today,
                value_fen=int(one.trigger.get("amount_fen", one.aum_fen)), minutes=step.minutes or policy.task_minutes,
                reason=reason, offer_family=campaign.family, link=f"campaigns:detail {campaign.uuid}",
            )
            for one, keeper in kept
        ),
        batch_size=BATCH, ignore_conflicts=True,
    )  # fmt: skip
    _mark(campaign, step, [one for one, _keeper in kept], "opened", today)
    _mark(campaign, step, [one for one in ready if not one.has_keeper], "no_keeper", today)
    return len(kept)


def _open_opportunities(campaign: Campaign, step: Step, ready: Sequence[Due], today: date) -> int:
    """A deal in the making (商机) for each customer's keeper, at the first stage, worth what set it off or lies there.

    Passed over where nobody keeps the customer by now, and where there is no amount to begin with.
    """
    kept = [one for one in ready if one.keeper is not None and one.has_keeper]
    worth = {one.party: int(one.trigger.get("amount_fen", one.aum_fen)) for one in kept}
    opened = [one for one in kept if worth[one.party] > 0]
    Opportunity.objects.using(USING).bulk_create(
        (
            Opportunity(
                party_id=one.party, unit_id=one.unit, keeper_id=one.keeper, owner_id=one.keeper or 0,
                title=campaign.name, family=campaign.family, stage=lead_policy(today).stages[0].code, stage_on=today,
                amount_fen=worth[one.party], expected_on=today + timedelta(days=campaign.horizon_days), made_on=today,
            )
            for one in opened
        ),
        batch_size=BATCH,
    )  # fmt: skip
    if opened:
        audit.record(
            by=None,
            verb="campaigns.opportunities",
            on=campaign,
            using=USING,
            step=step.number,
            count=len(opened),
        )
    _mark(campaign, step, opened, "opened", today)
    _mark(campaign, step, [one for one in ready if not one.has_keeper], "no_keeper", today)
    _mark(campaign, step, [one for one in kept if worth[one.party] <= 0], "no_amount", today)
    return len(opened)


def _queue(
    campaign: Campaign, plan: Plan, step: Step, ready: Sequence[Due], policy: CampaignPolicy, today: date,
    now: datetime,
) -> int:  # fmt: skip
    """Messages into the outbox, one template an arm; whether each may go is asked when it is sent."""
    planned = max(timezone.make_aware(datetime.combine(today, time(policy.send_hour))), now)
    rows = Product.objects.using(USING).filter(product_code__in=plan.products)
    products = {row.product_code: (row.name, row.risk_grade) for row in rows}
    queued = 0
    for place, template in enumerate(step.templates):
        own = [one for one in ready if _place(one.arm, len(step.templates)) == place]
        parties = [(one.party, _fields(plan, one, products)) for one in own]
        told = messaging.queue(
            by=None, origin="campaign", ref=str(campaign.uuid), step=step.number, channel=step.channel,
            template_version=template, purpose="marketing", parties=parties, planned_at=planned,
            expires_at=planned + timedelta(hours=policy.late_hours), now=now, using=USING,
        )  # fmt: skip
        queued += told.count
    _mark(campaign, step, ready, "queued", today)
    return queued


def _place(arm: str, templates: int) -> int:
    """Which template an arm has: a the first, b the second; a step with fewer templates gives the last its own."""
    return min("abcdef".find(arm) if len(arm) == 1 else 0, templates - 1)


def _fields(plan: Plan, one: Due, products: Mapping[str, tuple[str, str | None]]) -> dict[str, Any]:
    """The fields a campaign's template may name, those that are known: the product, what matures, the last day."""
    suited = [products[code] for code in one.trigger.get("products", ()) if code in products]
    told = {
        "product": "、".join(name for name, _grade in suited),
        "grade": max((grade for _name, grade in suited if grade), default=""),
        "amount": one.trigger.get("amount_fen") or one.maturing_fen,
        "maturity_day": one.matures_on,
        "day": plan.ends_on,
    }
    return {code: value for code, value in told.items() if value}


def _mark(campaign: Campaign, step: Step, rows: Sequence[Due], outcome: str, today: date) -> None:
    StepDone.objects.using(USING).bulk_create(
        (
            StepDone(campaign=campaign, party_id=one.party, step=step.number, done_on=today, outcome=outcome)
            for one in rows
        ),
        batch_size=BATCH, ignore_conflicts=True,
    )  # fmt: skip


def _zone() -> str:
    """The bank's zone: days are counted in it."""
    return timezone.get_default_timezone_name()


def _execute(statement: str, campaign: Campaign, **told: Any) -> None:
    with connections[USING].cursor() as cursor:
        cursor.execute(statement, {"campaign": campaign.pk, **told})
