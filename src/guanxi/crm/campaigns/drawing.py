"""The draw (随机分组): who is treated with what and who is held out, by the keyed hash of the assigned unit."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from guanxi.crm.campaigns.eligible import Candidate
from guanxi.crm.campaigns.plan import Plan, shares_of
from guanxi.crm.campaigns.policy import effect_policy
from guanxi.insight.effects.assignment import BUCKETS, CONTROL, arm_of, bucket, in_global_control
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.lake.door import read_keys

EXEMPT = "exempt"
"""Treated without a draw: not in the assignment and in no read-out."""


def draw_key() -> bytes:
    """The secret of all draws, made of the bank's first token key, so that turning keys over moves nobody."""
    return key_of(settings.GUANXI_BANK_HOME)


def key_of(home: Path) -> bytes:
    """`draw_key` of the bank whose home this is."""
    tokens = read_keys(home).token
    return hmac.new(tokens[min(tokens)], b"campaigns", hashlib.sha256).digest()


def global_control(key: bytes, effect: EffectPolicy, today: date) -> Callable[[int], bool]:
    """Asks whether a customer is in the bank's global control today."""
    share, months = effect.global_buckets(), effect.global_months
    return lambda party: in_global_control(key, party, today, share, months)


def left_alone(parties: Iterable[tuple[int, int | None]], today: date) -> frozenset[int]:
    """Of customers with their keepers those the global control keeps out of all marketing today: nobody keeps them.

    Nobody in a bank that has no policy of measuring.
    """
    try:
        effect = effect_policy(today)
    except KeyError:
        return frozenset()
    unkept = [party for party, keeper in parties if keeper is None]
    drawn = global_control(draw_key(), effect, today) if unkept else None
    return frozenset(party for party in unkept if drawn and drawn(party))


def in_waves(key: bytes, salt: str, rows: Iterable[Candidate], until: Decimal) -> list[Candidate]:
    """Those whose turn has come when the waves so far make up the share `until` of the audience."""
    border = int(until * BUCKETS)
    return [row for row in rows if bucket(key, f"{salt}:wave", row.cluster) < border]


def arms_of(
    plan: Plan,
    rows: Iterable[Candidate],
    *,
    key: bytes,
    salt: str,
    effect: EffectPolicy,
    pilots: frozenset[int],
) -> dict[int, str]:
    """The arm of each customer, `control` held out. One cluster has one arm.

    `pilots`: in a pilot, the outlets that try it; the chosen comparable ones are the control, nothing is drawn.
    """
    told = list(rows)
    if pilots:
        return {row.party: plan.arms[0] if row.unit in pilots else CONTROL for row in told}
    managed = {row.cluster for row in told if row.managed}
    shares = {
        True: shares_of(plan.managed_holdout_share or Decimal(0), plan.arms),
        False: shares_of(plan.holdout_share or Decimal(0), plan.arms),
    }
    large = int(effect.exempt_amount * 100)
    return {
        row.party: EXEMPT
        if plan.exempt_large and row.managed and row.aum_fen >= large
        else arm_of(bucket(key, salt, row.cluster), shares[row.cluster in managed])
        for row in told
    }
