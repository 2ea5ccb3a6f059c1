"""Every SQL step over a few hostile rows of all it reads: DuckDB and Spark write the same part."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.parity.hostile import inputs, laid
from tests.parity.same import apart
from tests.parity.told import TOLD, laid_told

from guanxi.insight.way import Step, the_way
from guanxi.lake.engine import DuckEngine, LakeEngine, PromiseBroken
from guanxi.lake.spark import SparkEngine

STEPS = tuple(step for step in the_way() if step.sql)
SEEDS, SAID = (1, pytest.param(2, marks=pytest.mark.faults)), 0


def outcome(engine: LakeEngine, step: Step, seed: int, part: Path) -> tuple[str, list[tuple[object, ...]]]:
    """The rows a step makes as its part holds them; unordered when it breaks its promise, which is then said too."""
    for name in inputs(step):
        columns, rows = laid_told(step.name, name) if seed == SAID else laid(name, seed)
        engine.name_rows(name, columns, rows)
    columns = ", ".join(step.table.column_names)
    try:
        engine.write(step.sql, step.table, part)
    except PromiseBroken as broken:  # hostile rows may break what the reader guarantees
        return str(broken), sorted(engine.rows(f"SELECT {columns} FROM ({step.sql}) AS made"), key=repr)
    return "", engine.local.rows(f"SELECT {columns} FROM read_parquet(?)", [str(part)])


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
@pytest.mark.parametrize("seed", SEEDS)  # outermost, so that a table is laid once for all steps that read it
def test_the_same_rows_from_both_engines(
    step: Step, seed: int, duck: DuckEngine, spark: SparkEngine, part: Path
) -> None:
    expected_broken, expected = outcome(duck, step, seed, part)
    broken, made = outcome(spark, step, seed, part)
    assert broken == expected_broken
    assert apart(expected, made) == []


@pytest.mark.parametrize("step", [step for step in STEPS if step.name in TOLD], ids=lambda step: step.name)
def test_rows_told_on_purpose_get_through_and_are_the_same(
    step: Step, duck: DuckEngine, spark: SparkEngine, part: Path
) -> None:
    expected_broken, expected = outcome(duck, step, SAID, part)
    assert expected  # else nothing was compared
    broken, made = outcome(spark, step, SAID, part)
    assert broken == expected_broken == ""
    assert apart(expected, made) == []
