"""Rows to learn from: numbers with names, what happened, when, and what the judge wants to tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Matrix:
    """One row a person and month. `values` is rows × names, NaN where nothing is known; `time` orders the rows."""

    names: tuple[str, ...]
    values: Array
    happened: Array  # 0 or 1
    time: Array  # sortable; equal values belong together
    rule: Array  # the one-line rule's score, higher where leaving is likelier
    groups: dict[str, Array] = field(default_factory=dict)  # tier, age: to judge parts apart
    lead: Array | None = None  # days between the features' end and the event; NaN where none

    def __len__(self) -> int:
        return len(self.happened)

    def take(self, rows: Array) -> Matrix:
        """Some of the rows, by mask or position."""
        return Matrix(
            self.names,
            self.values[rows],
            self.happened[rows],
            self.time[rows],
            self.rule[rows],
            {name: column[rows] for name, column in self.groups.items()},
            None if self.lead is None else self.lead[rows],
        )

    def with_more(self, rows: Matrix) -> Matrix:
        """These rows and then others of the same columns; groups and lead are left behind."""
        return Matrix(
            self.names,
            np.vstack([self.values, rows.values]),
            np.concatenate([self.happened, rows.happened]),
            np.concatenate([self.time, rows.time]),
            np.concatenate([self.rule, rows.rule]),
        )


@dataclass(frozen=True)
class Split:
    """Rows in the order of time: to fit, to calibrate, to judge."""

    fit: Matrix
    calibrate: Matrix
    judge: Matrix


def by_time(rows: Matrix, calibrate: int, judge: int, *, gap: int = 0) -> Split:
    """The last `judge` moments judge, the `calibrate` ones before them calibrate, the older ones fit.

    `gap` moments before each border are left out, so that no label's window reaches into the rows after it.
    Raises ValueError when that leaves nothing to fit on.
    """
    moments = np.unique(rows.time)
    wanted = judge + calibrate + 2 * gap
    if len(moments) <= wanted:
        raise ValueError(f"{len(moments)} moments known, more than {wanted} are needed")
    judged = moments[-judge:]
    calibrated = moments[-judge - gap - calibrate : -judge - gap]
    fitted = moments[: -judge - 2 * gap - calibrate]
    return Split(*(rows.take(np.isin(rows.time, part)) for part in (fitted, calibrated, judged)))


def by_share(rows: Matrix, fit: float, calibrate: float) -> Split:
    """The oldest share fits, the next calibrates, the rest judges; equal moments are never parted."""
    places = np.argsort(rows.time, kind="stable")
    ordered = rows.time[places]
    first = _border(ordered, fit)
    second = max(_border(ordered, fit + calibrate), first)
    return Split(rows.take(places[:first]), rows.take(places[first:second]), rows.take(places[second:]))


def by_moments(rows: Matrix, calibrate_from: object, judge_from: object) -> Split:
    """Rows before `calibrate_from` fit, rows from `judge_from` on judge, those between calibrate."""
    first, second = rows.time < calibrate_from, rows.time >= judge_from
    return Split(rows.take(first), rows.take(~first & ~second), rows.take(second))


def _border(ordered: Array, share: float) -> int:
    """The first position at or after the share where a new moment begins; the end when none does."""
    place = min(int(len(ordered) * share), len(ordered) - 1)
    border = int(np.searchsorted(ordered, ordered[place], side="left"))
    return border or int(np.searchsorted(ordered, ordered[place], side="right"))


def stack(columns: Sequence[Array]) -> Array:
    """Columns side by side as numbers."""
    return np.column_stack([np.asarray(column, np.float64) for column in columns])
