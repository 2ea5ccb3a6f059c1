"""Campaigns of other kinds (老带新、跨条线联动) and two that did not go well: begun here, what people did comes later.

`campaign_deeds` tells who was brought, and who halted the last two: it goes through the rooms' own services, which see
what is written here once it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from guanxi.crm.campaigns.models import Campaign, State
from guanxi.crm.campaigns.plan import CreditShare, Plan, StepPlan, WavePlan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.pipeline.demo.past._campaign_calls import People, called, kept_customers
from guanxi.pipeline.demo.past._campaign_cast import USING, baseline_of, people_of

JOINT, REFERRAL = "代发员工公私联动存款季", "老友荐新礼"
PAUSED, STOPPED = "基金定投启蒙电访", "家庭保障年检邀约"
NAMES = (JOINT, REFERRAL, PAUSED, STOPPED)
HALTED = {PAUSED: 4, STOPPED: 17}  # so many days ago
MOST = 300
PAID_BY_FIRMS = """
EXISTS (SELECT 1 FROM customers_relation AS work
        WHERE work.party_id = party.id AND work.kind = 'employee' AND work.valid_to IS NULL)
"""
OLD_FRIENDS = "party.kind = 'person' AND party.since < %(began)s - 700 AND score.aum_fen >= 5000000"
SAVERS = "party.kind = 'person' AND score.aum_fen BETWEEN 3000000 AND 30000000"
FAMILIES = """
EXISTS (SELECT 1 FROM customers_relation AS kin
        WHERE kin.party_id = party.id AND kin.kind IN ('spouse', 'child') AND kin.valid_to IS NULL)
"""


def tell(*, today: date) -> int:
    """Four campaigns from their launch on; rows written, 0 when they are told, or there are no campaigns."""
    people = people_of(today)
    told = Campaign.objects.using(USING)
    if people is None or not told.exists() or told.filter(name__in=NAMES).exists():
        return 0
    try:
        campaign_policy(today)
    except KeyError:
        return 0
    rows = 0
    for plan, whom in _plans(today):
        begun = plan.days()
        assert begun is not None
        candidates = kept_customers(whom, name=plan.name, most=MOST, began=begun[0])
        if candidates:
            until = today - timedelta(days=HALTED.get(plan.name, 0))
            rows += called(plan, candidates, People(*people), today, state=State.RUNNING, until=until)
    return rows


def _plans(today: date) -> Iterator[tuple[Plan, str]]:
    """Each campaign with whom it is about."""
    yield replace(
        _plan(JOINT, today, -40, 20), kind="joint", family="time", purpose="对公客户经理引荐，零售承接代发单位员工存款",
        offer="代发员工专属定期礼遇，由企业联系人统一告知", target=Decimal(6_000_000),
        credit=(CreditShare("retail", Decimal("0.6")), CreditShare("corporate", Decimal("0.4"))),
        steps=(StepPlan("task", script="先谢企业支持，再问工资到账后的安排，介绍一年期与三年期定期。"),
               StepPlan("task", 7, "no_contact", script="七天未联系上的，请对公客户经理约在企业见面。")),
    ), PAID_BY_FIRMS  # fmt: skip
    yield replace(
        _plan(REFERRAL, today, -36, 24), kind="referral", metric="aum", hoped=Decimal(2_000),
        baseline=baseline_of("aum"), target=Decimal(3_000_000), purpose="老客户推荐亲友到行开户",
        offer="亲友到网点开户，资产满 1 万元，双方各得礼遇", reward="老客户得 500 积分，可兑生活用品",
        steps=(StepPlan("task", script="感谢多年信任，说明推荐礼遇与链接用法；不催促、不代填信息。"),),
    ), OLD_FRIENDS  # fmt: skip
    yield replace(
        _plan(PAUSED, today, -16, 30), metric="wealth_products", family="fund", hoped=Decimal("0.05"),
        baseline=baseline_of("wealth_products"), purpose="有闲余资金的客户了解基金定投",
        offer="定投体验：首期 100 元起，可随时停",
        steps=(StepPlan("task", script="先核对风险测评是否在有效期，再谈定投。"),),
    ), SAVERS  # fmt: skip
    yield replace(
        _plan(STOPPED, today, -31, 12), metric="wealth_products", family="insurance", hoped=Decimal("0.04"),
        baseline=baseline_of("wealth_products"), purpose="为有家庭的客户做一次保障检视",
        offer="家庭保障检视与养老规划面谈",
        steps=(StepPlan("task", script="邀请夫妻同来，先看已有保障，不当场推荐。"),),
    ), FAMILIES  # fmt: skip


def _plan(name: str, today: date, first: int, last: int) -> Plan:
    """What all four share; days from today."""
    began, ended = today + timedelta(days=first), today + timedelta(days=last)
    return Plan(
        name=name, metric="deposits", hoped=Decimal("0.08"), baseline=baseline_of("deposits"), baseline_day=str(began),
        target=Decimal(1_500_000), waves=(WavePlan(0, Decimal(1)),), starts_on=str(began), ends_on=str(ended),
        budget=Decimal(6_000), horizon_days=60, holdout_share=Decimal("0.1"), managed_holdout_share=Decimal("0.1"),
    )  # fmt: skip
