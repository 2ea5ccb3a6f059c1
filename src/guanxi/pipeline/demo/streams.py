"""Named streams of chance: each subject draws from its own, so that a new subject shifts no other."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence


class Streams:
    """All streams of one piece of the bank: a function of seed, piece and the subject's name."""

    def __init__(self, seed: int, piece: int) -> None:
        self._seed = seed
        self._piece = piece

    def of(self, subject: str) -> Generator:
        """The stream of this subject from its beginning; ask once and keep it."""
        word = int.from_bytes(hashlib.sha256(subject.encode("utf8")).digest()[:8], "big")
        return Generator(PCG64(SeedSequence([self._seed, word, self._piece])))


def pick(rng: Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """`count` indexes drawn by weight (need not sum to one)."""
    cumulative = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(cumulative, rng.random(count), side="right"), len(weights) - 1)


def weighted_few(rng: Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """`count` different indexes, heavier ones more likely (Efraimidis and Spirakis' keys)."""
    if count <= 0:
        return np.zeros(0, np.int64)
    keys = -np.log(rng.random(len(weights))) / np.maximum(weights, 1e-9)
    return np.sort(np.argsort(keys, kind="stable")[:count])
