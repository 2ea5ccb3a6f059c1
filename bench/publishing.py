"""Publishing: into an empty store, again unchanged, and with a tenth of the customers changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psutil
import psycopg

from bench.figures import Section
from bench.lake import BenchLake
from bench.processes import cpu_of, postgres_of

FULL_BAR, PART_BAR = 100_000, 0.5
# A tenth of the customers: another occupation, another balance, another AUM this month.
CHANGES = {
    "core.party": "SELECT * REPLACE (CASE WHEN party_key % 10 = 0 THEN '变' ELSE occupation END AS occupation)",
    "feature.account_month": "SELECT * REPLACE (balance + CASE WHEN bucket % 10 = 0 THEN 1 ELSE 0 END AS balance)",
    "feature.wealth_month": "SELECT * REPLACE (CASE WHEN party_key % 10 = 0 THEN aum + 1 ELSE aum END AS aum)",
}


class Timed:
    """A watcher that keeps the seconds of each table."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def begin(self, stage: str, total: int) -> None:
        """Nothing to keep."""

    def done(
        self,
        piece: str,
        month: date | None,  # noqa: ARG002  # a watcher's signature
        rows: int,  # noqa: ARG002  # the same
        seconds: float,
        *,
        resumed: bool = False,  # noqa: ARG002  # the same
    ) -> None:
        """Keep the table's seconds."""
        self.seconds[piece] = seconds


def measure(lake: BenchLake, times: int) -> Section:
    """A full publication, the same again (best of `times`), one with a tenth changed."""
    connection = _store(lake)
    _empty()
    full = _publish(lake, connection, {})
    again = min((_publish(lake, connection, {}) for _ in range(times)), key=lambda made: made[0])
    part = _publish(lake, connection, CHANGES)
    return Section(
        "publish: the run into PostgreSQL",
        ("what", "rows sent", "rows written", "wall s", "CPU s", "rows sent ÷ s", "rows sent ÷ CPU s", "÷ full"),
        [_row("full, into an empty store", full, full), _row("the same run again", again, full),
         _row("a tenth of the customers changed", part, full)],
        (
            f"Bars: full ≥ {FULL_BAR:,} rows a second, a tenth ≤ {PART_BAR} of full. CPU counts this process "
            "(DuckDB, COPY) and PostgreSQL, which work at the same time. One transaction each, row security on, "
            "statistics refreshed; into the empty store indexes are made after the rows, in that transaction. "
            f"Full and a tenth once, the same again {times} times, the best.",
            "Seconds by table, full: " + _slowest(full[3]) + ". A tenth: " + _slowest(part[3]) + ".",
        ),
    )  # fmt: skip


def publish_once(lake: BenchLake) -> None:
    """For the parts that look at pages: publish the lake's run where the store holds none yet."""
    connection = _store(lake)
    held = connection.execute("SELECT id FROM scores_run WHERE is_current").fetchone()
    if held is None:
        print(f"nothing is published yet: publishing {lake.manifest.run}", flush=True)
        _publish(lake, connection, {})


def _store(lake: BenchLake) -> psycopg.Connection[Any]:
    """The pipeline's connection to a store whose tables and policies are there."""
    from django.db import connections

    from guanxi.project.databases import migrate

    migrate()
    connections["pipeline"].ensure_connection()
    _seed(lake)
    connection: psycopg.Connection[Any] = connections["pipeline"].connection
    return connection


Made = tuple[float, float, Any, dict[str, float]]


def _row(name: str, made: Made, full: Made) -> tuple[str, ...]:
    wall, cpu, published, _ = made
    return (
        name, f"{published.arrived:,}", f"{published.written:,}", f"{wall:.1f}", f"{cpu:.1f}",
        f"{published.arrived / wall:,.0f}", f"{published.arrived / cpu:,.0f}", f"{wall / full[0]:.2f}",
    )  # fmt: skip


def _slowest(seconds: dict[str, float]) -> str:
    most = sorted(seconds.items(), key=lambda item: -item[1])[:7]
    return ", ".join(f"{name} {value:.1f}" for name, value in most)


def _seed(lake: BenchLake) -> None:
    from guanxi.crm.policies import services

    services.seed_from_bank(lake.bank.policy_payloads(), valid_from=lake.on.replace(day=1))


def _empty() -> None:
    """An empty store, the vault apart: the reading filled it."""
    from django.apps import apps
    from django.db import connections

    rooms = [apps.get_app_config(room) for room in ("customers", "scores", "catalog")]
    tables = {str(model._meta.db_table) for room in rooms for model in room.get_models()}  # noqa: SLF001  # Django's own way
    tables.discard("customers_vaultentry")
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


@contextmanager
def _source(lake: BenchLake, changes: dict[str, str]) -> Iterator[Any]:
    from guanxi.lake.engine import DuckEngine
    from guanxi.pipeline.publish.source import Source

    with DuckEngine(lake.home / "spill") as engine:
        source = Source(engine, lake.store, lake.manifest, lake.base_currency)
        for name, select in changes.items():
            kept = f"kept_{name.replace('.', '_')}"
            ((definition,),) = engine.rows(
                "SELECT sql FROM duckdb_views() WHERE schema_name = ? AND view_name = ?", name.split(".")
            )
            text = definition.partition(" AS ")[2].rstrip("; \n")
            engine.connection.execute(f"CREATE OR REPLACE VIEW {kept} AS {text}")
            engine.connection.execute(f"CREATE OR REPLACE VIEW {name} AS {select} FROM {kept}")
        yield source


def _publish(lake: BenchLake, connection: psycopg.Connection[Any], changes: dict[str, str]) -> Made:
    from guanxi.pipeline.publish import publish_run
    from guanxi.pipeline.publish.run_record import RunRecord
    from guanxi.project import clock

    record = RunRecord(connection, lake.manifest.run, lake.on, clock.now())
    watcher = Timed()
    with _source(lake, changes) as source:
        processes = [psutil.Process(), *postgres_of(lake.bank.home.parent)]
        wall, cpu = time.perf_counter(), cpu_of(processes)
        published = publish_run(
            connection, source, bank_code=lake.bank.code, bank_name=lake.bank.name, watcher=watcher
        )
        made = (time.perf_counter() - wall, cpu_of(processes) - cpu, published, watcher.seconds)
    record.close("done", clock.now())
    return made
