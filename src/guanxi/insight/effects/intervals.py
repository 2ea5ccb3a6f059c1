"""What two arms differ by, and between which bounds: once at the horizon, or valid however often one looks.

Everything here is intention to treat (意向性分析): a unit counts in the arm it was drawn into, whatever reached it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm, t

Array = np.ndarray


@dataclass(frozen=True)
class Difference:
    """Two arms beside each other; `lift` = treated minus control, `error` its standard error, same unit as the outcome.

    `freedom` are the degrees of freedom of the fixed interval; `variance_kept` what CUPED left of the variance (1:
    nothing was taken away).
    """

    treated: int
    control: int
    mean_treated: float
    mean_control: float
    lift: float
    error: float
    freedom: float
    variance_kept: float = 1.0


@dataclass(frozen=True)
class Interval:
    """Lower and upper bound of a lift."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies between the bounds."""
        return self.low <= value <= self.high


def difference(outcome: Array, treated: Array, cluster: Array | None = None) -> Difference:
    """Difference of means (of shares for 0/1 outcomes), Welch's error; `cluster`: the error of groups drawn as one.

    `treated` is boolean. A group's members must all be in one arm. Raises ValueError when an arm has fewer than two
    units: then no error can be said.
    """
    treated = np.asarray(treated, bool)
    y1, y0 = outcome[treated].astype(float), outcome[~treated].astype(float)
    if cluster is None:
        sides = (_arm(y1, None), _arm(y0, None))
    else:
        sides = (_arm(y1, cluster[treated]), _arm(y0, cluster[~treated]))
    (mean1, square1, units1), (mean0, square0, units0) = sides
    error = math.sqrt(square1 + square0)
    parts = square1**2 / (units1 - 1) + square0**2 / (units0 - 1)
    freedom = (square1 + square0) ** 2 / parts if parts > 0 else math.inf
    return Difference(len(y1), len(y0), mean1, mean0, mean1 - mean0, error, freedom)


def _arm(values: Array, cluster: Array | None) -> tuple[float, float, int]:
    """Mean, squared error of the mean and number of units drawn."""
    if cluster is None:
        if len(values) < 2:
            raise ValueError("an arm has fewer than two units")
        return float(values.mean()), float(values.var(ddof=1)) / len(values), len(values)
    _, place = np.unique(cluster, return_inverse=True)
    groups = int(place.max()) + 1 if len(place) else 0
    if groups < 2:
        raise ValueError("an arm has fewer than two units")
    mean = float(values.mean())
    rest = np.bincount(place, weights=values - mean, minlength=groups)
    return mean, groups / (groups - 1) * float((rest**2).sum()) / len(values) ** 2, groups


def by_stratum(outcome: Array, treated: Array, cluster: Array | None, stratum: Array) -> Difference:
    """The difference within each stratum, weighed by its size.

    Where the chance to be held out differed, comparing all at once would compare other customers. Strata without two
    units in both arms are left out. Raises ValueError when none is left.
    """
    parts: list[tuple[int, Difference]] = []
    for value in np.unique(stratum):
        inside = stratum == value
        try:
            said = difference(outcome[inside], treated[inside], None if cluster is None else cluster[inside])
        except ValueError:
            continue
        parts.append((int(inside.sum()), said))
    if not parts:
        raise ValueError("an arm has fewer than two units")
    rows = sum(size for size, _ in parts)
    mean_treated, mean_control, lift = (
        sum(size / rows * getattr(said, name) for size, said in parts)
        for name in ("mean_treated", "mean_control", "lift")
    )
    return Difference(
        sum(said.treated for _, said in parts),
        sum(said.control for _, said in parts),
        mean_treated,
        mean_control,
        lift,
        math.sqrt(sum((size / rows * said.error) ** 2 for size, said in parts)),
        min(said.freedom for _, said in parts),
    )


