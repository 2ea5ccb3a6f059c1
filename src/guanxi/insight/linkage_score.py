"""How good a linkage is: pairwise precision, recall and F1 with exact bounds of the precision."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

Pair = tuple[str, str]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Scored:
    """Pairs said, pairs true, pairs said that are true."""

    said: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the pairs said that are true; 1 when nothing was said."""
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were said; 1 when there are none."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def precision_at_least(self) -> float:
        """Lower end of the exact (Clopper-Pearson) two-sided 95 % interval of the precision."""
        from scipy.stats import beta

        if not self.right:
            return 0.0
        return float(beta.ppf((1 - CONFIDENCE) / 2, self.right, self.said - self.right + 1))


def score_pairs(said: Set[Pair], truth: Set[Pair]) -> Scored:
    """Compare pairs with the smaller number first on both sides."""
    return Scored(len(said), len(truth), len(said & truth))
