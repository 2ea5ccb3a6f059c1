"""Campaigns go on (营销推进): begun on their day, waves let in, steps taken, outcomes read from the ledger.

As the pipeline's login, after publishing and whenever the worker is asked. One campaign is one transaction: a killed
process leaves nothing half, and the same day again finds everything done. A held-out customer has a row in the
assignment and nothing else: no message, no task, no row that a branch could see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from guanxi.crm.audit import services as audit
from guanxi.crm.campaigns.audience import audience_of
from guanxi.crm.campaigns.drawing import EXEMPT, arms_of, draw_key, global_control, in_waves
from guanxi.crm.campaigns.eligible import Candidate, eligible_of
from guanxi.crm.campaigns.models import (
    Assignment,
    Campaign,
    CampaignEvent,
    CampaignVersion,
    Recipient,
    State,
    Step,
    Wave,
)
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy, suitability_policy
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import UnitScope
from guanxi.insight.effects.assignment import CONTROL
from guanxi.insight.policies.campaign import CampaignPolicy
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.pipeline.campaign_referrals import settle_referrals
from guanxi.pipeline.campaign_steps import note_outcomes, take_steps

USING = "pipeline"
BATCH = 5_000


@dataclass(frozen=True)
class Rules:
    """The policies of the day and the key of the draws."""

    campaign: CampaignPolicy
    effect: EffectPolicy
    suitability: SuitabilityPolicy
    key: bytes


@dataclass(frozen=True)
class Worked:
    """What was done: campaigns begun and ended, customers treated, steps by what they did."""

    begun: int = 0
    ended: int = 0
    entered: int = 0
    messages: int = 0
    tasks: int = 0
    leads: int = 0

    @property
    def rows(self) -> int:
        """Customers and steps written."""
        return self.entered + self.messages + self.tasks + self.leads


def work_campaigns(*, today: date, now: datetime) -> Worked:
    """Let every campaign go on by `today`, the bank's day. Nothing in a bank without the policies."""
    try:
        rules = Rules(campaign_policy(today), effect_policy(today), suitability_policy(today), draw_key())
    except KeyError:
        return Worked()
    going = Campaign.objects.using(USING).filter(state__in=[State.APPROVED, State.RUNNING])
    total: Counter[str] = Counter()
    for number in going.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic(using=USING):
            total += _work_one(number, rules, today, now)
    return Worked(**{name: total[name] for name in Worked.__dataclass_fields__})


def _work_one(number: int, rules: Rules, today: date, now: datetime) -> Counter[str]:
    """One campaign, held: what a person does to it meanwhile waits, or has been done and is seen."""
    done: Counter[str] = Counter()
    campaign = Campaign.objects.using(USING).select_for_update().get(pk=number)
    plan = Plan.read(campaign.plan)
    if campaign.state == State.APPROVED and campaign.starts_on and campaign.starts_on <= today:
        done["begun"] += _begin(campaign, plan, today, now)
    if campaign.state != State.RUNNING:
        return done
    done["entered"] += _let_in(campaign, plan, rules, today, now)
    note_outcomes(campaign, plan, today)
    if campaign.kind == "referral":
        settle_referrals(campaign, plan, rules.campaign, today)
    done.update(take_steps(campaign, plan, rules.campaign, today, now))
    if campaign.ends_on is not None and campaign.ends_on < today:
        campaign.state, campaign.ended_on, campaign.changed_at = State.ENDED, today, now
        campaign.save(update_fields=["state", "ended_on", "changed_at"])
        _told(campaign, "ended", today, now)
        done["ended"] += 1
    return done


def _begin(campaign: Campaign, plan: Plan, today: date, now: datetime) -> int:
    """Steps and waves from the content that was approved; none when it is another one by now."""
    approved = (
        CampaignVersion.objects.using(USING).filter(campaign=campaign, state="approved").order_by("-number")
    )
    version = approved.first()
    if version is None or version.content_hash != plan.content_hash():
        return 0
    Step.objects.using(USING).bulk_create(
        Step(
            campaign=campaign, number=number, kind=step.kind, after_days=step.after_days, condition=step.condition,
            channel=step.channel, templates=list(step.templates), minutes=step.minutes, script=step.script,
        )
        for number, step in enumerate(plan.steps, 1)
    )  # fmt: skip
    if not plan.trigger:
        start = max(campaign.starts_on or today, today)
        Wave.objects.using(USING).bulk_create(
            Wave(
                campaign=campaign,
                number=number,
                due_on=start + timedelta(days=wave.after_days),
                share=wave.share,
            )
            for number, wave in enumerate(plan.waves, 1)
        )
    campaign.state, campaign.launched_on, campaign.changed_at = State.RUNNING, today, now
    campaign.save(update_fields=["state", "launched_on", "changed_at"])
    _told(campaign, "launched", today, now, content_hash=campaign.content_hash)
    return 1


def _let_in(campaign: Campaign, plan: Plan, rules: Rules, today: date, now: datetime) -> int:
    """The waves that are due; with a trigger, whoever it set off and is not in it yet. Returns the treated."""
    waves = list(Wave.objects.using(USING).filter(campaign=campaign).order_by("number"))
    if plan.trigger and (campaign.ends_on is None or campaign.ends_on >= today):
        if any(wave.entered_on == today for wave in waves):
            return 0
        due = [Wave(campaign=campaign, number=len(waves) + 1, due_on=today, share=Decimal(1))]
        border = Decimal(1)
    else:
        due = [wave for wave in waves if wave.entered_on is None and wave.due_on <= today]
        border = sum((wave.share for wave in waves if wave.due_on <= today), Decimal(0))
    return _enter(campaign, plan, due[-1], border, due, rules, today, now) if due else 0


