"""Training of needs: a scorer a family on earlier snapshots, the order of families judged on the newest one.

The baseline is popularity among peers. The model is kept only where both Recall@3 and NDCG@3 of the newest snapshot are
better, with the whole 95 % interval of the difference above nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from guanxi.insight.foresight.judge import auc
from guanxi.insight.foresight.matrix import Matrix, Split
from guanxi.insight.foresight.model import Model
from guanxi.insight.foresight.training import LEAST_EVENTS, fit_best
from guanxi.insight.needs.propensity import NAMES, Needs, with_peers
from guanxi.insight.needs.ranking import better, compared, ranked

Array = np.ndarray
MOST_ROWS = 400_000
"""Rows a scorer is fitted on at most; beyond, every n-th customer."""


@dataclass(frozen=True)
class Snapshots:
    """Customers at month ends. `took` (rows × families): 1 opened within the window after, 0 not, -1 held already."""

    families: tuple[str, ...]
    month: Array  # text, sortable
    values: Array  # columns OF_PERSON
    peers: Array  # rows × families: the peers' rate, as known at the month's end
    took: Array

    def of(self, months: Sequence[str]) -> Snapshots:
        """The rows of some months."""
        kept = np.isin(self.month, list(months))
        return Snapshots(
            self.families, self.month[kept], self.values[kept], self.peers[kept], self.took[kept]
        )

    def asked(self, place: int) -> Matrix:
        """The rows of customers who did not hold one family, to learn from."""
        rows = np.flatnonzero(self.took[:, place] >= 0)
        rows = rows[:: -(-len(rows) // MOST_ROWS) or 1]
        rate = self.peers[rows, place]
        return Matrix(
            NAMES, with_peers(self.values[rows], rate), self.took[rows, place].astype(np.int64), self.month[rows], rate
        )  # fmt: skip


@dataclass(frozen=True)
class TrainedNeeds:
    """What a training came to; `model` is None when no family could be learnt."""

    model: Needs | None
    kept: bool
    why: str
    card: dict[str, Any] = field(default_factory=dict)


def train_needs(rows: Snapshots, fit: Sequence[str], calibrate: str, judge: str) -> TrainedNeeds:
    """Fit on the months of `fit`, choose and calibrate on `calibrate`, judge the order of families on `judge`.

    Windows of these months must not overlap. Raises nothing: too few takers is an answer.
    """
    learnt, middle, newest = rows.of(fit), rows.of([calibrate]), rows.of([judge])
    scorers: dict[str, Model] = {}
    told = []
    for place, family in enumerate(rows.families):
        split = Split(learnt.asked(place), middle.asked(place), newest.asked(place))
        model = _scorer(family, split)
        if model:
            scorers[family] = model
        told.append(_of_family(family, model, split))
    card = {
        "families": told,
        "months": {"fit": list(fit), "calibrate": calibrate, "judge": judge},
        "rows": {"fit": len(learnt.month), "calibrate": len(middle.month), "judge": len(newest.month)},
    }
    if not scorers:
        return TrainedNeeds(None, False, "too_few_events", card)
    needs = Needs(scorers)
    card["needs"] = said = _judged(needs, newest)
    kept = better(said)
    return TrainedNeeds(needs, kept, "" if kept else "no_better_than_peers", card)


def _scorer(family: str, split: Split) -> Model | None:
    enough = int(split.fit.happened.sum()) >= LEAST_EVENTS and len(np.unique(split.calibrate.happened)) == 2
    return fit_best(split, purpose=f"need_{family}") if enough else None


def _judged(model: Needs, newest: Snapshots) -> dict[str, Any]:
    rates = {family: newest.peers[:, place] for place, family in enumerate(newest.families)}
    found = model.chances(newest.values, rates)
    chances = np.column_stack([found[family] for family in newest.families])
    return compared(ranked(chances, newest.took), ranked(newest.peers, newest.took))


def _of_family(family: str, model: Model | None, split: Split) -> dict[str, Any]:
    """Takers learnt from and judged, and how well the customers are ordered within the family."""
    judged = split.judge
    return {
        "family": family,
        "kind": model.kind if model else "",
        "learnt": int(split.fit.happened.sum()),
        "rows": len(judged),
        "takers": int(judged.happened.sum()),
        "auc": _known(auc(judged.happened, model.chance(judged.values))) if model else None,
        "peers_auc": _known(auc(judged.happened, judged.rule)),
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
