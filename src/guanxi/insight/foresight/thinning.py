"""Learning from many rows: every event, and of the rows without one as many, drawn by lot, as a million rows hold.

Events are rare and say most; the millionth row without one says next to nothing. Leaving some of these out multiplies
the odds by one over the share that was kept and changes nothing else (sampling by outcome, Prentice and Pyke 1979), so
the logarithm of the share is added to the margin. Fewer rows are all taken, and nothing is added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from guanxi.insight.foresight.scorers import SEED, Array, Scorer, fit_logistic, fit_trees

MOST_LEARNT = 1_000_000
FITS: Mapping[str, Callable[[Array, Array], Scorer]] = {"logistic": fit_logistic, "trees": fit_trees}


def fit(kind: str, values: Array, happened: Array, *, most: int = MOST_LEARNT) -> Scorer:
    """A scorer of this kind (logistic, trees) from at most `most` of the rows, its margin as if from all of them."""
    rows, share = thinned(happened, most)
    return FITS[kind](values[rows], happened[rows]).shifted(math.log(share))


def thinned(happened: Array, most: int = MOST_LEARNT) -> tuple[Array | slice, float]:
    """Which rows to learn from, in their order, and the share of rows without an event among them that this keeps.

    Never fewer rows without an event than with one, as far as there are any; the same rows each time.
    """
    others = np.flatnonzero(happened == 0)
    events = len(happened) - len(others)
    kept = min(len(others), max(most - events, events))
    if len(happened) <= most or kept == len(others):
        return slice(None), 1.0
    drawn = np.random.default_rng(SEED).choice(others, kept, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(happened != 0), drawn])), kept / len(others)
