"""Any labelled table: its columns as numbers, a chronological split, warnings about leaks and drift, a model card.

The table comes as Arrow; a column of text becomes the rate at which the label happened for its value, learnt on the
oldest part alone and shrunk towards the common rate. Nothing of the judged part is looked at before judging.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from guanxi.insight.foresight.judge import auc, bins_of, drift
from guanxi.insight.foresight.matrix import Matrix, Split, by_moments, by_share, stack

Array = np.ndarray
FIT, CALIBRATE = 0.6, 0.2  # shares of the rows, the oldest first
SHRINK = 20.0  # rows of the common rate that each value of a text column starts with
LEAK_AUC = 0.75  # a single column that orders so well and ...
DRIFT_LIMIT = 1.5  # from 0.25 on a column is worth a look; beyond this its old and new values hardly meet
LEAK_STEP = 1.5  # ... says so much more than the next best one is looked at twice
AFTERWARDS = frozenset({
    "duration", "outcome", "result", "closed", "end_date", "settled", "cancel", "churn", "status",
    "时长", "结果", "销户",
})  # fmt: skip


class TableRefused(ValueError):
    """A table that cannot be learnt from; the message says why."""


@dataclass(frozen=True)
class Asked:
    """What the columns are: the label, the time (or None: rows stand in order of time), the key (left out)."""

    label: str
    time: str | None = None
    key: str | None = None
    left_out: tuple[str, ...] = ()
    positive: str | None = None  # the value that means "it happened"
    borders: tuple[str, str] | None = (
        None  # times from which rows calibrate and judge; else the oldest 60 / 20 / 20 %
    )


@dataclass(frozen=True)
class Suspect:
    """A column that may be known only afterwards, and why it looks so: its name, or how well it says it alone."""

    name: str
    why: str  # name | too_good
    auc: float


def read_table(table: pa.Table, asked: Asked) -> tuple[Split, list[Suspect]]:
    """The split to train on, and the columns to look at twice. Raises TableRefused."""
    happened = label_of(table, asked)
    moments = _moments(table, asked)
    names = [
        name
        for name in table.column_names
        if name not in {asked.label, asked.time, asked.key, *asked.left_out}
    ]
    if not names:
        raise TableRefused("no column is left to learn from")
    plain = Matrix(
        ("place",), np.arange(len(table), dtype=np.float64)[:, None], happened, moments, np.zeros(len(table))
    )
    parts = _parted(plain, asked)
    old = parts.fit.values[:, 0].astype(np.int64)
    columns = [_numbers(table.column(name), happened, old) for name in names]
    filled = Matrix(tuple(names), stack(columns), happened, moments, np.zeros(len(table)))
    split = _parted(filled, asked)
    return _with_rule(split), suspects(split.fit)


def _parted(rows: Matrix, asked: Asked) -> Split:
    if asked.borders is None:
        return by_share(rows, FIT, CALIBRATE)
    numbers = np.issubdtype(rows.time.dtype, np.number)
    first, second = (float(border) if numbers else border for border in asked.borders)
    split = by_moments(rows, first, second)
    if not all(len(part) for part in (split.fit, split.calibrate, split.judge)):
        raise TableRefused(f"no rows before {first}, between it and {second}, or from {second} on")
    return split


def label_of(table: pa.Table, asked: Asked) -> Array:
    """0 and 1 from the label: two values, of which `positive` (or the one that sorts last) means it happened."""
    if asked.label not in table.column_names:
        raise TableRefused(f"there is no column {asked.label}")
    values = [None if value is None else str(value) for value in table.column(asked.label).to_pylist()]
    kinds = sorted({value for value in values if value is not None})
    if None in values or len(kinds) != 2:
        raise TableRefused(f"{asked.label} must have exactly two values and no gaps, found {kinds[:5]}")
    positive = asked.positive if asked.positive is not None else kinds[-1]
    if kinds == ["False", "True"]:  # yes and no in a file are read as flags
        positive = "False" if positive.lower() in ("false", "no", "0") else "True"
    if positive not in kinds:
        raise TableRefused(f"{asked.label} never is {positive}: it is {' or '.join(kinds)}")
    return np.array([value == positive for value in values], np.int64)


def _moments(table: pa.Table, asked: Asked) -> Array:
    if asked.time is None:
        return np.arange(len(table))
    if asked.time not in table.column_names:
        raise TableRefused(f"there is no column {asked.time}")
    values = table.column(asked.time).to_pylist()
    if any(value is None for value in values):
        raise TableRefused(f"{asked.time} has gaps: a row without a time cannot be put in order")
    numbers = all(isinstance(value, int | float) for value in values)
    return np.array(values) if numbers else np.array([str(value) for value in values])


def _numbers(column: pa.ChunkedArray, happened: Array, old: Array) -> Array:
    """Numbers as they are, days as day numbers, anything else as the rate of its value in the oldest rows."""
    kind = column.type
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    ):
        return np.array([np.nan if value is None else float(value) for value in column.to_pylist()])
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        days = column.cast(pa.date32()).cast(pa.int32()).to_pylist()
        return np.array([np.nan if value is None else float(value) for value in days])
    values = np.array(["" if value is None else str(value) for value in column.to_pylist()])
    return _rates(values, happened, old)


def _rates(values: Array, happened: Array, old: Array) -> Array:
    common = float(happened[old].mean())
    kinds, places = np.unique(values, return_inverse=True)
    seen = np.bincount(places[old], minlength=len(kinds))
    left = np.bincount(places[old], weights=happened[old].astype(np.float64), minlength=len(kinds))
    rates = (left + SHRINK * common) / (seen + SHRINK)
    result: Array = rates[places]
    return result


def suspects(rows: Matrix) -> list[Suspect]:
    """Columns whose name tells of something known afterwards, or that alone order far better than any other."""
    alone = {name: _alone(rows, place) for place, name in enumerate(rows.names)}
    ranked = sorted(alone.values(), reverse=True)
    next_best = ranked[1] if len(ranked) > 1 else 0.5
    found = []
    for name, value in alone.items():
        if set(re.split(r"[^0-9a-z\u3400-\u9fff]+", name.lower())) & AFTERWARDS:
            found.append(Suspect(name, "name", value))
        elif value >= LEAK_AUC and (value - 0.5) > LEAK_STEP * (next_best - 0.5) and value == ranked[0]:
            found.append(Suspect(name, "too_good", value))
    return sorted(found, key=lambda suspect: (-suspect.auc, suspect.name))


def _alone(rows: Matrix, place: int) -> float:
    column = rows.values[:, place]
    known = column[~np.isnan(column)]
    value = auc(rows.happened, np.nan_to_num(column, nan=float(np.median(known)) if len(known) else 0.0))
    return 0.5 if np.isnan(value) else round(max(value, 1 - value), 4)


def _with_rule(split: Split) -> Split:
    """The rule of a foreign table is its best single column, found on the oldest part."""
    from guanxi.insight.foresight.training import best_column

    _, judged = best_column(split)
    return replace(split, judge=replace(split.judge, rule=judged))


def drifted_columns(split: Split, limit: float = DRIFT_LIMIT) -> list[tuple[str, float]]:
    """Columns whose values in the newest rows hardly meet those learnt from (PSI above the limit), the worst first.

    It looks at no label: which customers one meets is known when they are scored. A model that learnt from such a
    column says what it never saw.
    """
    moved = []
    for place, name in enumerate(split.fit.names):
        old, new = split.fit.values[:, place], split.judge.values[:, place]
        edges, shares = bins_of(old[~np.isnan(old)]) if (~np.isnan(old)).any() else ([], [1.0])
        moved.append((name, round(drift(shares, new[~np.isnan(new)], edges), 2)))
    return sorted(((name, psi) for name, psi in moved if psi > limit), key=lambda said: (-said[1], said[0]))


def without(names: Sequence[str], asked: Asked) -> Asked:
    """The same question with these columns left out too."""
    return replace(asked, left_out=(*asked.left_out, *names))
