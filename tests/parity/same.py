"""When rows of two engines are the same: everything exact, DOUBLE to the last digits that a logarithm may differ in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.pipeline.nights import rows_of

from guanxi.lake.store import Manifest

Row = Sequence[Any]
RELATIVE = 1e-12  # LN, EXP and POW of the two engines differ in the last binary digit or two


FIRST, SECOND = date(2026, 10, 14), date(2026, 10, 31)


@dataclass(frozen=True)
class TwoNights:
    """A small bank's two nights; `folder` holds the lakes `before` (the first night) and `duck` (both, by DuckDB)."""

    folder: Path
    extracts: Path
    manifest: Manifest  # of the second night by DuckDB

    def differing(self, home: Path, manifest: Manifest) -> dict[str, object]:
        """Parts of this run that hold other rows than DuckDB's, with the first pairs that differ."""
        parts = {(table, key) for table, held in self.manifest.parts.items() for key in held}
        parts |= {(table, key) for table, held in manifest.parts.items() for key in held}
        found = {
            f"{table}@{key}": apart(
                rows_of(self.folder / "duck", self.manifest, table, key), rows_of(home, manifest, table, key)
            )
            for table, key in sorted(parts)
        }
        return {name: pairs for name, pairs in found.items() if pairs}


def apart(one: Iterable[Row], other: Iterable[Row]) -> list[tuple[Row | None, Row | None]]:
    """Up to five pairs of rows that differ; the rows stand in the same order on both sides."""
    left, right = list(one), list(other)
    if len(left) != len(right):
        return [((len(left),), (len(right),))]
    return [
        (a, b) for a, b in zip(left, right, strict=True) if not all(map(same_value, a, b))
    ][:5]  # fmt: skip


def same_value(one: Any, other: Any) -> bool:
    """Whether both engines said this value: the same type and the same value, doubles within RELATIVE."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-300) or (
            math.isnan(one) and math.isnan(other)
        )
    return type(one) is type(other) and one == other
