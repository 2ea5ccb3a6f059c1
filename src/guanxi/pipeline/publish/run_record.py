"""The run's own record for the page "Runs": state, steps, checks, and which run is current.

Steps are written as they finish, outside the publishing transaction, so that the page can show a run live.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql

from guanxi.insight.staging.said import Said
from guanxi.lake.store import Manifest
from guanxi.pipeline.copying import copy_rows
from guanxi.pipeline.publish.source import Source

Connection = psycopg.Connection[tuple[Any, ...]]
EXAMPLES_PER_RULE = 200  # violations shown for one rule and file; the count is always whole


INTERRUPTED = Said("run", "it was interrupted before it finished", "跑批中断，没有完成")


class RunRecord:
    """Writes one run's record; each call commits by itself (the connection is in autocommit)."""

    def __init__(self, connection: Connection, run: str, business_date: date, now: datetime) -> None:
        self._connection = connection
        self._run = run
        self._position = 0
        # Whoever writes this record holds the run lock: a run still called running was killed.
        connection.execute(
            "UPDATE scores_run SET state = 'failed', finished_at = %s, notes = %s WHERE state = 'running' AND id <> %s",
            (now, json.dumps([asdict(INTERRUPTED)]), run),
        )
        connection.execute(
            "INSERT INTO scores_run (id, business_date, state, started_at) VALUES (%s, %s, 'running', %s) "
            "ON CONFLICT (id) DO UPDATE SET state = 'running', started_at = EXCLUDED.started_at, finished_at = NULL",
            (run, business_date, now),
        )

    def begin(self, stage: str, total: int) -> None:
        """A stage begins; the page shows what comes next."""
        self._connection.execute(
            "UPDATE scores_run SET notes = %s WHERE id = %s",
            (json.dumps([{"stage": stage, "pieces": total, "done": 0}]), self._run),
        )

    def done(
        self, piece: str, month: date | None, rows: int, seconds: float, *, resumed: bool = False
    ) -> None:
        """One step finished."""
        self._position += 1
        self._connection.execute(
            'INSERT INTO scores_runstep (run_id, position, "table", month, rows, seconds, state) '
            "VALUES (%s, %s, %s, %s, %s, %s, %s) "
            'ON CONFLICT (run_id, "table", month) DO UPDATE SET position = EXCLUDED.position, rows = EXCLUDED.rows, '
            "seconds = EXCLUDED.seconds, state = EXCLUDED.state",
            (self._run, self._position, piece, month, rows, seconds, "kept" if resumed else "done"),
        )

    def close(self, state: str, now: datetime, notes: Iterable[dict[str, object]] = ()) -> None:
        """The run ended: done, failed or stopped, with what there is to say."""
        self._connection.execute(
            "UPDATE scores_run SET state = %s, finished_at = %s, notes = %s WHERE id = %s",
            (state, now, json.dumps(list(notes), ensure_ascii=False, default=str), self._run),
        )


def write_checks(connection: Connection, source: Source) -> None:
    """Reconciliation and quality findings of the run, inside the publishing transaction."""
    run = source.manifest.run
    for table in ("scores_reconciliation", "scores_rulecount", "scores_violation"):
        connection.execute(sql.SQL("DELETE FROM {} WHERE run_id = %s").format(sql.Identifier(table)), (run,))
    tables = {
        "scores_reconciliation": (
            ("run_id", "view_name", "component", "currency", "amount", "difference"),
            "SELECT day.run, view_name, component, currency, amount, difference "
            "FROM report.reconciliation, publish.day AS day",
        ),
        "scores_violation": (
            ("run_id", "rule", "severity", "file", "line", "column", "value_masked", "detail"),
            "SELECT day.run, rule, severity, file, line, COALESCE(\"column\", ''), "
            "COALESCE(LEFT(value_masked, 200), ''), COALESCE(LEFT(detail, 500), '') "
            "FROM quality.violation, publish.day AS day "
            'QUALIFY ROW_NUMBER() OVER (PARTITION BY rule, file ORDER BY line, "column") '
            f"<= {EXAMPLES_PER_RULE}",
        ),
    }
    for table, (columns, select) in tables.items():
        copy_rows(connection, source.engine.connection, select, sql.Identifier(table), columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO scores_rulecount (run_id, rule, file, severity, rows) VALUES (%s, %s, %s, %s, %s)",
            [(run, *row) for row in rule_counts(source)],
        )


def rule_counts(source: Source) -> list[tuple[str, str, str, int]]:
    """(rule, contract file, severity, rows) of the run, counted whole by the reader."""
    extract = source.manifest.facts["extract"]
    found = [
        (file["name"], key, rows) for file in extract["files"] for key, rows in file["violations"].items()
    ]
    found += [(*key.split(".", 1), rows) for key, rows in extract["crossed"].items()]
    severities = dict(source.engine.rows("SELECT rule, MAX(severity) FROM quality.violation GROUP BY rule"))
    counts: Counter[tuple[str, str]] = Counter()
    for file, key, rows in found:
        counts[key.split(" ")[-1], file] += rows
    return [
        (rule, file, severities.get(rule, "marked"), rows) for (rule, file), rows in sorted(counts.items())
    ]


def make_current(connection: Connection, manifest: Manifest, publication: str) -> None:
    """From this commit on people see this run; `publication` names the fingerprints of what was written."""
    connection.execute(
        "UPDATE scores_run SET is_current = FALSE WHERE is_current AND id <> %s", (manifest.run,)
    )
    connection.execute(
        "UPDATE scores_run SET state = 'stale' WHERE business_date = %s AND id <> %s AND state = 'done'",
        (manifest.business_date, manifest.run),
    )
    summary = {
        "previous": manifest.previous,
        "inputs": dict(manifest.inputs),
        "policies": dict(manifest.policies),
        "way": manifest.way,
        "computed": manifest.facts.get("computed"),
        "extract": manifest.facts.get("extract"),
        "publication": publication,
    }
    connection.execute(
        "UPDATE scores_run SET is_current = TRUE, manifest = %s WHERE id = %s",
        (json.dumps(summary, ensure_ascii=False, default=str), manifest.run),
    )
