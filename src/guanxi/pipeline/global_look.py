"""What all campaigns together do (全局对照): customers nobody keeps, those in the global control against the others.

Read once a night from what was published: wealth at the end of the month before the draw and now, products opened
since. Everybody counts where the draw of the epoch put him, whatever reached him and whoever keeps him today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connections, transaction

from guanxi.crm.campaigns.policy import effect_policy
from guanxi.crm.effects.models import EffectReadout
from guanxi.crm.effects.rules import global_number, global_since, next_epoch
from guanxi.insight.effects.assignment import CONTROL, in_global_control
from guanxi.insight.effects.intervals import Array
from guanxi.insight.effects.readout import Line, Measured, Plan, Rules, read_out
from guanxi.insight.months import previous_month
from guanxi.insight.policies.effect import EffectPolicy

USING = "pipeline"
TREATED = "treated"
# Those the bank had and nobody kept when the epoch began; whoever is kept since then stays where the draw put him.
_KNOWN = """
SELECT party.id,
       COALESCE(past.aum_fen[array_position(past.months, %(before)s::date)], 0),
       COALESCE(score.aum_fen, 0),
       EXISTS (SELECT FROM customers_holding AS held WHERE held.party_id = party.id AND held.role = 'holder'
               AND held.opened_on >= %(since)s AND held.family NOT IN ('demand', 'loan')),
       EXISTS (SELECT FROM campaigns_recipient AS told WHERE told.party_id = party.id AND told.entered_on >= %(since)s)
FROM customers_party AS party
JOIN scores_partyhistory AS past ON past.party_id = party.id
     AND array_position(past.months, %(before)s::date) IS NOT NULL
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.kind = 'person' AND party.merged_into_id IS NULL
  AND NOT EXISTS (SELECT FROM customers_keeperterm AS t WHERE t.party_id = party.id AND t.is_primary
                  AND t.valid_from <= %(since)s AND (t.valid_to IS NULL OR t.valid_to > %(since)s))
  AND (party.keeper_id IS NULL OR EXISTS (SELECT FROM customers_keeperterm AS t
                                          WHERE t.party_id = party.id AND t.valid_from <= %(since)s))
ORDER BY party.id
"""


@dataclass(frozen=True)
class Known:
    """Customers of the epoch, one place each: yuan before and now, opened a product, held out, got a campaign."""

    before: Array
    now: Array
    opened: Array
    control: Array
    told: Array


def look_at_global(on: date, key: bytes) -> int:
    """The look of business date `on`; rows written, 0 without the policy or without customers on both sides."""
    try:
        policy = effect_policy(on)
    except KeyError:
        return 0
    known = _known(on, key, policy)
    if known is None:
        return 0
    since = global_since(on, policy.global_months)
    days = (next_epoch(since, policy.global_months) - since).days
    lived = min(1.0, ((on - since).days + 1) / days)
    rows = [
        _row(line, measure, since, on, known, lived)
        for measure, outcome, before in (
            ("aum", known.now - known.before, known.before),
            ("product", known.opened.astype(float), known.before),
        )
        for line in _lines(outcome, before, known, policy, lived, money=measure == "aum")
    ]
    with transaction.atomic(using=USING):
        looks = EffectReadout.objects.using(USING)
        looks.filter(campaign=global_number(since), day=on).delete()
        looks.bulk_create(rows)
    return len(rows)


def _known(on: date, key: bytes, policy: EffectPolicy) -> Known | None:
    since = global_since(on, policy.global_months)
    with connections[USING].cursor() as cursor:
        cursor.execute(_KNOWN, {"since": since, "before": previous_month(since)})
        rows = cursor.fetchall()
    if not rows:
        return None
    party, before, now, opened, told = zip(*rows, strict=True)
    share, months = policy.global_buckets(), policy.global_months
    control = np.array([in_global_control(key, one, since, share, months) for one in party])
    return Known(
        np.array(before, float) / 100, np.array(now, float) / 100, np.array(opened), control, np.array(told)
    )


def _lines(
    outcome: Array, before: Array, known: Known, policy: EffectPolicy, lived: float, *, money: bool
) -> list[Line]:
    units, held = len(outcome), float(policy.global_share)
    measured = Measured(
        arm=np.where(known.control, CONTROL, TREATED), outcome=outcome, before=before, cluster=None,
        lived=np.full(units, lived), subgroups={}, money=money,
    )  # fmt: skip
    return read_out(measured, Plan({CONTROL: held, TREATED: 1 - held}, float(units)), Rules.of(policy))


def _row(line: Line, measure: str, since: date, on: date, known: Known, lived: float) -> EffectReadout:
    said, units = line.said, len(known.control)
    return EffectReadout(
        campaign=global_number(since), measure=measure, is_main=measure == "aum", arm=line.arm, day=on,
        n_treated=said.treated, n_control=said.control, mean_treated=said.mean_treated,
        mean_control=said.mean_control, plain=line.plain, lift=said.lift, error=said.error,
        low=_finite(line.always.low), high=_finite(line.always.high), fixed_low=line.fixed.low,
        fixed_high=line.fixed.high, variance_kept=said.variance_kept, seen=lived * units, planned=units,
        verdict=line.verdict, reason=line.reason, srm_p=line.ratio_p, differ_p=1.0,
        exposed=int((known.told & ~known.control).sum()), contaminated=int((known.told & known.control).sum()),
        cost_fen=0,
    )  # fmt: skip


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
