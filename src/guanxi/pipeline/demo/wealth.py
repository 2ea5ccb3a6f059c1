"""How many persons stand in each AUM band, and how much each has: exact counts, drawn amounts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.shapes import ABOVE_LINE, FEN, LINE_MIDDLE, LINE_PRIVATE, LINE_VIP, WAN

LOW, MIDDLE, VIP = 0, 1, 2


@dataclass(frozen=True)
class Bands:
    """Persons per band of the whole bank; any run of persons gets its share, and the shares add up."""

    customers: int
    middle: int
    vip: int
    private: int

    def within(self, first: int, last: int) -> tuple[int, int, int]:
        """(middle, VIP incl. private, private) among the persons first ≤ i < last."""
        counts = (
            self._upto(total, last) - self._upto(total, first)
            for total in (self.middle, self.vip, self.private)
        )
        middle, vip, private = counts
        return middle, vip, private

    def _upto(self, total: int, position: int) -> int:
        return (2 * position * total + self.customers) // (2 * self.customers)


def bands(customers: int) -> Bands:
    """The documents' bank scaled to this many persons, rounded half up."""
    share = customers / shapes.S_BANK
    vip = int(shapes.S_VIP * share + 0.5)
    private = int(shapes.S_PRIVATE * share + 0.5)
    if customers >= 100:
        private = max(private, shapes.SMALL_PRIVATE if customers >= shapes.SMALL_BANK // 4 else 1)
    return Bands(customers, int(shapes.S_MIDDLE * share + 0.5), max(vip, private), private)


def low_amounts(rng: Generator, empty: np.ndarray) -> np.ndarray:
    """Fen of persons below 5万: the empty hold 0-10 yuan, the rest a cut lognormal of the documents' mean."""
    sigma, cut = shapes.LOW_SIGMA, (LINE_MIDDLE - 10 * ABOVE_LINE) / FEN
    mu = _lognormal_centre(shapes.LOW_MEAN / (1 - shapes.LOW_EMPTY), sigma, cut)
    amount = np.exp(rng.normal(mu, sigma, len(empty)))
    while (over := amount >= cut).any():
        amount[over] = np.exp(rng.normal(mu, sigma, int(over.sum())))
    drawn = np.maximum(np.round(amount * FEN), 11 * FEN).astype(np.int64)
    return np.where(empty, rng.integers(0, 10 * FEN, len(empty)), drawn)


def _lognormal_centre(mean: float, sigma: float, cut: float) -> float:
    """The mu whose lognormal, cut at `cut`, has this mean; by halving."""
    low, high = 0.0, math.log(cut)
    for _ in range(60):
        mu = (low + high) / 2
        edge = (math.log(cut) - mu) / sigma
        value = math.exp(mu + sigma * sigma / 2) * _below(edge - sigma) / _below(edge)
        low, high = (mu, high) if value < mean else (low, mu)
    return (low + high) / 2


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def middle_amounts(rng: Generator, count: int) -> np.ndarray:
    """Fen between 5万 and 20万: a truncated Pareto, some at the round figures."""
    power = -shapes.MIDDLE_ALPHA
    low, high = float(LINE_MIDDLE) ** power, float(LINE_VIP) ** power
    drawn = (low - rng.random(count) * (low - high)) ** (1 / power)
    return _kept(_heaped(rng, drawn, (5, 10)), LINE_MIDDLE, LINE_VIP)


def vip_amounts(rng: Generator, count: int, private: int) -> np.ndarray:
    """Fen at 20万 and above: a Pareto; the first `private` of them at 600万 and above."""
    drawn = LINE_VIP * (1 - rng.random(count)) ** (-1 / shapes.VIP_ALPHA)
    while (over := drawn >= LINE_PRIVATE).any():
        drawn[over] = LINE_VIP * (1 - rng.random(int(over.sum()))) ** (-1 / shapes.VIP_ALPHA)
    amounts = _kept(_heaped(rng, drawn, (20, 30, 50)), LINE_VIP, LINE_PRIVATE)
    rich = LINE_PRIVATE * (1 - rng.random(private) * 0.8) ** (-1 / shapes.VIP_ALPHA)
    amounts[:private] = np.round(rich).astype(np.int64) + ABOVE_LINE
    return amounts


def _heaped(rng: Generator, drawn: np.ndarray, heaps: tuple[int, ...]) -> np.ndarray:
    """People save up to a round figure and keep it: of those near one, mostly above, a third stand just above it."""
    snap = rng.random(len(drawn)) < 1 / 3
    extra = rng.random(len(drawn)) * 0.02
    for heap in heaps:
        near = snap & (drawn > heap * WAN * 0.97) & (drawn < heap * WAN * 1.15)
        drawn = np.where(near, heap * WAN * (1 + extra), drawn)
    return drawn


def _kept(drawn: np.ndarray, low: int, high: int) -> np.ndarray:
    """Whole fen, clear of both lines of the band."""
    return np.clip(np.round(drawn).astype(np.int64), low + ABOVE_LINE, high - 10 * ABOVE_LINE)
