"""How good an order of product families is: of what a customer then took, how much stood among the first three."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
FIRST = 3
_SURE = 1.96  # standard errors either side of a mean: 95 %


@dataclass(frozen=True)
class Ranked:
    """Per customer who took something: Recall@3 and NDCG@3."""

    recall: Array
    ndcg: Array


def ranked(chances: Array, took: Array) -> Ranked:
    """Judge an order, rows × families. `took`: 1 taken, 0 not, -1 held already; rows without a 1 are left out.

    Recall@3 is the share of what was taken that stood among the first three; NDCG@3 weighs the first place most
    (1 ÷ log2(place + 1)) against the best order possible. Equal chances keep the order of the columns.
    """
    some = (took == 1).any(axis=1)
    score, label = np.where(took >= 0, chances, -np.inf)[some], took[some] == 1
    first = np.argsort(-score, axis=1, kind="stable")[:, :FIRST]
    hit = np.take_along_axis(label, first, axis=1)
    taken = label.sum(axis=1)
    weight = 1 / np.log2(np.arange(2, hit.shape[1] + 2))
    best = np.cumsum(weight)[np.minimum(taken, hit.shape[1]) - 1]
    return Ranked(hit.sum(axis=1) / taken, (hit * weight).sum(axis=1) / best)


def compared(model: Ranked, peers: Ranked) -> dict[str, Any]:
    """Means of both, and the mean difference with its 95 % interval over customers; None with fewer than two."""
    said: dict[str, Any] = {"customers": len(model.recall)}
    for name in ("recall", "ndcg"):
        ours, theirs = getattr(model, name), getattr(peers, name)
        gain = ours - theirs
        known = len(gain) > 1
        reach = _SURE * float(gain.std(ddof=1)) / len(gain) ** 0.5 if known else 0.0
        mean = float(gain.mean()) if len(gain) else 0.0
        said[name] = {
            "model": round(float(ours.mean()), 4) if len(gain) else None,
            "peers": round(float(theirs.mean()), 4) if len(gain) else None,
            "gain": round(mean, 4),
            "from": round(mean - reach, 4) if known else None,
            "to": round(mean + reach, 4) if known else None,
        }
    return said


def better(said: dict[str, Any]) -> bool:
    """Whether the whole interval of both differences lies above nothing."""
    return all(said[name]["from"] is not None and said[name]["from"] > 0 for name in ("recall", "ndcg"))
