"""Walls of the steps: one dialect that both engines read alike, fixed results, money never a float."""

import pytest
import sqlglot
from sqlglot import exp

from guanxi.insight.way import Step, the_way

STEPS = tuple(step for step in the_way() if step.sql)
FORBIDDEN = (exp.Filter, exp.Lambda, exp.Pivot, exp.Unnest, exp.Explode, exp.List, exp.Struct)
FUNCTIONS = {
    # aggregates and windows
    "Sum", "Count", "Min", "Max", "RowNumber", "Lag", "Lead", "FirstValue", "LastValue", "Rank", "Ntile",
    # choices and types
    "Case", "If", "Cast", "TryCast", "Coalesce", "Nullif", "Greatest", "Least", "And", "Or", "Exists",
    # numbers
    "Abs", "Round", "Floor", "Ceil", "Sqrt", "Ln", "Exp", "Pow", "Sign",
    # days: differences only; months come from run.month
    "DateDiff", "TsOrDsDiff", "Extract", "Year", "Month", "Day", "CurrentDate",
    # text
    "Concat", "DPipe", "Upper", "Lower", "Substring", "Trim", "Length", "Like", "StrPosition",
}  # fmt: skip
CLOCKS = {"CurrentDate", "CurrentTimestamp", "CurrentTime"}


def parsed(step: Step) -> exp.Expression:
    return sqlglot.parse_one(step.sql, dialect="duckdb")


each_step = pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])


@each_step
def test_only_functions_that_both_engines_read_alike_are_called(step: Step) -> None:
    called = {type(node).__name__ for node in parsed(step).find_all(exp.Func)}
    named = {node.name for node in parsed(step).find_all(exp.Anonymous)}
    assert not named, f"{step.name} calls {named}"
    assert called <= FUNCTIONS - CLOCKS, f"{step.name} calls {sorted(called - FUNCTIONS | called & CLOCKS)}"
    assert not list(parsed(step).find_all(*FORBIDDEN)), f"{step.name} uses a form only one engine has"


@each_step
def test_no_aggregate_runs_over_a_float(step: Step) -> None:
    for aggregate in parsed(step).find_all(exp.Sum, exp.Avg):
        for cast in aggregate.find_all(exp.Cast):
            assert not cast.to.is_type("double", "float"), (
                f"{step.name}: {aggregate.sql('duckdb')} sums floats"
            )


@each_step
def test_day_differences_are_counted_in_days(step: Step) -> None:
    for difference in parsed(step).find_all(exp.DateDiff):
        unit = difference.args.get("unit")
        assert unit is None or unit.name.lower() == "day", f"{step.name}: {difference.sql('duckdb')}"


@each_step
def test_every_window_that_numbers_rows_names_its_order(step: Step) -> None:
    for window in parsed(step).find_all(exp.Window):
        if isinstance(window.this, exp.RowNumber | exp.Lag | exp.Lead | exp.FirstValue | exp.LastValue):
            assert window.args.get("order"), f"{step.name}: {window.sql('duckdb')} has no order"


@each_step
def test_the_same_text_compiles_for_spark(step: Step) -> None:
    spark = sqlglot.transpile(
        step.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert len(spark) == 1
    assert sqlglot.parse_one(spark[0], dialect="spark").find(exp.Select)
