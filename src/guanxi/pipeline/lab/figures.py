"""From cubes of sums to what the pages show: plain lists and dicts that JSON holds, money in whole fen.

A standing that nobody gave is NONE (-1): not rated, outside of managed scope, without a value score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from guanxi.insight.policies.scope import ScopePolicy
from guanxi.insight.policies.tier import TierPolicy

NONE = -1
Row = tuple[Any, ...]


def fen(amount: Decimal | None) -> int:
    """Money of the lake as whole fen; nothing known counts nothing in a sum."""
    return int((amount or Decimal(0)) * 100)


def rank(value: int | None) -> int:
    """A standing, or NONE."""
    return NONE if value is None else int(value)


def moves(cube: Iterable[Row]) -> list[list[Any]]:
    """[scheme, from, to, customers, aum, contribution], in order."""
    summed: dict[tuple[str, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for scheme, before, after, _area, _age, customers, aum, contribution in cube:
        cell = summed[str(scheme), rank(before), rank(after)]
        _add(cell, customers, aum, contribution)
    return [[*key, *summed[key]] for key in sorted(summed)]


def by_area_and_age(cube: Iterable[Row]) -> list[list[Any]]:
    """[area, age band, way, customers, aum, contribution]; way: up, down, in, out or same; unknown places are ''."""
    summed: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for _scheme, before, after, area, age, customers, aum, contribution in cube:
        cell = summed[area or "", age or "", way_of(rank(before), rank(after))]
        _add(cell, customers, aum, contribution)
    return [[*key, *summed[key]] for key in sorted(summed)]


def way_of(before: int, after: int) -> str:
    """Which way somebody goes."""
    if before == after:
        return "same"
    if NONE in (before, after):
        return "in" if before == NONE else "out"
    return "up" if after > before else "down"


def _add(cell: list[int], customers: int, aum: Decimal | None, contribution: Decimal | None) -> None:
    cell[0] += int(customers)
    cell[1] += fen(aum)
    cell[2] += fen(contribution)


@dataclass(frozen=True)
class Minutes:
    """Minutes a month that a customer costs under one policy, by his tier; `scope`: in managed scope only."""

    tier: TierPolicy
    services: ScopePolicy
    scope: bool = False

    def of(self, standing: int, tier_scheme: str | None, tier_rank: int | None) -> int:
        """For a customer of this standing and this tier; 0 for one whom nobody serves."""
        if self.scope and standing != 1:
            return 0
        return self._by_rank().get((tier_scheme, tier_rank if self.scope else standing), 0)

    def _by_rank(self) -> Mapping[tuple[str | None, int | None], int]:
        return {
            (scheme.code, band.rank): self.services.minutes(scheme.code, band.code)
            for scheme in self.tier.schemes
            for band in scheme.bands
        }


def load(rows: Iterable[Row], before: Minutes, after: Minutes) -> list[list[Any]]:
    """[unit, keeper or '', customers before, after, minutes before, after] of whoever serves, in order."""
    summed: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    known: dict[tuple[Any, ...], tuple[int, int]] = {}
    for unit, keeper, scheme, old, new, tier_scheme, tier_rank, customers in rows:
        key = (scheme, old, new, tier_scheme, tier_rank)
        if key not in known:
            at = tier_scheme if before.scope else scheme
            known[key] = before.of(rank(old), at, tier_rank), after.of(rank(new), at, tier_rank)
        least, most = known[key]
        cell = summed[unit or "", keeper or ""]
        cell[0] += customers if least else 0
        cell[1] += customers if most else 0
        cell[2] += customers * least
        cell[3] += customers * most
    return [[*key, *cell] for key, cell in sorted(summed.items()) if any(cell)]


def month_figures(rows: Iterable[Row], flips: int | None) -> dict[str, Any]:
    """A month under one policy: customers and AUM by standing, who rose, fell, came, went, and who turned back."""
    ranks: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    ways = dict.fromkeys(("up", "down", "in", "out", "same"), 0)
    for scheme, earlier, standing, customers, aum in rows:
        cell = ranks[str(scheme), rank(standing)]
        cell[0] += int(customers)
        cell[1] += fen(aum)
        ways[way_of(rank(earlier), rank(standing))] += int(customers)
    rated = ways["up"] + ways["down"] + ways["same"]
    return {
        "ranks": [[*key, *cell] for key, cell in sorted(ranks.items())],
        **ways,
        "moving_share": (ways["up"] + ways["down"]) / rated if rated else None,
        "flips": flips,
        "flip_share": None if flips is None or not rated else flips / rated,
    }


TENTHS = 10
LIMIT = 1e9  # beyond all points


def lines_of_tenths(bins: Sequence[Row]) -> list[Row]:
    """(segment, tenth, from, below) in points from (segment, hundredths, customers): equal points share one tenth."""
    lines: list[Row] = []
    for segment, of_segment in groupby(bins, key=lambda row: row[0]):
        held = list(of_segment)
        whole = sum(row[2] for row in held)
        starts: dict[int, int] = {}
        passed = 0
        for _segment, at, customers in held:
            middle = 2 * passed + customers
            starts.setdefault(min(TENTHS, 1 + TENTHS * middle // (2 * whole)), at)
            passed += customers
        edges = sorted(starts.items(), key=lambda pair: pair[1])
        for place, (tenth, at) in enumerate(edges):
            upper = edges[place + 1][1] / 100 if place + 1 < len(edges) else LIMIT
            lines.append((segment, tenth, -LIMIT if place == 0 else at / 100, upper))
    return lines
