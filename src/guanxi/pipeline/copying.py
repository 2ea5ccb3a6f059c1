"""Rows from the lake into PostgreSQL: a CSV stream from DuckDB through a pipe into COPY, then one MERGE.

COPY is refused on row-secured tables, so rows land in a temporary table first. The MERGE writes only rows that differ,
so that a night with few changes costs little and publishing the same run twice changes nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import psycopg
from psycopg import sql

_CHUNK = 1 << 18


@dataclass(frozen=True)
class Target:
    """A PostgreSQL table and how a published row is known again."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]  # key included; others of the table keep what they hold
    remove_missing: bool = True  # rows no longer published go away

    @property
    def values(self) -> tuple[str, ...]:
        """Columns that are not part of the key."""
        return tuple(column for column in self.columns if column not in self.key)


@dataclass(frozen=True)
class Merged:
    """What one publication did to a table."""

    arrived: int
    written: int
    removed: int


def copy_rows(
    connection: psycopg.Connection[tuple[object, ...]],
    source: duckdb.DuckDBPyConnection,
    select: str,
    into: sql.Identifier,
    columns: Sequence[str],
) -> int:
    """Stream a DuckDB SELECT into a PostgreSQL table by COPY; returns the rows that arrived.

    The SELECT gives exactly `columns`, in that order. An error on either side ends both and is raised.
    """
    reading, writing = os.pipe()
    failure: list[BaseException] = []

    def produce() -> None:
        try:
            source.cursor().execute(f"COPY ({select}) TO '/dev/fd/{writing}' (FORMAT csv, HEADER false)")
        except BaseException as error:  # noqa: BLE001 - carried to the calling thread and raised there
            failure.append(error)
        finally:
            os.close(writing)

    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(into, names)
    with connection.cursor() as cursor, os.fdopen(reading, "rb") as stream:
        producer = threading.Thread(target=produce)
        producer.start()
        with cursor.copy(statement) as copy:
            while chunk := stream.read(_CHUNK):
                copy.write(chunk)
            producer.join()
            if failure:
                raise failure[0]
        return cursor.rowcount


def merge_rows(
    connection: psycopg.Connection[tuple[object, ...]],
    source: duckdb.DuckDBPyConnection,
    select: str,
    target: Target,
) -> Merged:
    """Publish a SELECT into a target: insert new rows, update those that differ, remove those no longer there."""
    stage = sql.Identifier(f"stage_{target.table}")
    table = sql.Identifier(target.table)
    columns = _names(target.columns)
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            stage, columns, table
        )
    )
    arrived = copy_rows(connection, source, select, stage, target.columns)
    # The MERGE's plan asks about the key alone; sampling wide rows whole would cost more than the MERGE itself.
    connection.execute(sql.SQL("ANALYZE {} ({})").format(stage, _names(target.key)))
    written = connection.execute(_merge_statement(target, stage, table)).rowcount
    removed = (
        connection.execute(_removal_statement(target, stage, table)).rowcount if target.remove_missing else 0
    )
    return Merged(arrived, written, removed)


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
        old = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(column)) for column in target.values)
        new = sql.SQL(", ").join(sql.SQL("s.{}").format(sql.Identifier(column)) for column in target.values)
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
