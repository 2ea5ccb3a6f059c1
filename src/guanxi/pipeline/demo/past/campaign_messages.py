"""Campaigns by text message (短信营销): one that ended a week ago, one whose second wave goes out today.

Told after the rooms of campaigns and messages. Steps are queued as a night queues them; what the counterpart and the
customers answered is made up, what was bought is the ledger's word.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import F

from guanxi.channels.parts import count
from guanxi.crm.campaigns.drawing import arms_of, in_waves
from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import Assignment, Campaign, CampaignEvent, Recipient, State, Step, Wave
from guanxi.crm.campaigns.plan import Plan, StepPlan, WavePlan
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.customers.models import Consent, ContactPoint
from guanxi.crm.messaging import replies
from guanxi.crm.messaging.models import (
    ChannelAccount,
    Heard,
    Message,
    Receipt,
    TemplateVersion,
    Touch,
    Volume,
)
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.segments.models import SegmentVersion
from guanxi.crm.worklist.models import Origin, Task, TaskState
from guanxi.insight.effects.assignment import CONTROL
from guanxi.pipeline.campaign_steps import note_outcomes, take_steps
from guanxi.pipeline.demo.past._message_texts import ANSWERS
from guanxi.pipeline.demo.past.campaigns import SEGMENT, baseline_of, handed_in, kept, people_of, ten
from guanxi.pipeline.demo.trials import KEY

USING = "pipeline"
MOST = 480
WAVES = 9  # days from the first wave to today's
FATES = (("delivered", 90), ("failed", 4), ("accepted", 5), ("unknown", 1))
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


@dataclass(frozen=True)
class Cast:
    """Who appears in the story: the bank's people, the account that sends, and chance."""

    analyst: Staff
    boss: Staff
    bank: Unit
    account: ChannelAccount
    chance: random.Random


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
    told = _sent(cast, campaign, plan, first, begun, waiting=0)
    for day in (begun + timedelta(days=1), begun + timedelta(days=6)):
        note_outcomes(campaign, plan, day)
        take_steps(campaign, plan, campaign_policy(today), day, ten(day))
    note_outcomes(campaign, plan, campaign.ended_on or today)
    _close_tasks(campaign, campaign.ended_on or today, over=True)
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
    told = _sent(cast, campaign, plan, first, begun, waiting=0)
    for after in (1, 5):
        day = begun + timedelta(days=after)
        note_outcomes(campaign, plan, day)
        take_steps(campaign, plan, campaign_policy(today), day, ten(day))
    _close_tasks(campaign, today, over=False)
    told += _sent(cast, campaign, plan, second, today, waiting=STILL_WAITING)
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
    rows = _candidates(holds, plan.name)
    arms = arms_of(plan, rows, key=KEY, salt=plan.name, effect=effect_policy(today), pilots=frozenset())
    held = sum(arm == CONTROL for arm in arms.values())
    counts = {"audience": len(rows) + 37, "eligible": len(rows), "dropped": {"asked_lately": 29, "unsuitable": 8},
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
    for number, (wave, entering) in enumerate(zip(plan.waves, waves, strict=True), 1):
        day = days[0] + timedelta(days=wave.after_days)
        Wave.objects.using(USING).create(
            campaign=campaign,
            number=number,
            due_on=day,
            share=wave.share,
            entered_on=day,
            counts=_entered(entering, arms),
        )
        _assigned(campaign, entering, arms, number, day)
    return campaign, first, waves[-1]


def _entered(rows: Sequence[Candidate], arms: dict[int, str]) -> dict[str, int]:
    treated = sum(arms[row.party] != CONTROL for row in rows)
    return {"audience": len(rows), "eligible": len(rows), "treated": treated, "exempt": 0}


def _candidates(holds: str, name: str) -> list[Candidate]:
    with connections[USING].cursor() as cursor:
        told: dict[str, Any] = {"name": name, "most": MOST}
        cursor.execute(_WHOM.replace("{holds}", holds), told)
        return [
            Candidate(party, unit, keeper, f"customer:{party}", aum)
            for party, unit, keeper, aum in cursor.fetchall()
        ]


def _assigned(
    campaign: Campaign, rows: Sequence[Candidate], arms: dict[int, str], wave: int, day: date
) -> None:  # fmt: skip
    Assignment.objects.using(USING).bulk_create(
        Assignment(
            campaign=campaign, party_id=row.party, cluster=row.cluster, arm=arms[row.party], wave=wave, assigned_on=day
        )
        for row in rows
    )  # fmt: skip
    Recipient.objects.using(USING).bulk_create(
        Recipient(
            campaign=campaign, party_id=row.party, unit_id=row.unit, keeper_id=row.keeper, wave=wave, entered_on=day
        )
        for row in rows
        if arms[row.party] != CONTROL
    )  # fmt: skip


def _sent(
    cast: Cast, campaign: Campaign, plan: Plan, entering: Sequence[Candidate], day: date, *, waiting: float
) -> int:
    """The first step of those who entered on this day, queued, handed over and answered; messages and answers."""
    take_steps(campaign, plan, campaign_policy(day), day, ten(day))
    rows = list(
        Message.objects.using(USING).filter(
            origin="campaign", ref=str(campaign.uuid), party__in=[row.party for row in entering], state="planned"
        ).order_by("party_id")
    )  # fmt: skip
    versions = TemplateVersion.objects.using(USING).in_bulk({row.template_version for row in rows})
    parts = {pk: count(one.texts["zh"]["text"]) for pk, one in versions.items()}
    words = _words([row.party_id for row in rows])
    left = int(len(rows) * waiting)
    for message in rows[left:]:
        _answered(cast, message, words.get(message.party_id), parts[message.template_version or 0])
    for message in rows[:left]:
        # The demo's day stands still while its machine's clock goes on: what waits today must not be late for that.
        message.expires_at = ten(plan.days()[1])  # type: ignore[index]  # a plan of the story has its days
    Message.objects.using(USING).bulk_update(
        rows, ["state", "code", "account", "vendor_id", "parts", "cost_fen", "consent", "submitted_at", "accepted_at",
               "ended_at", "unknown_at", "expires_at"],
    )  # fmt: skip
    _heard_of(cast, rows, day)
    return len(rows) + _replies(cast, [row for row in rows if row.state == "delivered"])


def _words(parties: Sequence[int]) -> dict[int, tuple[int, bool]]:
    """The latest word on marketing texts of each: the consent's number, and what it says; a refusal by reply stands."""
    rows = Consent.objects.using(USING).filter(
        party__in=parties, purpose="marketing", channel__in=("sms", "any")
    )
    told = rows.order_by("party", "given_on", "pk").values_list("party_id", "pk", "agreed")
    left = set(
        Heard.objects.using(USING).filter(party__in=parties, asks="stop").values_list("party_id", flat=True)
    )
    return {party: (number, agreed and party not in left) for party, number, agreed in told}


def _answered(cast: Cast, message: Message, word: tuple[int, bool] | None, parts: int) -> None:
    at = message.planned_at + timedelta(seconds=cast.chance.randrange(900))
    if word is None or not word[1] or cast.chance.random() < 0.03:
        message.state, message.ended_at = "refused", at
        message.code = "cap_week" if word and word[1] else ("refused" if word else "no_consent")
        return
    message.state = cast.chance.choices([name for name, _ in FATES], [share for _, share in FATES])[0]
    message.account, message.consent, message.submitted_at = cast.account, word[0], at
    if message.state == "unknown":
        message.unknown_at, message.code = at + timedelta(seconds=10), "timeout"
        return
    message.accepted_at, message.vendor_id = (
        at + timedelta(seconds=1),
        uuid.uuid5(message.uuid, "vendor").hex[:16],
    )
    message.parts, message.cost_fen = parts, 5 * parts
    if message.state != "accepted":
        message.ended_at = at + timedelta(seconds=cast.chance.randrange(4, 240))
        message.code = cast.chance.choice(("UNDELIV", "空号")) if message.state == "failed" else ""


def _heard_of(cast: Cast, rows: Sequence[Message], day: date) -> None:
    """Receipts, what reached whom that day, and how far the step is."""
    Receipt.objects.using(USING).bulk_create(
        Receipt(
            account=cast.account, vendor_id=one.vendor_id, out_id=one.out_id, state=one.state, code=one.code,
            at=one.ended_at, heard_at=one.ended_at + timedelta(seconds=1), message=one,
        )
        for one in rows
        if one.state in ("delivered", "failed") and one.ended_at
    )  # fmt: skip
    submitted = [one for one in rows if one.submitted_at]
    Touch.objects.using(USING).bulk_create(
        (Touch(party_id=one.party_id, day=day, channel="sms", times=1) for one in submitted),
        ignore_conflicts=True,
    )
    if rows:
        volumes = Volume.objects.using(USING).filter(origin="campaign", ref=rows[0].ref, step=rows[0].step)
        volumes.update(submitted=F("submitted") + len(submitted))


def _replies(cast: Cast, delivered: Sequence[Message]) -> int:
    """One in fourteen answers; who wants no more is left alone from that instant on."""
    some = cast.chance.sample(list(delivered), len(delivered) // 14)
    numbers = ContactPoint.objects.using(USING).filter(
        party__in=[one.party_id for one in some], kind="mobile"
    )
    tokens = dict(numbers.values_list("party_id", "token"))
    for place, message in enumerate(some):
        assert message.submitted_at is not None
        at: datetime = message.submitted_at + timedelta(minutes=cast.chance.randrange(2, 50))
        replies.keep_words(
            party=message.party, token=tokens.get(message.party_id, ""), channel="sms",
            text=ANSWERS[place % len(ANSWERS)], said_at=at, at=at + timedelta(seconds=9), using=USING,
        )  # fmt: skip
    return len(some)


def _close_tasks(campaign: Campaign, day: date, *, over: bool) -> None:
    """Calls that reached somebody are done, on that day; of an ended campaign the others are no longer due."""
    tasks = Task.objects.using(USING).filter(
        origin=Origin.CAMPAIGN, subject__startswith=f"campaign:{campaign.uuid}:", state=TaskState.OPEN
    )
    met = dict(
        Recipient.objects.using(USING)
        .filter(campaign=campaign, reached_on__isnull=False)
        .values_list("party_id", "reached_on")
    )
    closed = []
    for task in tasks:
        reached = met.get(task.party_id or 0)
        if reached is None and not over:
            continue
        task.state = TaskState.DONE if reached else TaskState.LAPSED
        task.closed_on = max(reached, task.opened_on) if reached else day
        task.closed_at, task.outcome = ten(task.closed_on), "" if reached else "too_late"
        task.closed_by_id = task.assignee_id if reached else None
        closed.append(task)
    Task.objects.using(USING).bulk_update(closed, ["state", "closed_on", "closed_at", "closed_by", "outcome"])
