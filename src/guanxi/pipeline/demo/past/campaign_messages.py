"""Campaigns by text message (短信营销): one that ended a week ago, one whose second wave goes out today.

Told after the rooms of campaigns and messages. Steps are queued as a night queues them; what the counterpart and the
customers answered is made up, what was bought is the ledger's word.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.crm.campaigns.drawing import arms_of, in_waves
from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import Campaign, CampaignEvent, State, Step, Wave
from guanxi.crm.campaigns.plan import Plan, StepPlan, WavePlan
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.messaging.models import (
    ChannelAccount,
    TemplateVersion,
)
from guanxi.crm.segments.models import SegmentVersion
from guanxi.insight.effects.assignment import CONTROL
from guanxi.pipeline.campaign_steps import note_outcomes, take_steps
from guanxi.pipeline.demo.past._campaign_cast import (
    SEGMENT,
    assigned,
    baseline_of,
    entered,
    handed_in,
    kept,
    outside_global,
    people_of,
    ten,
)
from guanxi.pipeline.demo.past._campaign_sending import Cast, close_tasks, sent
from guanxi.pipeline.demo.trials import KEY

USING = "pipeline"
MOST = 480
WAVES = 9  # days from the first wave to today's
STILL_WAITING = 0.25  # of today's wave
CALL_BACK = "客户已回复短信：当日回电，先问资金安排与期限偏好。"
CALL_SILENT = "短信五天未回复：电话确认是否收到，有意向的代为登记。"

_WHOM = """
SELECT party.id, party.unit_id, party.keeper_id, COALESCE(score.aum_fen, 0)
FROM customers_party AS party
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.state = 'active' AND party.kind = 'person' AND party.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM customers_contactpoint AS point
              WHERE point.party_id = party.id AND point.kind = 'mobile')
  AND EXISTS (SELECT 1 FROM customers_consent AS said WHERE said.party_id = party.id AND said.agreed
              AND said.purpose = 'marketing' AND said.channel IN ('sms', 'any'))
  AND NOT EXISTS (SELECT 1 FROM campaigns_recipient AS other
                  JOIN campaigns_campaign AS its ON its.id = other.campaign_id
                  WHERE other.party_id = party.id AND its.state = 'running')
  AND EXISTS (SELECT 1 FROM customers_holding AS held
              WHERE held.party_id = party.id AND held.role = 'holder' AND {holds})
ORDER BY md5(party.id::text || %(name)s) LIMIT %(most)s
"""
ANY = "held.state = 'open'"
WEALTHY = ANY + " AND COALESCE(score.aum_fen, 0) >= 3000000"


def tell(*, today: date) -> int:
    """Both campaigns up to today's ten o'clock; rows written, 0 when there are some, or no campaigns or templates."""
    people = people_of(today)
    account = ChannelAccount.objects.using(USING).filter(kind="sms", purpose="marketing").first()
    versions = {
        one.template.code: one
        for one in TemplateVersion.objects.using(USING).filter(state="approved").select_related("template")
    }
    told = Campaign.objects.using(USING)
    if people is None or account is None or not told.exists() or told.filter(name=RUNNING).exists():
        return 0
    cast = Cast(*people, account, random.Random("campaign messages"))  # noqa: S311  # a made-up bank
    return _over(cast, versions["waking"], today) + _running(
        cast, [versions["cd-booking"], versions["cd-booking-short"]], today
    )


RUNNING = "年末大额存单预约短信"


def _over(cast: Cast, version: TemplateVersion, today: date) -> int:
    """The one that ended: one text, a call to whoever answered."""
    plan = _plan(
        "国庆前存款回访短信", [version], today - timedelta(days=34), today - timedelta(days=7), today,
        purpose="久未联系客户到店核对账户、续存", offer="到店核对账户送日用礼一份", horizon_days=30,
    )  # fmt: skip
    campaign, first, _second = _begun(cast, plan, ANY, State.ENDED, today)
    begun = campaign.launched_on or today
    told = sent(cast, campaign, plan, first, begun, waiting=0)
    for day in (begun + timedelta(days=1), begun + timedelta(days=6)):
        note_outcomes(campaign, plan, day)
        take_steps(campaign, plan, campaign_policy(today), day, ten(day))
    note_outcomes(campaign, plan, campaign.ended_on or today)
    close_tasks(campaign, campaign.ended_on or today, over=True)
    ended_on = campaign.ended_on or today
    CampaignEvent.objects.using(USING).create(campaign=campaign, at=ten(ended_on), on=ended_on, verb="ended")
    return told


def _running(cast: Cast, versions: Sequence[TemplateVersion], today: date) -> int:
    """The one under way: two texts against each other, calls to who answered and who kept silent, today's wave."""
    plan = _plan(
        RUNNING, versions, today - timedelta(days=WAVES), today + timedelta(days=30), today,
        purpose="先约后谈，为年末大额存单预留额度", offer="年末大额存单预约，20 万元起存", family="cd", horizon_days=60,
    )  # fmt: skip
    campaign, first, second = _begun(cast, plan, WEALTHY, State.RUNNING, today)
    begun = campaign.launched_on or today
    told = sent(cast, campaign, plan, first, begun, waiting=0)
    for after in (1, 5):
        day = begun + timedelta(days=after)
        note_outcomes(campaign, plan, day)
        take_steps(campaign, plan, campaign_policy(today), day, ten(day))
    close_tasks(campaign, today, over=False)
    told += sent(cast, campaign, plan, second, today, waiting=STILL_WAITING)
    note_outcomes(campaign, plan, today)
    take_steps(campaign, plan, campaign_policy(today), today, ten(today))
    return told


