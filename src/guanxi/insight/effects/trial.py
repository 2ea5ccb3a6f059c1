"""A randomised trial in one table, read through a mapping: its read-out and for whom it works (`guanxi effect`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from guanxi.insight.effects.assignment import CONTROL
from guanxi.insight.effects.intervals import Array
from guanxi.insight.effects.readout import Line, Measured, Plan, Rules, read_out
from guanxi.insight.effects.uplift import Uplift, find_uplift, whom

KINDS = ("share", "money")


class TrialRefused(ValueError):
    """The mapping or the table cannot be read as a trial; the message says why."""


@dataclass(frozen=True)
class TrialMapping:
    """Which columns of a table are the arm, the outcomes, the value before and what is known of a customer."""

    file: str
    arm: str
    control: str
    shares: Mapping[str, float]
    measures: Mapping[str, str]
    main: str
    before: str | None
    columns: tuple[str, ...]
    uplift_measure: str
    subgroups: Mapping[str, str]


def read_mapping(said: Mapping[str, Any]) -> TrialMapping:
    """A mapping from its TOML; raises TrialRefused for a missing entry or an unknown kind of outcome."""
    try:
        uplift = said.get("uplift", {})
        mapping = TrialMapping(
            file=said["file"],
            arm=said["arm"],
            control=said["control"],
            shares={str(arm): float(Fraction(share)) for arm, share in said["arms"].items()},
            measures=dict(said["measures"]),
            main=said["main"],
            before=said.get("before"),
            columns=tuple(uplift.get("columns", ())),
            uplift_measure=uplift.get("measure", said["main"]),
            subgroups=dict(said.get("subgroups", {})),
        )
    except KeyError as error:
        raise TrialRefused(f"the mapping has no entry {error}") from error
    if mapping.main not in mapping.measures or mapping.control not in mapping.shares:
        raise TrialRefused("main must be one of the measures and control one of the arms")
    if any(kind not in KINDS for kind in mapping.measures.values()):
        raise TrialRefused(f"a measure is one of {', '.join(KINDS)}")
    return mapping


@dataclass(frozen=True)
class ArmResult:
    """One arm: its lines by measure, what was learnt, and whom to take."""

    arm: str
    measures: Mapping[str, Line]
    subgroups: tuple[Line, ...]
    uplift: Uplift | None
    whom: str


@dataclass(frozen=True)
class TrialResult:
    """A trial read out: customers per arm, p of the sample-ratio check, and each arm against control."""

    counts: Mapping[str, int]
    ratio_p: float
    arms: tuple[ArmResult, ...]


def read_trial(
    table: pa.Table, mapping: TrialMapping, rules: Rules, *, rounds: int, least: int
) -> TrialResult:
    """Read a finished trial out: one look at its horizon, everybody planned. `least`: rows per arm to learn from."""
    missing = [name for name in _needed(mapping) if name not in table.column_names]
    if missing:
        raise TrialRefused(f"the table has no column {', '.join(missing)}")
    arm = np.array(
        [CONTROL if v == mapping.control else str(v) for v in table.column(mapping.arm).to_pylist()]
    )
    unknown = set(arm.tolist()) - set(mapping.shares) - {CONTROL}
    if unknown:
        raise TrialRefused(f"the mapping names no arm {', '.join(sorted(unknown))}")
    lines = {name: _measure(table, mapping, rules, arm, name) for name in mapping.measures}
    arms = tuple(
        _arm(table, mapping, rules, arm, one, lines, rounds, least)
        for one in sorted(set(arm.tolist()) - {CONTROL})
    )
    names, counts = np.unique(arm, return_counts=True)
    p = lines[mapping.main][0].ratio_p if lines[mapping.main] else 1.0
    return TrialResult(dict(zip(names.tolist(), counts.tolist(), strict=True)), p, arms)


def _needed(mapping: TrialMapping) -> list[str]:
    before = [mapping.before] if mapping.before else []
    return [mapping.arm, *mapping.measures, *before, *mapping.columns, *mapping.subgroups.values()]


def _numbers(table: pa.Table, name: str) -> Array:
    return np.array(
        [float("nan") if v is None else float(v) for v in table.column(name).to_pylist()], dtype=float
    )


def _measure(table: pa.Table, mapping: TrialMapping, rules: Rules, arm: Array, name: str) -> list[Line]:
    rows = len(table)
    main = name == mapping.main
    measured = Measured(
        arm=arm,
        outcome=_numbers(table, name),
        before=_numbers(table, mapping.before) if mapping.before else None,
        cluster=None,
        lived=np.ones(rows),
        subgroups={
            title: np.array([str(v) for v in table.column(column).to_pylist()])
            for title, column in (mapping.subgroups.items() if main else ())
        },
        money=mapping.measures[name] == "money",
    )
    shares = {CONTROL if one == mapping.control else one: share for one, share in mapping.shares.items()}
    return read_out(measured, Plan(shares, planned=rows), rules)


def _arm(
    table: pa.Table,
    mapping: TrialMapping,
    rules: Rules,
    arm: Array,
    one: str,
    lines: Mapping[str, list[Line]],
    rounds: int,
    least: int,
) -> ArmResult:
    measures = {
        name: line for name, said in lines.items() for line in said if line.arm == one and not line.dimension
    }
    inside = (arm == one) | (arm == CONTROL)
    treated = arm[inside] == one
    uplift = None
    if mapping.columns and min(treated.sum(), (~treated).sum()) >= least:
        values = known_columns(table, mapping.columns)[inside]
        outcome = _numbers(table, mapping.uplift_measure)[inside]
        uplift = find_uplift(values, treated, outcome, rounds=rounds, alpha=rules.alpha)
    verdict = measures[mapping.main].verdict if mapping.main in measures else ""
    groups = tuple(line for line in lines[mapping.main] if line.arm == one and line.dimension)
    return ArmResult(one, measures, groups, uplift, whom(uplift, verdict))


def known_columns(table: pa.Table, names: tuple[str, ...]) -> Array:
    """Columns as numbers: numbers as they are (missing: the mean), each text one column per word."""
    columns: list[Array] = []
    for name in names:
        held = table.column(name)
        if pa.types.is_string(held.type) or pa.types.is_large_string(held.type):
            texts = np.array([str(v) for v in held.to_pylist()])
            columns += [(texts == word).astype(float) for word in sorted(set(texts.tolist()))]
        else:
            numbers = _numbers(table, name)
            columns.append(np.where(np.isnan(numbers), np.nanmean(numbers), numbers))
    return np.column_stack(columns)
