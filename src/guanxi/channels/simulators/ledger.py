"""What a counterpart really did, one line a deed, in an append-only file: the oracle of every test of sending.

A line is written before the counterpart answers, so a lost answer never hides an acceptance.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any


class Ledger:
    """Counters in memory and, with a path, lines on disk (`fsync`: before each answer, as a real store would)."""

    def __init__(self, path: Path | None = None, fsync: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self._fsync = fsync
        self._file: IO[str] | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def write(self, deed: str, **facts: Any) -> None:
        """One deed: accept, refuse, receipt, reply, or a misbehaviour by its name."""
        self.note(deed, **facts)
        self.settle()

    def note(self, deed: str, **facts: Any) -> None:
        """One of several deeds, on disk with the next `settle`."""
        self.counts[deed] += 1
        if self._file is not None:
            self._file.write(json.dumps({"deed": deed, **facts}, ensure_ascii=False) + "\n")

    def settle(self) -> None:
        """What was noted is on disk when this returns."""
        if self._file is not None:
            self._file.flush()
            if self._fsync:
                os.fsync(self._file.fileno())

    def count(self, deed: str) -> None:
        """Only count: for what a test needs no line of."""
        self.counts[deed] += 1

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def read_ledger(path: Path) -> Iterator[dict[str, Any]]:
    """Every whole line of a ledger; a last line torn by a kill is left out."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)
