"""From the parts of one contract file to its staged Parquet: no duplicates, ordered by key, dated ones by month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from guanxi.insight.quality.rows import ROW_RULES, RowRule
from guanxi.insight.staging.contract import ExtractFile, staged_columns, staged_key
from guanxi.insight.staging.statements import DATED
from guanxi.lake.arriving import RANK
from guanxi.lake.engine import parquet_files
from guanxi.lake.findings import MARKED, REFUSED, Findings

_ROW_GROUP = 122_880
ALL = "all"


@dataclass
class Settled:
    """What stands in the lake's folder for one contract file."""

    rows: int = 0
    duplicates: int = 0
    refused: int = 0
    months: list[date] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


def settle(
    connection: duckdb.DuckDBPyConnection, contract: ExtractFile, parts: Path, into: Path, findings: Findings
) -> Settled:
    """Write `into/staged.<name>/all.parquet` (also when there are no rows), or one file per month for a dated file."""
    arrived = _arrived(contract, parts)
    left_out = f"left_out_{contract.name}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {left_out} (rank INTEGER, line BIGINT)")
    settled = Settled()
    settled.duplicates = _leave_duplicates(connection, contract, arrived, left_out, findings)
    for rule in ROW_RULES.get(contract.name, ()):
        settled.refused += _leave_refused(connection, rule, arrived, left_out, findings)
    kept = arrived
    if settled.duplicates or settled.refused:
        kept = (
            f"(SELECT * FROM {arrived} AS a WHERE NOT EXISTS "
            f'(SELECT 1 FROM {left_out} AS x WHERE x.rank = a."{RANK}" AND x.line = a.line))'
        )
    _write(connection, contract, kept, into / f"staged.{contract.name}", settled)
    connection.execute(f"DROP TABLE {left_out}")
    return settled


def _arrived(contract: ExtractFile, parts: Path) -> str:
    arrived = sorted(parts.glob("part-*.parquet"))
    if arrived:
        return parquet_files(arrived)
    columns = [*staged_columns(contract), (RANK, "INTEGER")]
    nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns)
    return f"(SELECT {nothing} WHERE FALSE)"


def _leave_duplicates(
    connection: duckdb.DuckDBPyConnection,
    contract: ExtractFile,
    arrived: str,
    left_out: str,
    findings: Findings,
) -> int:
    """Of rows with the same key the newest line stands; the others are marked and left out."""
    key = ", ".join(f'"{column}"' for column in staged_key(contract))
    total, distinct = connection.execute(
        f"SELECT COALESCE(SUM(n), 0), COUNT(*) FROM (SELECT COUNT(*) AS n FROM {arrived} GROUP BY {key})"
    ).fetchall()[0]
    if total == distinct:
        return 0
    keys = [f'a."{column}"' for column in staged_key(contract)]
    same = " AND ".join(f'a."{column}" IS NOT DISTINCT FROM d."{column}"' for column in staged_key(contract))
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE doubled AS
        SELECT a.file, a.line, a."{RANK}" AS rank, FIRST_VALUE(a.line) OVER newest AS stands
        FROM {arrived} AS a
        JOIN (SELECT {key} FROM {arrived} GROUP BY {key} HAVING COUNT(*) > 1) AS d ON {same}
        WINDOW newest AS (PARTITION BY {", ".join(keys)} ORDER BY a."{RANK}" DESC, a.line DESC)
        QUALIFY ROW_NUMBER() OVER newest > 1"""
    )
    connection.execute(f"INSERT INTO {left_out} SELECT rank, line FROM doubled")
    _mark_table(
        connection,
        "doubled",
        "CAST(stands AS VARCHAR)",
        ",".join(contract.key),
        "key.duplicate",
        MARKED,
        findings,
    )
    return int(total - distinct)


def _leave_refused(
    connection: duckdb.DuckDBPyConnection,
    rule: RowRule,
    arrived: str,
    left_out: str,
    findings: Findings,
) -> int:
    """Rows of one file that contradict each other go to quarantine."""
    current = (
        f"(SELECT * FROM {arrived} AS a WHERE NOT EXISTS "
        f'(SELECT 1 FROM {left_out} AS x WHERE x.rank = a."{RANK}" AND x.line = a.line))'
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE refused_rows AS {rule.sql.format(rows=current, rank=RANK)}"
    )
    count = int(connection.execute("SELECT COUNT(*) FROM refused_rows").fetchall()[0][0])
    if not count:
        return 0
    connection.execute(f"INSERT INTO {left_out} SELECT rank, line FROM refused_rows")
    _mark_table(connection, "refused_rows", "detail", rule.column, rule.rule, REFUSED, findings)
    rows = connection.sql(
        f'SELECT a.* EXCLUDE ("{RANK}") FROM {arrived} AS a JOIN refused_rows AS r '
        f'ON r.rank = a."{RANK}" AND r.line = a.line ORDER BY a."{RANK}", a.line'
    ).to_arrow_table()
    for record in rows.to_pylist():
        findings.refuse_rows(record["file"], rule.rule, [(record["line"], record)])
    return count


def _mark_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    detail: str,
    column: str,
    rule: str,
    severity: str,
    findings: Findings,
) -> None:
    names = [
        row[0] for row in connection.execute(f"SELECT DISTINCT file FROM {table} ORDER BY file").fetchall()
    ]
    for name in names:
        rows = connection.sql(
            f"SELECT line, CAST(NULL AS VARCHAR) AS value_masked, {detail} AS detail "
            f"FROM {table} WHERE file = ? ORDER BY line",
            params=[name],
        ).to_arrow_table()
        findings.mark(name, column, rule, severity, rows)


def _write(
    connection: duckdb.DuckDBPyConnection, contract: ExtractFile, kept: str, folder: Path, settled: Settled
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    if contract.name not in DATED:
        _copy(connection, contract, kept, "TRUE", folder / f"{ALL}.parquet", settled)
        return
    months = connection.execute(
        f"SELECT DISTINCT CAST(DATE_TRUNC('month', day) AS DATE) AS month FROM {kept} ORDER BY month"
    ).fetchall()
    for (month,) in months:
        settled.months.append(month)
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        within = f"day >= DATE '{month}' AND day < DATE '{following}'"
        _copy(connection, contract, kept, within, folder / f"{month}.parquet", settled)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    contract: ExtractFile,
    kept: str,
    within: str,
    path: Path,
    settled: Settled,
) -> None:
    columns = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in staged_columns(contract))
    order = ", ".join(f'"{name}" ASC NULLS FIRST' for name in staged_key(contract))
    draft = path.with_suffix(".draft")
    written = connection.execute(
        f"COPY (SELECT {columns} FROM {kept} WHERE {within} ORDER BY {order}) TO '{draft}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    ).fetchall()[0][0]
    draft.rename(path)
    settled.rows += int(written)
    settled.files.append(path)
