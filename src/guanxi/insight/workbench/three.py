"""Three sources beside each other (三角验证): own figures, benchmarks and surveys, and where they cannot all be right.

Own figures count everybody: they have no sampling error. A benchmark has the range its source gives, or none. A survey
has a 95 % interval of chance alone: who answers is not who banks, and no interval shows that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

FIGURES: Mapping[str, tuple[str, str]] = {
    "mobile": ("手机银行使用", "Use of the mobile bank"),
    "away_from_counter": ("电子渠道替代率", "Share away from the counter"),
    "active": ("活跃客户占比", "Active customers"),
    "families": ("持有三类及以上产品", "Three or more product families"),
    "wealth": ("理财占资产", "Wealth products in AUM"),
    "senior": ("60 岁及以上", "Aged 60 and over"),
    "wallet": ("一半以上存款在本行", "More than half of deposits with us"),
    "satisfied": ("满意（4–5 分）", "Satisfied (4 to 5)"),
    "nps": ("净推荐值 NPS", "Net promoter score"),
}
"""What is compared: the closed list of codes, in the order of the page."""
POINTS = frozenset({"nps"})
"""Figures in points from -100 to 100; all others are shares from 0 to 1."""


class Source(StrEnum):
    """Where a reading is from."""

    OWN = "own"
    BENCHMARK = "benchmark"
    SURVEY = "survey"


@dataclass(frozen=True)
class Reading:
    """One source's figure with its interval, where it has one; `n`: of how many (customers, answers)."""

    source: Source
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval, the figure alone where there is none."""
        return (
            self.value if self.low is None else self.low,
            self.value if self.high is None else self.high,
        )


@dataclass(frozen=True)
class Apart:
    """Two sources that differ by more than their intervals allow. `distance`: of the figures, first less second."""

    first: Reading
    second: Reading

    @property
    def distance(self) -> float:
        """The first's figure less the second's."""
        return self.first.value - self.second.value


def apart(readings: list[Reading]) -> list[Apart]:
    """Pairs whose intervals do not meet.

    Stricter than a test of the difference at 5 %: intervals may meet by a hair although such a test would speak. Two
    figures without any interval are never called apart: nobody said how exact they are.
    """
    found = []
    for first, second in combinations(readings, 2):
        if first.low is None and second.low is None:
            continue
        (low, high), (other_low, other_high) = first.bounds, second.bounds
        if high < other_low or other_high < low:
            found.append(Apart(first, second))
    return found
