"""Rows from the lake into PostgreSQL: a CSV stream from DuckDB through a pipe into COPY, then one MERGE.

COPY is refused on row-secured tables, so rows land in a temporary table first. The MERGE writes only rows that differ,
so that a night with few changes costs little and publishing the same run twice changes nothing.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import duckdb
import psycopg
from django.conf import settings
from psycopg import sql

_CHUNK = 1 << 18
_AHEAD = 512  # chunks read from the lake before PostgreSQL takes them: at most 128 MiB

# A SELECT, or what writes rows as CSV into a file descriptor with the cursor it is given.
Rows = str | Callable[[duckdb.DuckDBPyConnection, int], None]


@dataclass(frozen=True)
class Target:
    """A PostgreSQL table and how a published row is known again."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]  # key included; others of the table keep what they hold
    remove_missing: bool = True  # rows no longer published go away
    beside: tuple[str, ...] = ()  # columns written with a row that differs, but no difference by themselves

    @property
    def values(self) -> tuple[str, ...]:
        """Columns that are not part of the key."""
        return tuple(column for column in self.columns if column not in self.key)

    @property
    def compared(self) -> tuple[str, ...]:
        """Columns in which a row must differ to be written again."""
        return tuple(column for column in self.values if column not in self.beside)


@dataclass(frozen=True)
class Merged:
    """What one publication did to a table."""

    arrived: int
    written: int
    removed: int


class Sender:
    """Rows for several tables as CSV, read one after the other, ahead of who takes them.

    While PostgreSQL merges one table DuckDB already computes the next. Whoever takes must take in the same order;
    an error in the lake is raised to the one who takes the rows it came from. Use as a context manager.
    """

    def __init__(self, source: duckdb.DuckDBPyConnection, sends: Sequence[Rows]) -> None:
        self._cursor = source.cursor()
        self._sends = tuple(sends)
        self._taken = iter(self._sends)
        self._read: queue.Queue[bytes | BaseException | None] = queue.Queue(_AHEAD)
        self._stopped = threading.Event()
        self._reader = threading.Thread(target=self._read_ahead, name="reading-ahead")

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still runs; rows not taken are thrown away."""
        self._stopped.set()
        self._cursor.interrupt()
        while self._reader.is_alive():
            self._throw_away()
            self._reader.join(0.01)

    def take(self, rows: Rows) -> Iterator[bytes]:
        """The CSV of the next rows in chunks; ValueError when those are others than are asked for."""
        if rows != next(self._taken, None):
            raise ValueError("rows are taken in another order than they are sent")
        while (chunk := self._read.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk

    def _read_ahead(self) -> None:
        for rows in self._sends:
            if self._stopped.is_set() or not self._send(rows):
                return

    def _send(self, rows: Rows) -> bool:
        """Put one table's rows into the queue, then None; False when it failed or nobody wants them any more."""
        reading, writing = os.pipe()
        failure: list[BaseException] = []

        def produce() -> None:
            try:
                self._write(rows, writing)
            except BaseException as error:  # noqa: BLE001 - carried to the taking thread and raised there
                failure.append(error)
            finally:
                os.close(writing)

        producer = threading.Thread(target=produce)
        with os.fdopen(reading, "rb") as stream:
            producer.start()
            while not self._stopped.is_set() and (chunk := stream.read(_CHUNK)):
                self._read.put(chunk)
        producer.join()
        self._read.put(failure[0] if failure else None)
        return not failure

    def _write(self, rows: Rows, to: int) -> None:
        if isinstance(rows, str):
            self._cursor.execute(f"COPY ({rows}) TO '/dev/fd/{to}' (FORMAT csv, HEADER false)")
        else:
            rows(self._cursor, to)

    def _throw_away(self) -> None:
        try:
            while True:
                self._read.get_nowait()
        except queue.Empty:
            return


def copy_rows(
    connection: psycopg.Connection[tuple[object, ...]],
    source: duckdb.DuckDBPyConnection,
    select: str,
    into: sql.Identifier,
    columns: Sequence[str],
) -> int:
    """Stream one DuckDB SELECT into a PostgreSQL table by COPY; returns the rows that arrived.

    The SELECT gives exactly `columns`, in that order. An error on either side ends both and is raised.
    """
    with Sender(source, [select]) as sender:
        return copy_sent(connection, sender.take(select), into, columns)


