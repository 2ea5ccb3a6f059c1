"""Misbehaviour by seed: the same message meets the same fate in every run, whatever the order or the timing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

WHOLE = 2**64


def part_of_one(*keys: object) -> float:
    """A number in [0, 1) that depends on the keys alone."""
    digest = hashlib.blake2b("|".join(map(str, keys)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / WHOLE


@dataclass(frozen=True)
class Mischief:
    """Shares of misbehaviours, each with its name; what is left over goes well.

    >>> Mischief(seed=1, shares={"throttle": 1.0}).fate("m1")
    'throttle'
    """

    seed: int = 1
    shares: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for shares below 0 or above 1 together."""
        if any(share < 0 for share in self.shares.values()) or sum(self.shares.values()) > 1 + 1e-9:
            raise ValueError("shares lie between 0 and 1, and so does their sum")

    def fate(self, *keys: object) -> str:
        """The misbehaviour that meets these keys, or an empty text."""
        if not any(self.shares.values()):
            return ""
        at = part_of_one(self.seed, *keys)
        for name, share in self.shares.items():
            if at < share:
                return name
            at -= share
        return ""
