"""What came of first offers (首推对比): those chosen by worth against those chance picked, by the ledger.

Chance decided for whom it picks, so both groups are alike but for the choosing. An offer was taken when the customer
opened an account of that family within the horizon of the policy; one shown more lately is not counted yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef

from guanxi.crm.customers.models import Holding
from guanxi.crm.customers.selectors import within
from guanxi.crm.effects.models import FirstOffer
from guanxi.crm.organisation.rules import Reach
from guanxi.insight.effects.intervals import difference, fixed_interval
from guanxi.insight.policies.effect import EffectPolicy


@dataclass(frozen=True)
class Side:
    """One way of choosing: first offers, taken ones, and the chance that was said of them (mean; None without any)."""

    by_chance: bool
    offers: int
    taken: int
    said: float | None

    @property
    def share(self) -> float | None:
        """Of the offers, how many were taken."""
        return self.taken / self.offers if self.offers else None


@dataclass(frozen=True)
class Compared:
    """Both ways of choosing, and the interval of how much more of the chosen were taken (None: too few to say)."""

    by_worth: Side
    by_chance: Side
    waiting: int
    interval: tuple[float, float] | None

    @property
    def verdict(self) -> str:
        """better | worse | alike (the interval takes in nothing) | too_few."""
        if self.interval is None:
            return "too_few"
        low, high = self.interval
        return "better" if low > 0 else "worse" if high < 0 else "alike"


def compared(reach: Reach, policy: EffectPolicy, today: date) -> Compared:
    """First offers within reach; one query."""
    until = today - timedelta(days=policy.horizon_days)
    last = ExpressionWrapper(OuterRef("day") + timedelta(days=policy.horizon_days), output_field=DateField())
    opened = Holding.objects.filter(
        party=OuterRef("party"), role="holder", family=OuterRef("family"), opened_on__gt=OuterRef("day"),
        opened_on__lte=last,
    )  # fmt: skip
    rows = within(FirstOffer.objects.annotate(taken=Exists(opened)), reach)
    told = list(rows.values_list("by_chance", "chance", "day", "taken"))
    ripe = [(by, float(chance), taken) for by, chance, day, taken in told if day <= until]
    by_worth, by_chance = (
        _side([row[1:] for row in ripe if row[0] is by], by_chance=by) for by in (False, True)
    )
    interval = None
    if min(by_worth.offers, by_chance.offers) >= max(policy.least_units, 2):
        interval = _interval(ripe, policy)
    return Compared(by_worth, by_chance, len(told) - len(ripe), interval)


def _side(rows: list[tuple[float, bool]], *, by_chance: bool) -> Side:
    said = sum(chance for chance, _ in rows) / len(rows) if rows else None
    return Side(by_chance, len(rows), sum(taken for _, taken in rows), said)


def _interval(rows: list[tuple[bool, float, bool]], policy: EffectPolicy) -> tuple[float, float] | None:
    """How much more of the chosen were taken, of one look at the horizon; None when all did the same."""
    told = difference(np.array([row[2] for row in rows], float), np.array([not row[0] for row in rows]))
    if not told.error:
        return None
    found = fixed_interval(told, float(policy.alpha))
    return found.low, found.high