def copy_sent(
    connection: psycopg.Connection[tuple[object, ...]],
    sent: Iterator[bytes],
    into: sql.Identifier,
    columns: Sequence[str],
) -> int:
    """Bring CSV rows of exactly `columns` into a PostgreSQL table by COPY; returns how many there were."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(into, _names(columns))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for chunk in sent:
                copy.write(chunk)
        return cursor.rowcount


def merge_rows(
    connection: psycopg.Connection[tuple[object, ...]],
    sent: Iterator[bytes],
    target: Target,
    *,
    first: bool = False,
) -> Merged:
    """Publish CSV rows into a target: insert new rows, update those that differ, remove those no longer there.

    `first`: the store was never published into, so an empty target is filled with its indexes made afterwards.
    """
    stage, table = sql.Identifier(f"stage_{target.table}"), sql.Identifier(target.table)
    make_stage(connection, stage, table, target.columns)
    arrived = copy_sent(connection, sent, stage, target.columns)
    if first and _is_empty(connection, table):
        return Merged(arrived, _fill(connection, stage, target) if arrived else 0, 0)
    # The MERGE's plan asks about the key alone; sampling wide rows whole would cost more than the MERGE itself.
    connection.execute(sql.SQL("ANALYZE {} ({})").format(stage, _names(target.key)))
    written = connection.execute(_merge_statement(target, stage, table)).rowcount
    return Merged(arrived, written, _remove_missing(connection, stage, target, arrived))


def merge_changes(
    connection: psycopg.Connection[tuple[object, ...]],
    changed: Iterator[bytes],
    removed: Iterator[bytes],
    target: Target,
) -> Merged:
    """Publish into a target that holds all other rows already: `changed` are whole rows, `removed` keys as CSV."""
    stage, gone = sql.Identifier(f"stage_{target.table}"), sql.Identifier(f"gone_{target.table}")
    table = sql.Identifier(target.table)
    make_stage(connection, stage, table, target.columns)
    arrived = copy_sent(connection, changed, stage, target.columns)
    connection.execute(sql.SQL("ANALYZE {} ({})").format(stage, _names(target.key)))
    written = connection.execute(_merge_statement(target, stage, table)).rowcount
    make_stage(connection, gone, table, target.key)
    if not copy_sent(connection, removed, gone, target.key):
        return Merged(arrived, written, 0)
    leaving = sql.SQL("DELETE FROM {} AS t USING {} AS s WHERE {}").format(table, gone, _same_key(target))
    return Merged(arrived, written, connection.execute(leaving).rowcount)


def _remove_missing(
    connection: psycopg.Connection[tuple[object, ...]], stage: sql.Identifier, target: Target, arrived: int
) -> int:
    """Remove what did not arrive. Every row that arrived is there by now: equal numbers mean that no other is."""
    table = sql.Identifier(target.table)
    if not target.remove_missing:
        return 0
    if connection.execute(sql.SQL("SELECT COUNT(*) FROM {}").format(table)).fetchone() == (arrived,):
        return 0
    return connection.execute(_removal_statement(target, stage, table)).rowcount


def make_stage(
    connection: psycopg.Connection[tuple[object, ...]],
    stage: sql.Identifier,
    table: sql.Identifier,
    columns: Sequence[str],
) -> None:
    """A temporary table with these columns of `table`, gone when the transaction ends."""
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            stage, _names(columns), table
        )
    )


def _is_empty(connection: psycopg.Connection[tuple[object, ...]], table: sql.Identifier) -> bool:
    return connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone() is None


def _fill(connection: psycopg.Connection[tuple[object, ...]], stage: sql.Identifier, target: Target) -> int:
    """Fill an empty table by the owner's function (scores, migration 0003); returns the rows written."""
    connection.execute(
        sql.SQL("GRANT SELECT ON {} TO {}").format(stage, sql.Identifier(settings.GUANXI_ROLES["owner"]))
    )
    filled = connection.execute(
        "SELECT staging.fill_empty(%s::regclass, %s::regclass, %s)",
        (target.table, f"pg_temp.stage_{target.table}", list(target.columns)),
    ).fetchone()
    assert filled is not None
    return int(str(filled[0]))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _same_key(target: Target) -> sql.Composable:
    pairs = (sql.SQL("t.{0} = s.{0}").format(sql.Identifier(column)) for column in target.key)
    return sql.SQL(" AND ").join(pairs)


def _merge_statement(target: Target, stage: sql.Identifier, table: sql.Identifier) -> sql.Composed:
    columns = _names(target.columns)
    fresh = sql.SQL(", ").join(sql.SQL("s.{}").format(sql.Identifier(column)) for column in target.columns)
    parts = [
        sql.SQL("MERGE INTO {} AS t USING {} AS s ON {}").format(table, stage, _same_key(target)),
        sql.SQL("WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})").format(columns, fresh),
    ]
    if target.values:
        old = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(column)) for column in target.compared)
        new = sql.SQL(", ").join(sql.SQL("s.{}").format(sql.Identifier(column)) for column in target.compared)
        sets = sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}").format(sql.Identifier(column)) for column in target.values
        )
        parts.append(
            sql.SQL("WHEN MATCHED AND ROW({}) IS DISTINCT FROM ROW({}) THEN UPDATE SET {}").format(
                old, new, sets
            )
        )
    return sql.SQL(" ").join(parts)


def _removal_statement(target: Target, stage: sql.Identifier, table: sql.Identifier) -> sql.Composed:
    return sql.SQL("DELETE FROM {} AS t WHERE NOT EXISTS (SELECT 1 FROM {} AS s WHERE {})").format(
        table, stage, _same_key(target)
    )
