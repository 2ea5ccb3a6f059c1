"""Pilot outlets chosen comparable (试点网点): nearest pairs by size, wealth and mix. Plain values in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, pstdev


@dataclass(frozen=True)
class Outlet:
    """An outlet as it is compared: customers, mean AUM in yuan, share of AUM in time deposits."""

    unit: str
    name: str
    customers: float
    mean_aum: float
    time_share: float

    @property
    def measures(self) -> tuple[float, float, float]:
        """What nearness is judged by."""
        return self.customers, self.mean_aum, self.time_share


@dataclass(frozen=True)
class Pair:
    """A pilot and the outlet that stands beside it; `distance` in standard deviations over the three measures."""

    pilot: Outlet
    beside: Outlet
    distance: float


def nearest_pairs(outlets: Sequence[Outlet], pilots: int) -> list[Pair]:
    """The `pilots` closest pairs, no outlet in two of them; the larger of a pair is the pilot.

    Each measure counts in its own standard deviation over all outlets, so none outweighs the others by its unit.
    """
    spreads = [pstdev(values) or 1.0 for values in zip(*(one.measures for one in outlets), strict=True)]
    pairs = sorted(
        (_distance(first, second, spreads), first.unit, second.unit, first, second)
        for place, first in enumerate(outlets)
        for second in outlets[place + 1 :]
    )
    chosen: list[Pair] = []
    used: set[str] = set()
    for distance, _first, _second, one, other in pairs:
        if len(chosen) < pilots and not used & {one.unit, other.unit}:
            used |= {one.unit, other.unit}
            pilot, beside = (one, other) if one.customers >= other.customers else (other, one)
            chosen.append(Pair(pilot, beside, distance))
    return chosen


def balance(pairs: Sequence[Pair]) -> Mapping[str, tuple[float, float]]:
    """Means of the pilots and of those beside them, by measure: how comparable the two groups are."""
    names = ("customers", "mean_aum", "time_share")
    return {
        name: (fmean(p.pilot.measures[place] for p in pairs), fmean(p.beside.measures[place] for p in pairs))
        for place, name in enumerate(names)
    }


def _distance(one: Outlet, other: Outlet, spreads: Sequence[float]) -> float:
    parts = zip(one.measures, other.measures, spreads, strict=True)
    return sqrt(sum(((a - b) / spread) ** 2 for a, b, spread in parts))
