"""Publishing a complete run: everything in one transaction, and the new run is current when it commits."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import transaction
from psycopg import sql

from guanxi.pipeline.copying import Merged, Target, copy_rows, merge_rows
from guanxi.pipeline.progress import Watcher
from guanxi.pipeline.publish.customers import CUSTOMER_PUBLICATIONS, KEEPER_STATEMENTS
from guanxi.pipeline.publish.interactive import write_facts_file
from guanxi.pipeline.publish.organisation import publish_organisation
from guanxi.pipeline.publish.reports import LISTS_FOLLOW_KEEPER, REPORTS, Replaced
from guanxi.pipeline.publish.run_record import make_current, write_checks
from guanxi.pipeline.publish.scores import (
    PARTY_HISTORY,
    PARTY_SCORE,
    TIER_HISTORY_STATEMENTS,
    TIER_SEGMENTS,
    TIER_STAGE_COLUMNS,
    TIER_STAGE_SELECT,
)
from guanxi.pipeline.publish.source import Source

Connection = psycopg.Connection[tuple[Any, ...]]
FILLED = (
    "customers_party",
    "customers_namegram",
    "customers_holding",
    "scores_partyscore",
)


@dataclass(frozen=True)
class Published:
    """What a publication did, table by table, and how long it took."""

    tables: dict[str, Merged]
    seconds: float

    @property
    def arrived(self) -> int:
        """Rows sent, changed or not."""
        return sum(merged.arrived for merged in self.tables.values())

    @property
    def written(self) -> int:
        """Rows that were new or different."""
        return sum(merged.written for merged in self.tables.values())


def publish_run(
    connection: Connection, source: Source, *, bank_code: str, bank_name: str, watcher: Watcher
) -> Published:
    """Bring the operational store to this run. Publishing a run twice changes nothing the second time.

    One transaction: a failure or a kill anywhere leaves yesterday's figures standing.
    """
    started = time.perf_counter()
    watcher.begin("publishing", len(CUSTOMER_PUBLICATIONS) + len(REPORTS) + 4)
    day = {"day": source.manifest.business_date, "run": source.manifest.run}
    tables: dict[str, Merged] = {}
    with transaction.atomic(using="pipeline"):
        publish_organisation(connection, source, bank_code, bank_name)
        source.take_keys(connection)
        source.take_keepers(connection)
        source.take_names()
        source.engine.connection.execute(TIER_SEGMENTS)
        for target, select in _due(connection, source):
            began = time.perf_counter()
            merged = merge_rows(connection, source.engine.connection, select, target)
            tables[target.table] = merged
            watcher.done(target.table, None, merged.written, time.perf_counter() - began)
        _run_statements(connection, KEEPER_STATEMENTS, day)
        tables["scores_tierhistory"] = _publish_tiers(connection, source, day)
        for report in REPORTS:
            tables[report.table] = _replace(connection, source, report)
            watcher.done(report.table, None, tables[report.table].written, 0.0)
        _run_statements(connection, LISTS_FOLLOW_KEEPER, day)
        write_checks(connection, source)
        began = time.perf_counter()
        watcher.done("interactive.fact", None, write_facts_file(source), time.perf_counter() - began)
        make_current(connection, source.manifest)
    _refresh_statistics(connection)
    return Published(tables, time.perf_counter() - started)


def _due(connection: Connection, source: Source) -> list[tuple[Target, str]]:
    """What is published tonight: the months before the present one only when they are not those already shown."""
    shown = connection.execute("SELECT id FROM scores_run WHERE is_current").fetchone()
    same = shown is not None and source.has_months_of(str(shown[0]))
    history = [] if same else [PARTY_HISTORY]
    return [*CUSTOMER_PUBLICATIONS, PARTY_SCORE, *history]


def _run_statements(connection: Connection, statements: Iterable[str], day: dict[str, object]) -> int:
    return sum(connection.execute(statement, day).rowcount for statement in statements)


def _publish_tiers(connection: Connection, source: Source, day: dict[str, object]) -> Merged:
    stage = sql.Identifier("stage_tiers")
    columns = sql.SQL(", ").join(map(sql.Identifier, TIER_STAGE_COLUMNS))
    connection.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM scores_tierhistory WITH NO DATA"
        ).format(stage, columns)
    )
    arrived = copy_rows(connection, source.engine.connection, TIER_STAGE_SELECT, stage, TIER_STAGE_COLUMNS)
    connection.execute("CREATE INDEX ON stage_tiers (party_id)")
    connection.execute("ANALYZE stage_tiers")
    return Merged(arrived, _run_statements(connection, TIER_HISTORY_STATEMENTS, day), 0)


def _replace(connection: Connection, source: Source, report: Replaced) -> Merged:
    """Small tables: out with the old, in with the new; row security refuses COPY, so through a stage."""
    table, stage = sql.Identifier(report.table), sql.Identifier(f"stage_{report.table}")
    columns = sql.SQL(", ").join(map(sql.Identifier, report.columns))
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            stage, columns, table
        )
    )
    arrived = copy_rows(connection, source.engine.connection, report.select, stage, report.columns)
    removed = connection.execute(sql.SQL("DELETE FROM {}").format(table)).rowcount
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(table, columns, columns, stage)
    )
    return Merged(arrived, arrived, removed)


def _refresh_statistics(connection: Connection) -> None:
    """The planner must know the new rows before the first person asks."""
    for name in FILLED:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))
    # Found by customer alone: nobody filters by its arrays, and sampling them is slow.
    connection.execute("ANALYZE scores_partyhistory (party_id)")
