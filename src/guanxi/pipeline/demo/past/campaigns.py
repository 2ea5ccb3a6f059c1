"""A season of campaigns (营销活动): one ended and measured, one under way, one a draft, one that waits for approval.

Who was held out was drawn as a real campaign draws, with a key of the story's own, so that the same bank has the same
groups on any machine. What was bought is what the ledger shows; the ledger was made by the same draw
(`pipeline.demo.trials`), so that what the ended one did is known.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import (
    Campaign,
    State,
)
from guanxi.crm.campaigns.plan import Plan, StepPlan, WavePlan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.organisation.models import Staff
from guanxi.crm.segments.models import Segment, SegmentKind, SegmentVersion
from guanxi.insight.segments import payload_of, read_rule, rule_hash
from guanxi.pipeline.demo.past._campaign_calls import People, called, kept_customers
from guanxi.pipeline.demo.past._campaign_cast import (
    SEGMENT,
    USING,
    baseline_of,
    handed_in,
    kept,
    people_of,
    ten,
)
from guanxi.pipeline.demo.trials import SEASON

SCRIPTS = (
    "先问到期资金安排，不急于推荐；无急用的介绍三年期与到期转存礼遇。",
    "五天内未联系上的再次致电，说明活动截止日。",
)

_HOLDS = """
EXISTS (SELECT 1 FROM customers_holding AS held WHERE held.party_id = party.id AND held.role = 'holder'
        AND held.family IN ('time', 'cd') AND held.opened_on < %(began)s AND {matures})
"""
HELD = "true"
MATURING = "held.state = 'open' AND held.matures_on BETWEEN %(began)s AND %(until)s"


def tell(*, today: date) -> int:
    """Campaigns up to the evening before `today`; rows written, 0 when there are campaigns or no policy."""
    found = people_of(today)
    if found is None or Campaign.objects.using(USING).exists():
        return 0
    try:
        campaign_policy(today)
    except KeyError:
        return 0
    people = People(*found)
    analyst, bank = people.analyst, people.bank
    segment = _segment(analyst, today)
    rows = 0
    kept_on = SEASON[0]
    ended = _plan(kept_on.name, segment, kept_on.began(today), kept_on.ended(today))
    rows += called(ended, _holders(ended, HELD), people, today, state=State.ENDED)
    going = _plan("年末定期到期承接", segment, today - timedelta(days=12), today + timedelta(days=30))
    rows += called(going, _holders(going, MATURING), people, today, state=State.RUNNING)
    draft = replace(
        _plan("代发客群理财启蒙", segment, today + timedelta(days=14), today + timedelta(days=60)),
        metric="wealth_products", family="wealth", baseline=baseline_of("wealth_products"), baseline_day=str(today),
        purpose="代发单位员工首次购买稳健理财", offer="新客理财体验权益",
    )  # fmt: skip
    kept(draft, analyst, bank, today, State.DRAFT)
    waiting = replace(
        _plan("手机银行唤醒", segment, today + timedelta(days=3), today + timedelta(days=40)),
        metric="active_customers", family="", baseline=baseline_of("active_customers"), baseline_day=str(today),
        trigger="dormant", purpose="久未登录客户重新使用手机银行",
        offer="到网点由员工协助登录，送小额生活缴费立减", hoped=Decimal("0.05"), target=Decimal(200), segment="",
        segment_version=None, steps=(StepPlan("task", script="问是否换了手机，邀请到网点协助登录。"),),
    )  # fmt: skip
    campaign = kept(waiting, analyst, bank, today, State.SUBMITTED)
    handed_in(campaign, analyst, None, today - timedelta(days=1), eligible=180)
    return rows + 3


def _segment(owner: Staff, today: date) -> SegmentVersion:
    """The audience both maturity campaigns name."""
    payload = {"all": [{"fact": "time_balance", "is": "at_least", "values": ["10000"]}]}
    rule = read_rule(payload)
    made_at = ten(today - timedelta(days=160))
    segment = Segment.objects.using(USING).create(
        uuid=SEGMENT, kind=SegmentKind.RULE, name="定期余额 1 万元以上",
        purpose="到期承接", owner=owner, made_at=made_at,
    )  # fmt: skip
    return SegmentVersion.objects.using(USING).create(
        segment=segment, number=1, rule=payload_of(rule), content_hash=rule_hash(rule), made_by=owner, made_at=made_at
    )  # fmt: skip


def _plan(name: str, version: SegmentVersion, first: date, last: date) -> Plan:
    return Plan(
        name=name, purpose="留住到期资金", metric="deposits", family="time", target=Decimal(20_000_000),
        hoped=Decimal("0.08"), baseline=baseline_of("deposits"), baseline_day=str(first),
        segment=str(version.segment.uuid), segment_version=version.number, offer="到期转存礼遇：三年期加送体检一次",
        steps=(StepPlan("task", script=SCRIPTS[0]), StepPlan("task", 5, "no_contact", script=SCRIPTS[1])),
        waves=(WavePlan(0, Decimal(1)),), starts_on=str(first), ends_on=str(last), budget=Decimal(8_000),
        horizon_days=60, holdout_share=Decimal("0.1"), managed_holdout_share=Decimal("0.1"),
    )  # fmt: skip


def _holders(plan: Plan, matures: str) -> list[Candidate]:
    """Kept customers who held time deposits when the campaign began."""
    days = plan.days()
    assert days is not None
    return kept_customers(_HOLDS.format(matures=matures), began=days[0], until=days[1])
