"""A season of campaigns (营销活动): one ended and measured, one under way, one a draft, one that waits for approval.

Who was held out was drawn as a real campaign draws, with a key of the story's own, so that the same bank has the same
groups on any machine. What was bought is what the ledger shows; the ledger was made by the same draw
(`pipeline.demo.trials`), so that what the ended one did is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.crm.campaigns.drawing import arms_of
from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import (
    Campaign,
    Recipient,
    State,
    Step,
    StepDone,
    Wave,
)
from guanxi.crm.campaigns.plan import Plan, StepPlan, WavePlan
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.segments.models import Segment, SegmentKind, SegmentVersion
from guanxi.crm.worklist.models import Origin, Task, TaskState
from guanxi.insight.effects.assignment import CONTROL
from guanxi.insight.segments import payload_of, read_rule, rule_hash
from guanxi.pipeline.campaign_steps import note_outcomes
from guanxi.pipeline.demo.past._campaign_cast import (
    SEGMENT,
    USING,
    assigned,
    baseline_of,
    handed_in,
    kept,
    people_of,
    ten,
)
from guanxi.pipeline.demo.trials import KEY, SEASON, unit

SCRIPTS = (
    "先问到期资金安排，不急于推荐；无急用的介绍三年期与到期转存礼遇。",
    "五天内未联系上的再次致电，说明活动截止日。",
)

_KEPT = """
SELECT party.id, party.unit_id, party.keeper_id, COALESCE(score.aum_fen, 0), party.customer_no
FROM customers_party AS party
JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.is_active
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.state = 'active' AND party.merged_into_id IS NULL AND EXISTS (
    SELECT 1 FROM customers_holding AS held WHERE held.party_id = party.id AND held.role = 'holder'
      AND held.family IN ('time', 'cd') AND held.opened_on < %(began)s AND {matures})
ORDER BY party.id
"""
HELD = "true"
MATURING = "held.state = 'open' AND held.matures_on BETWEEN %(began)s AND %(until)s"


def tell(*, today: date) -> int:
    """Campaigns up to the evening before `today`; rows written, 0 when there are campaigns or no policy."""
    people = people_of(today)
    if people is None or Campaign.objects.using(USING).exists():
        return 0
    try:
        campaign_policy(today)
    except KeyError:
        return 0
    analyst, boss, bank = people
    segment = _segment(analyst, today)
    rows = 0
    kept_on = SEASON[0]
    ended = _plan(kept_on.name, segment, kept_on.began(today), kept_on.ended(today))
    rows += _begun(ended, analyst, boss, bank, today, state=State.ENDED, matures=HELD)
    going = _plan("年末定期到期承接", segment, today - timedelta(days=12), today + timedelta(days=30))
    rows += _begun(going, analyst, boss, bank, today, state=State.RUNNING, matures=MATURING)
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


def _begun(
    plan: Plan, owner: Staff, boss: Staff, bank: Unit, today: date, *, state: State, matures: str
) -> int:  # fmt: skip
    """A campaign that ran: drawn, steps taken, outcomes read from the ledger; rows written."""
    days = plan.days()
    assert days is not None
    begun, last = days
    rows = _candidates(matures, begun, last)
    arms = arms_of(plan, rows, key=KEY, salt=plan.name, effect=effect_policy(today), pilots=frozenset())
    told = Counter(arms.values())
    counts = {
        "audience": len(rows), "eligible": len(rows), "dropped": {}, "treated": len(rows) - told[CONTROL], "exempt": 0,
    }  # fmt: skip
    campaign = kept(
        plan, owner, bank, today, state, launched_on=begun, ended_on=last if state == State.ENDED else None,
        counts=counts, planned_n=len(rows), cost_fen=len(rows) * 540,
    )  # fmt: skip
    handed_in(campaign, owner, boss, begun - timedelta(days=2), eligible=len(rows))
    _steps(campaign, plan, counts, begun)
    treated = [row for row in rows if arms[row.party] != CONTROL]
    assigned(campaign, rows, arms, 1, begun)
    StepDone.objects.using(USING).bulk_create(
        StepDone(campaign=campaign, party_id=row.party, step=1, done_on=begun, outcome="opened")
        for row in treated
    )
    note_outcomes(campaign, plan, min(last, today))
    return len(rows) + len(treated) + _tasks(campaign, plan, treated, begun, min(last, today), state)


def _candidates(matures: str, begun: date, last: date) -> list[Candidate]:
    with connections[USING].cursor() as cursor:
        cursor.execute(_KEPT.replace("{matures}", matures), {"began": begun, "until": last})
        return [
            Candidate(party, outlet, keeper, unit(number), aum)
            for party, outlet, keeper, aum, number in cursor.fetchall()
        ]


def _steps(campaign: Campaign, plan: Plan, counts: dict[str, Any], begun: date) -> None:
    Step.objects.using(USING).bulk_create(
        Step(
            campaign=campaign, number=number, kind=step.kind, after_days=step.after_days, condition=step.condition,
            script=step.script,
        )
        for number, step in enumerate(plan.steps, 1)
    )  # fmt: skip
    Wave.objects.using(USING).create(
        campaign=campaign, number=1, due_on=begun, share=1, entered_on=begun, counts=counts
    )


def _tasks(
    campaign: Campaign, plan: Plan, treated: Sequence[Candidate], begun: date, until: date, state: State
) -> int:  # fmt: skip
    """The first step's tasks: who was reached is done; of the others some lapsed, or still stand while it runs."""
    reached = dict(
        Recipient.objects.using(USING)
        .filter(campaign=campaign, reached_on__isnull=False)
        .values_list("party_id", "reached_on")
    )
    made = []
    for row in treated:
        day = reached.get(row.party)
        standing = day is None and state == State.RUNNING
        closed = day or until
        ended = TaskState.DONE if day else TaskState.LAPSED
        made.append(
            Task(
                party_id=row.party, unit_id=row.unit, keeper_id=row.keeper, assignee_id=row.keeper or 0,
                origin=Origin.CAMPAIGN, subject=f"campaign:{campaign.uuid}:1", opened_on=begun,
                due_on=begun + timedelta(days=20 if standing else 5), value_fen=row.aum_fen, minutes=6,
                reason={"code": "campaign", "name": campaign.name, "text": plan.steps[0].script},
                offer_family=plan.family, link=f"campaigns:detail {campaign.uuid}",
                state=TaskState.OPEN if standing else ended, closed_at=None if standing else ten(closed),
                closed_on=None if standing else closed, closed_by_id=row.keeper if day else None,
                outcome="" if standing or day else "too_late",
            )
        )  # fmt: skip
    Task.objects.using(USING).bulk_create(made, ignore_conflicts=True)
    return len(made)
