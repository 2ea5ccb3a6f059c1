"""When rows of two engines are the same: everything exact, DOUBLE to the last digits that a logarithm may differ in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

Row = Sequence[Any]
RELATIVE = 1e-12  # LN, EXP and POW of the two engines differ in the last binary digit or two


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
