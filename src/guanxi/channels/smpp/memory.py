"""Whose message an id or a reference is, as far back as fits in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

REMEMBERED = 500_000


@dataclass
class Memory:
    """Whose message an id or a reference is, the oldest forgotten first."""

    limit: int = REMEMBERED
    kept: OrderedDict[object, str] = field(default_factory=OrderedDict)

    def put(self, key: object, out_id: str) -> None:
        """Remember one; beyond the limit the oldest goes."""
        self.kept[key] = out_id
        if len(self.kept) > self.limit:
            self.kept.popitem(last=False)
