"""Two campaigns by text message whose truth is planted (埋设的活动效果): one that worked, one that did nothing.

The ledger was made by the same draw (`pipeline.demo.trials`): the read-out has to find in it what is known here.
Messages are queued and answered as those of the other campaigns; who has no number or consent counts all the same.
The bank's global control is left out of both, of either arm alike: it is drawn with the bank's own key, which the
ledger cannot know, so those of it whom the story's draw treats put money away all the same.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.crm.campaigns.drawing import arms_of
from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import Campaign, CampaignEvent, State, Step, Wave
from guanxi.crm.campaigns.plan import Plan, StepPlan, WavePlan
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.messaging.models import ChannelAccount, TemplateVersion
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
from guanxi.pipeline.demo.past._campaign_sending import Cast, sent
from guanxi.pipeline.demo.trials import KEY, SEASON, Trial, unit

USING = "pipeline"
MOST = 2_500
PURPOSES = {
    "存款到期短信回访": ("到期前后回访存量定期客户，留住并增加定期资金", "到网点办理定期享到期转存礼遇"),
    "活期转存短信提醒": ("提醒只有活期的客户办理首笔定期", "首笔定期送积分"),
}

_WHOM = """
SELECT party.id, party.unit_id, party.keeper_id, COALESCE(score.aum_fen, 0), party.customer_no
FROM customers_party AS party
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.state = 'active' AND party.kind = 'person' AND party.merged_into_id IS NULL
  AND party.keeper_id IS NULL AND party.since < %(began)s AND %(holders)s = EXISTS (
      SELECT 1 FROM customers_holding AS held WHERE held.party_id = party.id AND held.role = 'holder'
        AND held.family IN ('time', 'cd') AND held.opened_on < %(began)s)
ORDER BY md5(party.customer_no || %(name)s) LIMIT %(most)s
"""


def tell(*, today: date) -> int:
    """Both campaigns from launch to end; rows written, 0 when they are told, or there are no campaigns or templates."""
    people = people_of(today)
    account = ChannelAccount.objects.using(USING).filter(kind="sms", purpose="marketing").first()
    version = TemplateVersion.objects.using(USING).filter(state="approved", template__code="waking").first()
    told = Campaign.objects.using(USING)
    season = [trial for trial in SEASON if not trial.managed]
    if people is None or account is None or version is None or not told.exists():
        return 0
    if told.filter(name__in=[trial.name for trial in season]).exists():
        return 0
    cast = Cast(*people, account, random.Random("planted campaigns"))  # noqa: S311  # a made-up bank
    return sum(_ran(cast, trial, version, today) for trial in season)


def _ran(cast: Cast, trial: Trial, version: TemplateVersion, today: date) -> int:
    began, ended = trial.began(today), trial.ended(today)
    found = _candidates(trial, began)
    rows = outside_global(found, began)
    if not rows:
        return 0
    plan = _plan(trial, version, began, ended)
    arms = arms_of(plan, rows, key=KEY, salt=plan.name, effect=effect_policy(today), pilots=frozenset())
    dropped = {"global_control": len(found) - len(rows)}
    counts = {**entered(rows, arms), "audience": len(found), "dropped": dropped}
    campaign = kept(
        plan, cast.analyst, cast.bank, today, State.ENDED, launched_on=began, ended_on=ended, counts=counts,
        planned_n=len(rows), cost_fen=sum(arm != CONTROL for arm in arms.values()) * 10,
    )  # fmt: skip
    handed_in(campaign, cast.analyst, cast.boss, began - timedelta(days=2), eligible=len(rows))
    Step.objects.using(USING).create(
        campaign=campaign, number=1, kind="message", after_days=0, condition=plan.steps[0].condition, channel="sms",
        templates=[version.pk], script="",
    )  # fmt: skip
    Wave.objects.using(USING).create(
        campaign=campaign, number=1, due_on=began, share=1, entered_on=began, counts=entered(rows, arms)
    )
    assigned(campaign, rows, arms, 1, began)
    messages = sent(cast, campaign, plan, rows, began, waiting=0)
    note_outcomes(campaign, plan, ended)
    take_steps(campaign, plan, campaign_policy(ended), ended, ten(ended))  # only says whom the texts reached
    CampaignEvent.objects.using(USING).create(campaign=campaign, at=ten(ended), on=ended, verb="ended")
    return len(rows) + messages


def _candidates(trial: Trial, began: date) -> Sequence[Candidate]:
    with connections[USING].cursor() as cursor:
        told: dict[str, Any] = {"began": began, "holders": trial.holders, "name": trial.name, "most": MOST}
        cursor.execute(_WHOM, told)
        return [
            Candidate(party, outlet, keeper, unit(number), aum)
            for party, outlet, keeper, aum, number in cursor.fetchall()
        ]


def _plan(trial: Trial, version: TemplateVersion, began: date, ended: date) -> Plan:
    segment = SegmentVersion.objects.using(USING).select_related("segment").get(segment__uuid=SEGMENT)
    purpose, offer = PURPOSES[trial.name]
    return Plan(
        name=trial.name, purpose=purpose, metric="deposits", family="time", target=Decimal(5_000_000),
        hoped=trial.hoped, baseline=baseline_of("deposits"), baseline_day=str(began),
        segment=str(segment.segment.uuid), segment_version=segment.number, offer=offer,
        steps=(StepPlan("message", channel="sms", templates=(version.pk,)),), waves=(WavePlan(0, Decimal(1)),),
        starts_on=str(began), ends_on=str(ended), budget=Decimal(1_000), horizon_days=trial.horizon_days,
        holdout_share=trial.holdout, managed_holdout_share=Decimal("0.1"),
    )  # fmt: skip