def _enter(
    campaign: Campaign, plan: Plan, wave: Wave, border: Decimal, due: Sequence[Wave], rules: Rules, today: date,
    now: datetime,
) -> int:  # fmt: skip
    with acting_as(campaign.owner, today=today) as reach:
        found = audience_of(plan, reach, rules.campaign, today)
    taken = _taken(campaign)
    fitting = eligible_of(
        plan, found.parties, rules.campaign, rules.suitability, today, campaign=campaign.pk,
        in_global=global_control(rules.key, rules.effect, today), taken=taken, using=USING,
    )  # fmt: skip
    salt = str(campaign.uuid)
    rows = in_waves(rules.key, salt, fitting.rows, border)
    arms = arms_of(plan, rows, key=rules.key, salt=salt, effect=rules.effect, pilots=_units(plan.pilot_units))
    if rows or not plan.trigger:
        treated = _keep(campaign, wave, rows, arms, found.events, today)
        counts = _counts(len(found.parties), fitting.dropped, rows, arms)
        _close_waves(due, wave, counts, today)
        _sum_up(campaign, plan, counts, len(taken), now)
        return treated
    return 0


def _taken(campaign: Campaign) -> frozenset[int]:
    """Who is in it already, held out or not."""
    of = {"campaign": campaign}
    drawn = Assignment.objects.using(USING).filter(**of).values_list("party_id", flat=True)
    treated = Recipient.objects.using(USING).filter(**of).values_list("party_id", flat=True)
    return frozenset(drawn) | frozenset(treated)


def _keep(
    campaign: Campaign,
    wave: Wave,
    rows: Sequence[Candidate],
    arms: Mapping[int, str],
    events: Mapping[int, Mapping[str, Any]],
    today: date,
) -> int:
    """The draw as rows; returns how many are treated."""
    Assignment.objects.using(USING).bulk_create(
        (
            Assignment(
                campaign=campaign, party_id=row.party, cluster=row.cluster, arm=arms[row.party], wave=wave.number,
                assigned_on=today,
            )
            for row in rows
            if arms[row.party] != EXEMPT
        ),
        batch_size=BATCH,
    )  # fmt: skip
    treated = [row for row in rows if arms[row.party] != CONTROL]
    Recipient.objects.using(USING).bulk_create(
        (
            Recipient(
                campaign=campaign, party_id=row.party, unit_id=row.unit, keeper_id=row.keeper, wave=wave.number,
                entered_on=today, trigger=dict(events.get(row.party, {})) | {"products": list(row.products)},
            )
            for row in treated
        ),
        batch_size=BATCH,
    )  # fmt: skip
    return len(treated)


def _counts(
    audience: int, dropped: Mapping[str, int], rows: Sequence[Candidate], arms: Mapping[int, str]
) -> dict[str, Any]:
    """How many were looked at for the first time, left out by reason, assigned, treated."""
    told = Counter(arms[row.party] for row in rows)
    return {
        "audience": audience - dropped.get("already", 0),
        "dropped": {code: number for code, number in dropped.items() if code != "already"},
        "eligible": len(rows), "treated": len(rows) - told[CONTROL], "exempt": told[EXEMPT],
    }  # fmt: skip


def _close_waves(due: Sequence[Wave], wave: Wave, counts: Mapping[str, Any], today: date) -> None:
    """All waves that were due entered together; the last of them carries the counts."""
    for one in due:
        one.entered_on = today
        one.counts = dict(counts) if one is wave else {}
        one.save(using=USING)


def _sum_up(campaign: Campaign, plan: Plan, counts: Mapping[str, Any], taken: int, now: datetime) -> None:
    """The campaign's counts: an event's audience grows night by night, a segment's is the one last counted."""
    known = campaign.counts
    summed = {name: known.get(name, 0) + counts[name] for name in ("eligible", "treated", "exempt")}
    if plan.trigger:
        dropped = Counter(known.get("dropped", {})) + Counter(counts["dropped"])
        summed |= {"audience": known.get("audience", 0) + counts["audience"], "dropped": dict(dropped)}
    else:
        summed |= {"audience": counts["audience"] + taken, "dropped": counts["dropped"]}
    campaign.counts = summed
    campaign.planned_n = max(campaign.planned_n, summed["eligible"])
    campaign.changed_at = now
    campaign.save(update_fields=["counts", "planned_n", "changed_at"])


def _units(numbers: Sequence[str]) -> frozenset[int]:
    """The outlets named and all below them."""
    if not numbers:
        return frozenset()
    rows = UnitScope.objects.using(USING).filter(unit__unit_no__in=numbers)
    return frozenset(rows.values_list("member_id", flat=True))


def _told(campaign: Campaign, verb: str, today: date, now: datetime, **details: Any) -> None:
    CampaignEvent.objects.using(USING).create(campaign=campaign, at=now, on=today, verb=verb, details=details)
    audit.record(by=None, verb=f"campaigns.{verb}", on=campaign, using=USING, **details)
