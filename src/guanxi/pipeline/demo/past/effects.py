"""Looks at the demo's campaigns so far (效果评估): what every fifth night would have read out, from the demo's ledger.

The demo bank is synthetic, and what its campaigns did to the ledger was planted (`pipeline.demo.trials`). The looks of
the days before are whether an account of the family was opened, as `effect.outcome` has it; the last one is made
by the night's own two steps over the run that stands, with all measures and subgroups.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connections

from guanxi.crm.campaigns.models import LAUNCHED, Campaign
from guanxi.crm.campaigns.plan import Plan as Content
from guanxi.crm.campaigns.policy import effect_policy
from guanxi.crm.effects.models import EffectReadout
from guanxi.insight.effects.assignment import CONTROL
from guanxi.insight.effects.readout import Line, Measured, Plan, Rules, read_out
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.pipeline.looking import look_again

USING = "pipeline"
EVERY = 5
_BOUGHT = """
SELECT drawn.party_id, drawn.arm, drawn.assigned_on,
       MIN(held.opened_on) FILTER (WHERE held.opened_on > drawn.assigned_on),
       BOOL_OR(held.opened_on <= drawn.assigned_on), drawn.contaminated_on, drawn.exposed_on
FROM campaigns_assignment AS drawn
LEFT JOIN customers_holding AS held ON held.party_id = drawn.party_id AND held.role = 'holder'
     AND held.family = %(family)s
WHERE drawn.campaign_id = %(campaign)s
GROUP BY drawn.party_id, drawn.arm, drawn.assigned_on, drawn.contaminated_on, drawn.exposed_on
ORDER BY drawn.party_id
"""


def tell(*, today: date) -> int:
    """Looks up to the evening before `today`; rows written, 0 when there are looks or no policy."""
    # Only looks at campaigns: the nights before have looked at all of them together already.
    known = list(Campaign.objects.using(USING).values_list("uuid", flat=True))
    if EffectReadout.objects.using(USING).filter(campaign__in=known).exists():
        return 0
    try:
        policy = effect_policy(today)
    except KeyError:
        return 0
    begun = Campaign.objects.using(USING).filter(state__in=LAUNCHED, measure="product").order_by("pk")
    business_date = today - timedelta(days=1)
    made = [row for campaign in begun for row in _looks(campaign, policy, business_date)]
    EffectReadout.objects.using(USING).bulk_create(made)
    return len(made) + look_again(settings.GUANXI_BANK_HOME, business_date)


def _looks(campaign: Campaign, policy: EffectPolicy, until: date) -> list[EffectReadout]:
    with connections[USING].cursor() as cursor:
        cursor.execute(_BOUGHT, {"campaign": campaign.pk, "family": campaign.family})
        rows = cursor.fetchall()
    first = campaign.launched_on
    if not rows or first is None:
        return []
    last = min(until, first + timedelta(days=campaign.horizon_days + policy.looking_days))
    ended = first + timedelta(days=campaign.horizon_days)
    days = [
        day
        for day in (first + timedelta(days=n) for n in range(EVERY, 400, EVERY))
        if day <= min(last, ended)
    ]
    return [
        _row(campaign, line, day, rows)
        for day in dict.fromkeys([*days, last])
        for line in _read(campaign, rows, day, policy)
    ]


def _read(campaign: Campaign, rows: list[Any], day: date, policy: EffectPolicy) -> list[Line]:
    content = Content.read(campaign.plan)
    lived = np.array([min((day - row[2]).days, campaign.horizon_days) for row in rows])
    opened = [
        row[3] is not None and row[3] <= day and (row[3] - row[2]).days <= campaign.horizon_days
        for row in rows
    ]
    held = float(content.holdout_share or 0)
    measured = Measured(
        arm=np.array([row[1] for row in rows]),
        outcome=np.array(opened, float),
        before=np.array([bool(row[4]) for row in rows], float),
        cluster=None,
        lived=np.clip(lived / max(1, campaign.horizon_days), 0.0, 1.0),
        subgroups={},
    )
    shares = {CONTROL: held, **dict.fromkeys(content.arms, (1 - held) / len(content.arms))}
    hoped = float(content.hoped) if content.hoped is not None else None
    return read_out(measured, Plan(shares, float(campaign.planned_n), hoped), Rules.of(policy))


def _row(campaign: Campaign, line: Line, day: date, rows: list[Any]) -> EffectReadout:
    said = line.said
    return EffectReadout(
        campaign=campaign.uuid, measure="product", is_main=True, arm=line.arm, day=day, n_treated=said.treated,
        n_control=said.control, mean_treated=said.mean_treated, mean_control=said.mean_control, plain=line.plain,
        lift=said.lift, error=said.error, low=_finite(line.always.low), high=_finite(line.always.high),
        fixed_low=line.fixed.low, fixed_high=line.fixed.high, variance_kept=said.variance_kept,
        seen=sum(min((day - row[2]).days / max(1, campaign.horizon_days), 1.0) for row in rows),
        planned=max(1, campaign.planned_n), verdict=line.verdict, reason=line.reason, srm_p=line.ratio_p, differ_p=1.0,
        exposed=sum(row[6] is not None and row[1] == line.arm for row in rows),
        contaminated=sum(row[5] is not None and row[1] == CONTROL for row in rows), cost_fen=campaign.cost_fen,
    )  # fmt: skip


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