def _plan(
    name: str, versions: Sequence[TemplateVersion], first: date, last: date, today: date, *, purpose: str, offer: str,
    horizon_days: int, family: str = "time",
) -> Plan:  # fmt: skip
    segment = SegmentVersion.objects.using(USING).select_related("segment").get(segment__uuid=SEGMENT)
    going = last >= today
    return Plan(
        name=name, purpose=purpose, metric="deposits", family=family, target=Decimal(8_000_000), hoped=Decimal("0.05"),
        baseline=baseline_of("deposits"), baseline_day=str(first), segment=str(segment.segment.uuid),
        segment_version=segment.number, offer=offer,
        steps=(
            StepPlan("message", channel="sms", templates=tuple(one.pk for one in versions)),
            StepPlan("task", condition="replied", script=CALL_BACK),
            StepPlan("task", 5, "no_reply", script=CALL_SILENT),
        ),
        waves=(WavePlan(0, Decimal("0.5")), WavePlan(WAVES, Decimal("0.5"))) if going else (WavePlan(0, Decimal(1)),),
        starts_on=str(first), ends_on=str(last), budget=Decimal(3_000), horizon_days=horizon_days,
        holdout_share=Decimal("0.1"), managed_holdout_share=Decimal("0.1"),
    )  # fmt: skip


def _begun(
    cast: Cast, plan: Plan, holds: str, state: State, today: date
) -> tuple[Campaign, list[Candidate], list[Candidate]]:
    """The campaign with its draw; who enters on the first day, and who today."""
    days = plan.days()
    assert days is not None
    entering = [days[0] + timedelta(days=wave.after_days) for wave in plan.waves]
    found = _candidates(holds, plan.name)
    rows = outside_global(found, *entering)
    arms = arms_of(plan, rows, key=KEY, salt=plan.name, effect=effect_policy(today), pilots=frozenset())
    held = sum(arm == CONTROL for arm in arms.values())
    dropped = {"asked_lately": 29, "unsuitable": 8, "global_control": len(found) - len(rows)}
    counts = {"audience": len(found) + 37, "eligible": len(rows), "dropped": dropped,
              "treated": len(rows) - held, "exempt": 0}  # fmt: skip
    campaign = kept(
        plan, cast.analyst, cast.bank, today, state, launched_on=days[0], counts=counts, planned_n=len(rows),
        cost_fen=len(rows) * 110, ended_on=days[1] if state == State.ENDED else None,
    )  # fmt: skip
    handed_in(campaign, cast.analyst, cast.boss, days[0] - timedelta(days=2), eligible=len(rows))
    first = in_waves(KEY, plan.name, rows, plan.waves[0].share)
    waves = [first, [row for row in rows if row not in set(first)]][: len(plan.waves)]
    Step.objects.using(USING).bulk_create(
        Step(
            campaign=campaign, number=number, kind=step.kind, after_days=step.after_days, condition=step.condition,
            channel=step.channel, templates=list(step.templates), script=step.script,
        )
        for number, step in enumerate(plan.steps, 1)
    )  # fmt: skip
    for number, (wave, day, part) in enumerate(zip(plan.waves, entering, waves, strict=True), 1):
        Wave.objects.using(USING).create(
            campaign=campaign, number=number, due_on=day, share=wave.share, entered_on=day, counts=entered(part, arms)
        )  # fmt: skip
        assigned(campaign, part, arms, number, day)
    return campaign, first, waves[-1]


def _candidates(holds: str, name: str) -> list[Candidate]:
    with connections[USING].cursor() as cursor:
        told: dict[str, Any] = {"name": name, "most": MOST}
        cursor.execute(_WHOM.replace("{holds}", holds), told)
        return [
            Candidate(party, unit, keeper, f"customer:{party}", aum)
            for party, unit, keeper, aum in cursor.fetchall()
        ]
