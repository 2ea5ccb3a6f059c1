"""Weighting answers to the customer base (加权): raking by several groupings at once, and a share so weighted.

Who answers differs from who is asked. Raking repairs that only for the groupings given: what keeps people within a
group from answering stays in the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from guanxi.insight.surveys.scores import Z95

ROUNDS, NEAR = 200, 1e-9


class NoRaking(ValueError):
    """The answers cannot be weighted: a group of the base has nobody who answered, or the rounds do not settle."""


@dataclass(frozen=True)
class Weighted:
    """A weighted share with its interval; `effective`: so many answers of a plain sample would say as much."""

    value: float
    low: float
    high: float
    effective: float


def rake(rows: Sequence[Sequence[str]], base: Sequence[Mapping[str, float]]) -> list[float]:
    """A weight for each answer so that every grouping's weighted shares are those of the base; their mean is 1.

    `rows`: the group of each answer in each grouping; `base`: for each grouping the share of each group, as shares or
    counts. Iterative proportional fitting (Deming and Stephan 1940). Raises NoRaking.
    """
    if not rows:
        raise NoRaking("no answers")
    shares = [_shares(one) for one in base]
    _check(rows, shares)
    weights = [1.0] * len(rows)
    for _round in range(ROUNDS):
        if _fit(rows, shares, weights) < NEAR:
            return weights
    raise NoRaking("the groupings contradict each other among those who answered")


def _shares(counts: Mapping[str, float]) -> dict[str, float]:
    whole = sum(counts.values())
    if whole <= 0:
        raise NoRaking("an empty base")
    return {group: count / whole for group, count in counts.items() if count > 0}


def _check(rows: Sequence[Sequence[str]], shares: Sequence[Mapping[str, float]]) -> None:
    for place, wanted in enumerate(shares):
        seen = {row[place] for row in rows}
        if missing := sorted(set(wanted) - seen):
            raise NoRaking(f"nobody of {', '.join(missing)} answered")
        if strange := sorted(seen - set(wanted)):
            raise NoRaking(f"{', '.join(strange)} is no group of the base")


def _fit(rows: Sequence[Sequence[str]], shares: Sequence[Mapping[str, float]], weights: list[float]) -> float:
    """One round over all groupings; the largest change of a factor from 1."""
    farthest = 0.0
    for place, wanted in enumerate(shares):
        sums: dict[str, float] = dict.fromkeys(wanted, 0.0)
        for row, weight in zip(rows, weights, strict=True):
            sums[row[place]] += weight
        factors = {group: wanted[group] * len(rows) / total for group, total in sums.items()}
        farthest = max(farthest, *(abs(factor - 1) for factor in factors.values()))
        for number, row in enumerate(rows):
            weights[number] *= factors[row[place]]
    return farthest


def weighted_share(
    hits: Sequence[bool], rows: Sequence[Sequence[str]], weights: Sequence[float], z: float = Z95
) -> Weighted:
    """The weighted share of hits, with an interval that knows what the groupings explain.

    The variance is that of the residuals after the groups' effects (Deville and Särndal 1992): weighting brings the
    groups to the base for certain, so only what is left within them is by chance. The interval has Wilson's shape
    over the number of answers that would have this variance. Raises ValueError without answers.
    """
    if not weights:
        raise ValueError("no answers")
    whole = sum(weights)
    given = [1.0 if hit else 0.0 for hit in hits]
    share = sum(weight * one for one, weight in zip(given, weights, strict=True)) / whole
    left = _residuals(given, rows, weights)
    variance = sum((weight * one) ** 2 for one, weight in zip(left, weights, strict=True)) / whole**2
    usual = share * (1 - share)
    effective = usual / variance if variance > 0 and usual > 0 else whole**2 / sum(w * w for w in weights)
    middle = share + z * z / (2 * effective)
    half = z * sqrt(usual / effective + z * z / (4 * effective * effective))
    below = 1 + z * z / effective
    return Weighted(share, max(0.0, (middle - half) / below), min(1.0, (middle + half) / below), effective)


def _residuals(
    given: Sequence[float], rows: Sequence[Sequence[str]], weights: Sequence[float]
) -> list[float]:
    """What is left after taking out each grouping's means in turn until nothing moves (backfitting)."""
    left = list(given)
    for _round in range(ROUNDS):
        moved = 0.0
        for place in range(len(rows[0])):
            sums: dict[str, list[float]] = {}
            for row, one, weight in zip(rows, left, weights, strict=True):
                total = sums.setdefault(row[place], [0.0, 0.0])
                total[0] += weight * one
                total[1] += weight
            means = {group: total / weight for group, (total, weight) in sums.items()}
            moved = max(moved, *(abs(mean) for mean in means.values()))
            left = [one - means[row[place]] for row, one in zip(rows, left, strict=True)]
        if moved < NEAR:
            break
    return left
