"""Runs the rules that compare staged files with each other; what they find is marked and let through."""

from __future__ import annotations

from pathlib import Path

import duckdb

from guanxi.insight.quality.across import CrossRule, cross_rules
from guanxi.insight.staging.contract import BY_NAME, staged_columns
from guanxi.lake.door import Door
from guanxi.lake.engine import parquet_files
from guanxi.lake.findings import MARKED, Findings

ACROSS = "across"


def check_across(
    connection: duckdb.DuckDBPyConnection, into: Path, door: Door, rows_listed: int
) -> dict[str, int]:
    """Check all staged files below `into`; returns "extract.column rule" → how many rows break it."""
    counts: dict[str, int] = {}
    with Findings(ACROSS, into, door, rows_listed) as findings:
        for rule in cross_rules():
            if not all(any((into / f"staged.{name}").glob("*.parquet")) for name in rule.reads):
                continue
            found = _check(connection, into, rule, findings)
            if found:
                counts[f"{rule.extract}.{rule.column} {rule.rule}"] = found
    return counts


def _check(connection: duckdb.DuckDBPyConnection, into: Path, rule: CrossRule, findings: Findings) -> int:
    tables = {name: _table(into, name) for name in rule.reads}
    rows = connection.sql(
        f"SELECT * FROM ({rule.sql.format(**tables)}) AS found ORDER BY file, line"
    ).to_arrow_table()
    for name in dict.fromkeys(rows["file"].to_pylist()):
        own = rows.filter([value == name for value in rows["file"].to_pylist()])
        findings.mark(name, f"{rule.extract}.{rule.column}", rule.rule, MARKED, own)
    return int(rows.num_rows)


def _table(into: Path, name: str) -> str:
    columns = ", ".join(f'"{column}"' for column, _ in staged_columns(BY_NAME[name]))
    return f"(SELECT {columns} FROM {parquet_files(sorted((into / f'staged.{name}').glob('*.parquet')))})"