def adjusted(outcome: Array, before: Array | None) -> tuple[Array, float]:
    """The outcome with what was known before taken out (CUPED), and the share of variance that is left.

    Y' = Y - theta (X - mean X), theta = cov(X, Y) / var(X), over both arms. `before` must be from before the draw: then
    the lift stays unbiased. Returns the outcome as it is when there is no `before` or it never varies.
    """
    y = outcome.astype(float)
    if before is None or len(y) < 3:
        return y, 1.0
    x = before.astype(float)
    spread, noise = float(x.var()), float(y.var())
    if spread <= 1e-12 or noise <= 1e-12:
        return y, 1.0
    theta = float(((x - x.mean()) * (y - y.mean())).mean()) / spread
    left = y - theta * (x - x.mean())
    return left, min(1.0, float(left.var()) / noise)


def capped(outcome: Array, share: float) -> Array:
    """The outcome with both tails cut at the quantiles `1 - share` and `share` of what is not 0.

    One rich customer is no effect. The cut does not know the arms, so no effect stays none. `share` 1 cuts nothing.
    """
    values = outcome.astype(float)
    moved = values[values != 0]
    if share >= 1 or len(moved) < 2:
        return values
    low, high = np.quantile(moved, [1 - share, share], method="nearest")
    result: Array = np.clip(values, min(low, 0.0), max(high, 0.0))
    return result


def fixed_interval(said: Difference, alpha: float) -> Interval:
    """The 1 - alpha interval of one look at the horizon planned; wrong as soon as one looks earlier and may stop."""
    width = float(t.isf(alpha / 2, said.freedom) if math.isfinite(said.freedom) else norm.isf(alpha / 2))
    return Interval(said.lift - width * said.error, said.lift + width * said.error)


def always_valid_width(seen: float, planned: float, alpha: float) -> float:
    """Half the width of the always valid interval in standard errors (normal mixture, 随时有效区间).

    |S_n| <= sqrt((n r² + 1) / r² · ln((n r² + 1) / a²)) with r² = (-2 ln a + ln(1 - 2 ln a)) / n_opt and n_opt half of
    what is planned; `seen` is the n of this look, in the unit of `planned`. Infinite before anything was seen.
    """
    if seen <= 0 or planned <= 0:
        return math.inf
    log = -2 * math.log(alpha)
    x = seen * (log + math.log1p(log)) / (planned / 2)
    return math.sqrt((x + 1) / x * (math.log1p(x) + log))


def always_valid_interval(said: Difference, seen: float, planned: float, alpha: float) -> Interval:
    """The interval that holds at every look at once with 1 - alpha.

    `seen` and `planned` count information: units for outcomes known at once; unit-days where an outcome builds up day
    by day (a unit that has lived half of its horizon counts half).
    """
    width = always_valid_width(seen, planned, alpha)
    if math.isinf(width):
        return Interval(-math.inf, math.inf)
    return Interval(said.lift - width * said.error, said.lift + width * said.error)


def ratio_check(counts: dict[str, int], shares: dict[str, float]) -> float:
    """p of the sample-ratio check (样本比例检验): units drawn per arm against the shares they were drawn by.

    Chi-square. 1 when there is nothing to compare; 0 when units sit in an arm that should have none.
    """
    total, weight = sum(counts.values()), sum(shares.values())
    if not total or weight <= 0:
        return 1.0
    if any(n and shares.get(arm, 0) <= 0 for arm, n in counts.items()):
        return 0.0
    arms = [arm for arm, share in shares.items() if share > 0]
    if len(arms) < 2:
        return 1.0
    expected = np.array([shares[arm] / weight * total for arm in arms])
    seen = np.array([counts.get(arm, 0) for arm in arms], float)
    return float(chi2.sf(((seen - expected) ** 2 / expected).sum(), len(arms) - 1))


def homogeneity(lifts: Array, errors: Array) -> float:
    """p that the lifts of several groups are one and the same (Cochran's Q); 1 with fewer than two groups."""
    good = errors > 0
    if good.sum() < 2:
        return 1.0
    weight = 1 / errors[good] ** 2
    middle = float((weight * lifts[good]).sum() / weight.sum())
    return float(chi2.sf((weight * (lifts[good] - middle) ** 2).sum(), int(good.sum()) - 1))
