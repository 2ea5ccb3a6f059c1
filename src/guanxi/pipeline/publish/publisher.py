"""Publishing a complete run: everything in one transaction, and the new run is current when it commits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import transaction
from psycopg import sql

from guanxi.pipeline.copying import (
    Merged,
    Rows,
    Sender,
    Target,
    copy_sent,
    make_stage,
    merge_changes,
    merge_rows,
)
from guanxi.pipeline.progress import Watcher
from guanxi.pipeline.publish.books import BOOK_TABLES
from guanxi.pipeline.publish.customers import CUSTOMER_PUBLICATIONS, KEEPER_STATEMENTS
from guanxi.pipeline.publish.effects import publish_effects
from guanxi.pipeline.publish.fingerprints import Changes, Fingerprints
from guanxi.pipeline.publish.foresight import publish_foresight
from guanxi.pipeline.publish.history import TARGET as PARTY_HISTORY
from guanxi.pipeline.publish.history import write_history
from guanxi.pipeline.publish.identity import publish_identity, take_members
from guanxi.pipeline.publish.interactive import write_facts_file
from guanxi.pipeline.publish.keeping import publish_keeping
from guanxi.pipeline.publish.needs import NEED_TABLES, PARTY_NEED
from guanxi.pipeline.publish.organisation import publish_organisation
from guanxi.pipeline.publish.products import PRODUCT_HELD, VERSION_STATEMENTS
from guanxi.pipeline.publish.reports import LISTS_FOLLOW_KEEPER, REPORTS, Replaced
from guanxi.pipeline.publish.run_record import make_current, write_checks
from guanxi.pipeline.publish.scores import (
    PARTY_SCORE,
    TIER_HISTORY_STATEMENTS,
    TIER_SEGMENTS,
    TIER_STAGE_COLUMNS,
    TIER_STAGE_SELECT,
)
from guanxi.pipeline.publish.source import Source

Connection = psycopg.Connection[tuple[Any, ...]]
SMALL_TABLES = (*REPORTS, *NEED_TABLES, *BOOK_TABLES)
MERGE_MEMORY = "128MB"  # for this transaction: the keys of a large table in one piece of a hash join
# What the planner must know of each new night, by table: columns that pages filter, join and sort by. Wide values that
# nobody looks for (JSON, arrays) are left out, sampling them is slow.
STATISTICS = {
    "customers_party": (),
    "customers_namegram": (),
    "customers_holding": ("party_id", "account_no", "role", "product_code", "family", "unit_id"),
    "scores_partyscore": (
        "party_id", "unit_id", "keeper_id", "kind", "aum_fen", "daily_average_fen", "tier_scheme", "tier_rank", "watch",
        "stage", "segment", "preference", "age_band", "channel_profile", "families_held",
    ),
    "scores_partyhistory": ("party_id",),
    "scores_partyneed": ("party_id",),
    "foresight_warning": ("party_id", "unit_id", "keeper_id", "state", "priority"),
    "foresight_signal": ("party_id", "signal"),
}  # fmt: skip


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
    watcher.begin("publishing", len(CUSTOMER_PUBLICATIONS) + len(SMALL_TABLES) + 6)
    day = {"day": source.manifest.business_date, "run": source.manifest.run}
    tables: dict[str, Merged] = {}
    with transaction.atomic(using="pipeline"):
        connection.execute("SELECT set_config('work_mem', %s, TRUE)", (MERGE_MEMORY,))
        # what a MERGE changes in customers known before is kept as of this day (customers, migration 0008)
        connection.execute("SELECT set_config('guanxi.night', %s, TRUE)", (str(day["day"]),))
        publish_organisation(connection, source, bank_code, bank_name)
        source.take_keys(connection)
        source.take_keepers(connection)
        take_members(connection, source)
        source.take_names()
        source.engine.connection.execute(TIER_SEGMENTS)
        shown = _shown(connection)
        fingerprints = Fingerprints(connection, source)
        due = _due(source, shown, fingerprints)
        with _sending(source, due) as sender:
            for target, rows in due:
                began = time.perf_counter()
                if isinstance(rows, Changes):
                    merged = merge_changes(connection, sender(rows.changed), sender(rows.removed), target)
                else:
                    merged = merge_rows(connection, sender(rows), target, first=shown is None)
                tables[target.table] = merged
                watcher.done(target.table, None, merged.written, time.perf_counter() - began)
            _run_statements(connection, KEEPER_STATEMENTS, day)
            _run_statements(connection, VERSION_STATEMENTS, day)
            tables["scores_tierhistory"] = _publish_tiers(connection, sender(TIER_STAGE_SELECT), day)
            for report in SMALL_TABLES:
                tables[report.table] = _replace(connection, sender(report.select), report)
                watcher.done(report.table, None, tables[report.table].written, 0.0)
        _run_statements(connection, LISTS_FOLLOW_KEEPER, day)
        tables |= publish_identity(connection, source, first=shown is None)
        tables |= publish_foresight(connection, source, first=shown is None)
        publish_keeping(connection, source)
        tables |= publish_effects(connection, source)
        write_checks(connection, source)
        began = time.perf_counter()
        watcher.done(
            "interactive.fact", None, write_facts_file(connection, source), time.perf_counter() - began
        )
        make_current(connection, source.manifest, fingerprints.token)
    fingerprints.drop_others()
    _refresh_statistics(connection)
    return Published(tables, time.perf_counter() - started)


def _shown(connection: Connection) -> str | None:
    """The run people see now; None before the first publication."""
    row = connection.execute("SELECT id FROM scores_run WHERE is_current").fetchone()
    return str(row[0]) if row else None


def _due(
    source: Source, shown: str | None, fingerprints: Fingerprints
) -> list[tuple[Target, Rows | Changes]]:
    """What is published tonight: the months before the present one only when they are not those already shown."""
    due: list[tuple[Target, Rows | Changes]] = [
        (target, fingerprints.changes(target, select) or fingerprints.whole(target, select))
        for target, select in (*CUSTOMER_PUBLICATIONS, PARTY_SCORE, PARTY_NEED, PRODUCT_HELD)
    ]
    if shown is None or not source.has_months_of(shown):
        due.append((PARTY_HISTORY, write_history))
    return due


@contextmanager
def _sending(
    source: Source, due: list[tuple[Target, Rows | Changes]]
) -> Iterator[Callable[[Rows], Iterator[bytes]]]:
    """Who gives rows. The history takes the lake longest: it is computed beside the rest, not after it."""
    each = [
        rows
        for _, told in due
        for rows in ((told.changed, told.removed) if isinstance(told, Changes) else (told,))
    ]
    apart = [rows for rows in each if rows is write_history]
    rest = [rows for rows in each if rows is not write_history]
    rest += [TIER_STAGE_SELECT, *(report.select for report in SMALL_TABLES)]
    with Sender(source.engine.connection, rest) as sender, Sender(source.engine.connection, apart) as beside:
        yield lambda rows: (beside if rows in apart else sender).take(rows)


def _run_statements(connection: Connection, statements: Iterable[str], day: dict[str, object]) -> int:
    return sum(connection.execute(statement, day).rowcount for statement in statements)


def _publish_tiers(connection: Connection, sent: Iterator[bytes], day: dict[str, object]) -> Merged:
    stage = sql.Identifier("stage_tiers")
    make_stage(connection, stage, sql.Identifier("scores_tierhistory"), TIER_STAGE_COLUMNS)
    arrived = copy_sent(connection, sent, stage, TIER_STAGE_COLUMNS)
    connection.execute("CREATE INDEX ON stage_tiers (party_id)")
    connection.execute("ANALYZE stage_tiers")
    return Merged(arrived, _run_statements(connection, TIER_HISTORY_STATEMENTS, day), 0)


def _replace(connection: Connection, sent: Iterator[bytes], report: Replaced) -> Merged:
    """Small tables: out with the old, in with the new; row security refuses COPY, so through a stage."""
    table, stage = sql.Identifier(report.table), sql.Identifier(f"stage_{report.table}")
    columns = sql.SQL(", ").join(map(sql.Identifier, report.columns))
    make_stage(connection, stage, table, report.columns)
    arrived = copy_sent(connection, sent, stage, report.columns)
    removed = connection.execute(sql.SQL("DELETE FROM {}").format(table)).rowcount
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(table, columns, columns, stage)
    )
    return Merged(arrived, arrived, removed)


def _refresh_statistics(connection: Connection) -> None:
    """The planner must know the new rows before the first person asks."""
    for name, columns in STATISTICS.items():
        named = sql.SQL(", ").join(map(sql.Identifier, columns))
        only = sql.SQL(" ({})").format(named) if columns else sql.SQL("")
        connection.execute(sql.SQL("ANALYZE {}{}").format(sql.Identifier(name), only))
