"""How good an order of people is: measures that any score is judged by, on rows it has not seen.

Pure numbers in, plain numbers out. `y` is 1 where it happened, `score` is higher where it is likelier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


def auc(y: Array, score: Array) -> float:
    """Chance that one who left stands above one who stayed; ties count half (Mann-Whitney). NaN when one kind lacks."""
    happened = y == 1
    left, stayed = int(happened.sum()), int((~happened).sum())
    if not left or not stayed:
        return float("nan")
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle = ends - (counts - 1) / 2
    return float((middle[place][happened].sum() - left * (left + 1) / 2) / (left * stayed))


def order(score: Array) -> Array:
    """Positions from the highest score down; equal scores keep the order of the rows."""
    return np.argsort(-score, kind="stable")


def precision_at(y: Array, score: Array, rows: int) -> float:
    """Share of those in the first `rows` to whom it happened."""
    first = order(score)[: max(rows, 1)]
    return float(y[first].mean()) if len(first) else float("nan")


def lift_at(y: Array, score: Array, share: float) -> float:
    """Precision in the first `share` of rows against the rate of all."""
    rate = float(y.mean()) if len(y) else 0.0
    if not rate:
        return float("nan")
    return precision_at(y, score, max(1, round(len(y) * share))) / rate


@dataclass(frozen=True)
class Bin:
    """One tenth of the rows by chance: what was said and what happened."""

    said: float
    happened: float
    rows: int


def calibration(y: Array, chance: Array, bins: int = 10) -> list[Bin]:
    """Mean chance and share that happened, in `bins` groups of equal size from the lowest chance up."""
    groups = np.array_split(np.argsort(chance, kind="stable"), bins)
    return [Bin(float(chance[rows].mean()), float(y[rows].mean()), len(rows)) for rows in groups if len(rows)]


def drift(before: Sequence[float], now: Array, edges: Sequence[float]) -> float:
    """Population stability index (PSI) of `now` against the shares `before` in the bins that `edges` cut."""
    if not len(now):
        return 0.0
    counts = np.bincount(np.searchsorted(np.asarray(edges), now, side="right"), minlength=len(edges) + 1)
    expected = np.maximum(np.asarray(before, float), 1e-4)
    found = np.maximum(counts / len(now), 1e-4)
    return float(((found - expected) * np.log(found / expected)).sum())


def bins_of(score: Array, bins: int = 10) -> tuple[list[float], list[float]]:
    """Edges that cut `score` into about equal bins, and the share of rows in each."""
    inner = np.quantile(score, np.linspace(0, 1, bins + 1)[1:-1])
    edges = [float(edge) for edge in np.unique(inner)]
    counts = np.bincount(np.searchsorted(np.asarray(edges), score, side="right"), minlength=len(edges) + 1)
    return edges, [float(count / len(score)) for count in counts]


def logit(chance: Array) -> Array:
    """ln(p / (1 - p)), kept finite."""
    held = np.clip(chance, 1e-9, 1 - 1e-9)
    result: Array = np.log(held / (1 - held))
    return result


def sigmoid(value: Array) -> Array:
    """1 / (1 + e^-v), without overflow."""
    result: Array = 1 / (1 + np.exp(-np.clip(value, -60, 60)))
    return result


def slope_and_level(y: Array, margin: Array) -> tuple[float, float]:
    """The straight line a + b·margin that fits what happened best (Platt): b is the calibration slope, 1 when true.

    Newton's steps on the two numbers; both kinds of rows are needed, else (1, 0) is given back.
    """
    if len(np.unique(y)) < 2:
        return 1.0, 0.0
    slope, level = 1.0, 0.0
    for _ in range(50):
        chance = sigmoid(slope * margin + level)
        weight = np.maximum(chance * (1 - chance), 1e-12)
        gradient = np.array([((y - chance) * margin).sum(), (y - chance).sum()])
        cross = float((weight * margin).sum())
        bend = np.array(
            [[float((weight * margin**2).sum()) + 1e-6, cross], [cross, float(weight.sum()) + 1e-6]]
        )
        step = np.clip(np.linalg.solve(bend, gradient), -2, 2)
        slope, level = slope + float(step[0]), level + float(step[1])
        if np.abs(step).max() < 1e-9:
            break
    return slope, level


def survival(hazards: Sequence[float]) -> list[float]:
    """Chance still to be here after each month: the product of (1 - h), Kaplan-Meier's form."""
    return [float(value) for value in np.cumprod(1 - np.asarray(hazards, float))]
