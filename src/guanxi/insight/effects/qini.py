"""Qini: how much more a ranking of customers brings than picking as many by chance, with a bootstrap interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.insight.effects.intervals import Array, Interval

SEED = 11


@dataclass(frozen=True)
class Qini:
    """The area between a ranking's curve and chance, per treated customer in the outcome's unit, and its interval."""

    value: float
    interval: Interval


def curve(score: Array, treated: Array, outcome: Array, weight: Array | None = None) -> Array:
    """Q(k) = n_t1(k) - n_c1(k) · N_t(k) / N_c(k) along the ranking, best score first; ties in a fixed random order.

    `outcome` may be any amount: then the sums of it stand for n_t1 and n_c1.
    """
    return _curve(_order(score), treated, outcome, np.ones(len(score)) if weight is None else weight)


def _order(score: Array) -> Array:
    shuffled = np.random.default_rng(SEED).permutation(len(score))
    result: Array = shuffled[np.argsort(-score[shuffled], kind="stable")]
    return result


def _curve(order: Array, treated: Array, outcome: Array, weight: Array) -> Array:
    w, t, y = weight[order], treated[order].astype(bool), outcome[order].astype(float)
    n_t, n_c = np.cumsum(w * t), np.cumsum(w * ~t)
    s_t, s_c = np.cumsum(w * t * y), np.cumsum(w * ~t * y)
    result: Array = s_t - s_c * n_t / np.maximum(n_c, 1)
    return result


def _area(order: Array, treated: Array, outcome: Array, weight: Array) -> float:
    """Mean distance of the curve from the straight line to its end, per treated customer."""
    q = _curve(order, treated, outcome, weight)
    reached = np.cumsum(weight[order])
    line = reached / max(reached[-1], 1e-12) * q[-1]
    step = weight[order] / max(reached[-1], 1e-12)
    return float(((q - line) * step).sum() / max(float((weight * treated).sum()), 1e-12))


def qini(score: Array, treated: Array, outcome: Array, *, rounds: int, alpha: float) -> Qini:
    """Qini of a ranking with the bootstrap interval at 1 - alpha (seeded, percentile)."""
    order, ones = _order(score), np.ones(len(score))
    drawn = [_area(order, treated, outcome, weight) for weight in _weights(len(score), rounds)]
    return Qini(_area(order, treated, outcome, ones), _bounds(drawn, alpha))


def qini_gain(
    score: Array, other: Array, treated: Array, outcome: Array, *, rounds: int, alpha: float
) -> Qini:
    """How much higher one ranking's Qini is than another's on the same customers, with a paired bootstrap interval."""
    one, two, ones = _order(score), _order(other), np.ones(len(score))
    drawn = [
        _area(one, treated, outcome, weight) - _area(two, treated, outcome, weight)
        for weight in _weights(len(score), rounds)
    ]
    value = _area(one, treated, outcome, ones) - _area(two, treated, outcome, ones)
    return Qini(value, _bounds(drawn, alpha))


def _weights(rows: int, rounds: int) -> list[Array]:
    generator = np.random.default_rng(SEED)
    return [generator.poisson(1.0, rows).astype(float) for _ in range(rounds)]


def _bounds(drawn: list[float], alpha: float) -> Interval:
    low, high = np.quantile(np.array(drawn), [alpha / 2, 1 - alpha / 2])
    return Interval(float(low), float(high))
