"""What campaigns of the story have in common (营销往事): the people, the content as handed in, the draw as rows.

Who was held out was drawn as a real campaign draws, with a key of the story's own, so that the same bank has the same
groups on any machine. The bank's global control is the bank's: whoever is in it is left out as at a real launch.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from guanxi.crm.campaigns.drawing import draw_key, global_control
from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.models import (
    Assignment,
    Campaign,
    CampaignEvent,
    CampaignVersion,
    Recipient,
    State,
    VersionState,
)
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import effect_policy
from guanxi.crm.organisation.models import Post, Staff, Unit, UnitKind
from guanxi.crm.scores.models import FigureProof
from guanxi.insight.effects.assignment import CONTROL

USING = "pipeline"
SEGMENT = uuid.uuid5(uuid.NAMESPACE_OID, "campaigns.segment")


def people_of(today: date) -> tuple[Staff, Staff, Unit] | None:
    """The analyst, a supervisor and the legal entity; None for a bank without them."""
    posts = (
        Post.objects.using(USING).filter(valid_from__lte=today, valid_to=None).select_related("staff", "unit")
    )
    analyst = posts.filter(role="analyst").order_by("pk").first()
    boss = posts.filter(role="supervisor").order_by("pk").first()
    bank = Unit.objects.using(USING).filter(kind=UnitKind.LEGAL_ENTITY).order_by("pk").first()
    return (analyst.staff, boss.staff, bank) if analyst and boss and bank else None


def baseline_of(metric: str) -> Decimal:
    """The goal's figure as the run published it."""
    proof = FigureProof.objects.using(USING).filter(run__is_current=True, metric=metric).first()
    return proof.figure if proof else Decimal(0)


def kept(plan: Plan, owner: Staff, bank: Unit, today: date, state: State, **more: Any) -> Campaign:
    """The campaign as its own row."""
    days = plan.days()
    assert days is not None
    made_at = ten(min(days[0], today) - timedelta(days=6))
    return Campaign.objects.using(USING).create(
        uuid=uuid.uuid5(uuid.NAMESPACE_OID, plan.name), name=plan.name, kind=plan.kind, state=state, owner=owner,
        unit=bank, plan=plan.payload(), content_hash=plan.content_hash(), metric=plan.metric, measure=plan.measure,
        family=plan.family, cluster=plan.cluster, horizon_days=plan.horizon_days or 0, starts_on=days[0],
        ends_on=days[1], made_at=made_at, changed_at=made_at, **more,
    )  # fmt: skip


def handed_in(campaign: Campaign, by: Staff, decided_by: Staff | None, day: date, *, eligible: int) -> None:
    """The content as handed in, decided a day later when somebody did."""
    outlook = {
        "audience": eligible + 20, "eligible": eligible, "held_out": eligible // 10, "tasks": eligible - eligible // 10,
        "messages": 0, "cost_fen": eligible * 540, "minutes": eligible * 6, "capacity": eligible * 9, "managers": 4,
        "overloaded": 0, "sight": "too_small", "visible": 0.12, "needed": 900, "before": 0.21, "clash": {}, "asked": 0,
        "dropped": {"asked_lately": 20}, "small_group": False,
    }  # fmt: skip
    CampaignVersion.objects.using(USING).create(
        campaign=campaign, number=1, plan=campaign.plan, content_hash=campaign.content_hash, outlook=outlook,
        submitted_by=by, submitted_at=ten(day), decided_by=decided_by,
        decided_at=ten(day + timedelta(days=1)) if decided_by else None,
        state=VersionState.APPROVED if decided_by else VersionState.SUBMITTED,
    )  # fmt: skip
    told: list[tuple[str, Staff | None, int]] = [("made", by, -2), ("submitted", by, 0)]
    if decided_by:
        told += [("approved", decided_by, 1), ("launched", None, 2)]
    CampaignEvent.objects.using(USING).bulk_create(
        CampaignEvent(campaign=campaign, at=ten(on), on=on, staff=staff, verb=verb)
        for verb, staff, after in told
        for on in [day + timedelta(days=after)]
    )  # fmt: skip


def outside_global(rows: Sequence[Candidate], *days: date) -> list[Candidate]:
    """Without those in the bank's global control on one of the days they would enter, as a launch leaves them out."""
    draws = [global_control(draw_key(), effect_policy(day), day) for day in days]
    return [row for row in rows if row.managed or not any(drawn(row.party) for drawn in draws)]


def entered(rows: Sequence[Candidate], arms: dict[int, str]) -> dict[str, int]:
    """Counts of those who enter together."""
    treated = sum(arms[row.party] != CONTROL for row in rows)
    return {"audience": len(rows), "eligible": len(rows), "treated": treated, "exempt": 0}


def assigned(
    campaign: Campaign, rows: Sequence[Candidate], arms: dict[int, str], wave: int, day: date
) -> None:  # fmt: skip
    """The draw as rows: the arm of each, and the treated as the branch sees them."""
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


def ten(day: date) -> datetime:
    """Ten o'clock of a day."""
    return timezone.make_aware(datetime.combine(day, time(10)))
