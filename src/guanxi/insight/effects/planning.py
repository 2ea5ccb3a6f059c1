"""How many customers a campaign needs, and the smallest effect an audience can show (样本量与最小可见效果)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.stats import norm


def _z_sum(alpha: float, power: float) -> float:
    """z(alpha/2) + z(power); raises ValueError when one is no share between 0 and 1."""
    if not (0 < alpha < 1 and 0 < power < 1):
        raise ValueError("alpha and power must lie between 0 and 1")
    return float(norm.isf(alpha / 2) + norm.ppf(power))


def per_arm_share(before: float, after: float, *, alpha: float, power: float) -> int:
    """Customers per arm that show a share going from `before` to `after` (both 0…1), two-sided, arms of one size.

    n = (z(a/2) + z(b))² · (p1(1-p1) + p2(1-p2)) / (p1-p2)², rounded up. Raises ValueError when they are equal.
    """
    if not (0 <= before <= 1 and 0 <= after <= 1) or before == after:
        raise ValueError("shares must lie between 0 and 1 and differ")
    noise = before * (1 - before) + after * (1 - after)
    return math.ceil(_z_sum(alpha, power) ** 2 * noise / (before - after) ** 2)


def per_arm_mean(deviation: float, lift: float, *, alpha: float, power: float) -> int:
    """Customers per arm that show a change `lift` of a mean whose standard deviation is `deviation` (same units)."""
    if deviation <= 0 or lift == 0:
        raise ValueError("the deviation must be above 0 and the lift not 0")
    return math.ceil(_z_sum(alpha, power) ** 2 * 2 * deviation**2 / lift**2)


def visible_mean(deviation: float, treated: int, control: int, *, alpha: float, power: float) -> float:
    """The smallest change of a mean two arms of these sizes can show; infinite when an arm is empty."""
    if treated < 1 or control < 1:
        return math.inf
    return _z_sum(alpha, power) * deviation * math.sqrt(1 / treated + 1 / control)


def visible_share(before: float, treated: int, control: int, *, alpha: float, power: float) -> float:
    """The smallest rise of a share from `before` two arms of these sizes can show; infinite when even 100 % is not.

    Solves lift = (z(a/2) + z(b)) · sqrt(p2(1-p2)/n_t + p1(1-p1)/n_c) for p2 = p1 + lift.
    """
    if not 0 <= before < 1:
        raise ValueError("the share before must be at least 0 and below 1")
    if treated < 1 or control < 1:
        return math.inf
    need = _z_sum(alpha, power)

    def short(lift: float) -> float:
        after = before + lift
        return lift - need * math.sqrt(after * (1 - after) / treated + before * (1 - before) / control)

    top = 1 - before
    if short(top) < 0:
        return math.inf
    low = top * 1e-9
    if short(low) >= 0:
        return low
    return float(brentq(short, low, top, xtol=1e-9))


def worst_cluster_factor(mean_size: float, correlation: float, variation: float = 0.0) -> float:
    """How many times more customers are needed when groups are drawn: 1 + ((1 + cv²)·m - 1)·rho (design effect)."""
    return max(1.0, 1 + ((1 + variation**2) * mean_size - 1) * correlation)


@dataclass(frozen=True)
class Sight:
    """What an audience can show: the smallest visible lift and a sentence code.

    `code`: enough (the lift hoped for is visible) | too_small (it is not; `needed` per arm would do) | nothing (no
    effect at all could be seen, an arm is empty or 100 % would not do) | no_hope_said (nothing to compare with).
    """

    visible: float
    needed: int | None
    treated: int
    control: int
    code: str


def sight_of_share(
    before: float, hoped: float | None, treated: int, control: int, *, alpha: float, power: float
) -> Sight:
    """What two arms can show of a share (0…1) whose rise is hoped to be `hoped` (percentage points / 100)."""
    visible = visible_share(before, treated, control, alpha=alpha, power=power)
    needed = None
    if hoped and 0 <= before + hoped <= 1:
        needed = per_arm_share(before, before + hoped, alpha=alpha, power=power)
    return Sight(visible, needed, treated, control, _code(visible, hoped))


def sight_of_mean(
    deviation: float, hoped: float | None, treated: int, control: int, *, alpha: float, power: float
) -> Sight:
    """What two arms can show of a mean with this standard deviation (any unit; `hoped` and `visible` in the same)."""
    visible = visible_mean(deviation, treated, control, alpha=alpha, power=power)
    needed = per_arm_mean(deviation, hoped, alpha=alpha, power=power) if hoped and deviation > 0 else None
    return Sight(visible, needed, treated, control, _code(visible, hoped))


def _code(visible: float, hoped: float | None) -> str:
    if math.isinf(visible):
        return "nothing"
    if not hoped:
        return "no_hope_said"
    return "enough" if abs(hoped) >= visible else "too_small"
