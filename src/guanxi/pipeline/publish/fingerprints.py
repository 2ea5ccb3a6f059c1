"""What the store holds already, row by row, as fingerprints: a usual night sends only the rows that differ.

A publication leaves one Parquet file a table beside the lake: each row's key and a hash of its values. The store's
current run names the publication it came from, in the same transaction, so fingerprints of another state of the store
(a restored backup, a publication that did not commit) are never taken for those of this one. Without them, in a new
month, or when the numbers of rows differ, every row is sent and compared, which is always right.
"""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from guanxi.pipeline.copying import Rows, Target
from guanxi.pipeline.publish.source import Source

FOLDER = "published"


@dataclass(frozen=True)
class Changes:
    """Two streams of CSV for a table the store holds already: rows that are new or differ, keys that are gone."""

    changed: Rows
    removed: Rows


class Fingerprints:
    """Those of the publication people see now (`known`), and those of the one being made (`token`)."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], source: Source) -> None:
        self.token = uuid.uuid4().hex
        self._connection = connection
        self._root = source.lake / FOLDER
        self._known = _known_folder(connection, source)
        self._new = self._root / self.token
        self._new.mkdir(parents=True)

    def changes(self, target: Target, select: str) -> Changes | None:
        """What to send for a target; None when every row must be sent and compared."""
        file = self._known / f"{target.table}.parquet" if self._known else None
        if file is None or not self._describes(file, target):
            return None

        def changed(cursor: duckdb.DuckDBPyConnection, to: int) -> None:
            cursor.execute(f"CREATE OR REPLACE TABLE {_told(target)} AS {_differing(target, select, file)}")
            _write(cursor, f"SELECT {_list(target.columns)} FROM {_told(target)}", to)

        def removed(cursor: duckdb.DuckDBPyConnection, to: int) -> None:
            keys = _list(target.key)
            gone = f"SELECT {keys} FROM '{file}' ANTI JOIN ({_named(target, select)}) AS now USING ({keys})"
            cursor.execute(f"CREATE OR REPLACE TABLE {_gone(target)} AS {gone}")
            # A row that stays in the store loses its fingerprint all the same: should it come back, it is compared.
            _write(cursor, f"SELECT {keys} FROM {_gone(target)} WHERE {target.remove_missing}", to)
            self._keep(
                cursor,
                target,
                f"SELECT * FROM '{file}' ANTI JOIN {_gone(target)} USING ({keys}) "
                f"ANTI JOIN {_told(target)} USING ({keys}) "
                f"UNION ALL SELECT {keys}, fingerprint FROM {_told(target)}",
            )
            cursor.execute(f"DROP TABLE {_told(target)}; DROP TABLE {_gone(target)}")

        return Changes(changed, removed)

    def whole(self, target: Target, select: str) -> Rows:
        """Every row of a target as CSV, its fingerprints kept."""

        def rows(cursor: duckdb.DuckDBPyConnection, to: int) -> None:
            _write(cursor, select, to)
            self._keep(
                cursor, target, f"SELECT {_list(target.key)}, fingerprint FROM ({_marked(target, select)})"
            )

        return rows

    def drop_others(self) -> None:
        """After the commit: only this publication's files describe the store."""
        for folder in self._root.iterdir():
            if folder != self._new:
                shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, cursor: duckdb.DuckDBPyConnection, target: Target, fingerprints: str) -> None:
        cursor.execute(f"COPY ({fingerprints}) TO '{self._new}/{target.table}.parquet' (FORMAT parquet)")

    def _describes(self, file: Path, target: Target) -> bool:
        """Whether the file can be read and has as many rows as the store's table, where rows only come from runs."""
        try:
            with duckdb.connect() as reading:
                held = reading.execute(f"SELECT COUNT(*) FROM '{file}'").fetchone()
        except duckdb.Error:
            return False
        table = sql.SQL("SELECT COUNT(*) FROM {}").format(sql.Identifier(target.table))
        return not target.remove_missing or held == self._connection.execute(table).fetchone()


def _known_folder(connection: psycopg.Connection[tuple[Any, ...]], source: Source) -> Path | None:
    """The folder of the publication the store says it holds, when its night was one of the same month."""
    shown = connection.execute(
        "SELECT manifest ->> 'publication', business_date FROM scores_run WHERE is_current"
    ).fetchone()
    if shown is None or not shown[0] or shown[1].replace(day=1) != source.month:
        return None
    return source.lake / FOLDER / str(shown[0])


def _write(cursor: duckdb.DuckDBPyConnection, select: str, to: int) -> None:
    cursor.execute(f"COPY ({select}) TO '/dev/fd/{to}' (FORMAT csv, HEADER false)")


def _list(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _told(target: Target) -> str:
    return f"publish.told_{target.table}"


def _gone(target: Target) -> str:
    return f"publish.gone_{target.table}"


def _named(target: Target, select: str) -> str:
    """The SELECT with the target's names for its columns."""
    return f"SELECT * FROM ({select}) AS given ({_list(target.columns)})"


def _marked(target: Target, select: str) -> str:
    """The rows with a hash over what makes a row differ; 64 bits, so two states of one row agree once in 10^19."""
    return f"SELECT *, HASH({_list(target.compared or target.key)}) AS fingerprint FROM ({_named(target, select)})"


def _differing(target: Target, select: str, file: Path) -> str:
    known = f"SELECT * FROM '{file}'"
    if "keeper_id" in target.columns:  # whoever was assigned since is compared whatever the fingerprint says
        known += f' ANTI JOIN publish.keeper_moved AS moved ON moved.party_key = "{target.key[0]}"'
    same = " AND ".join(f'now."{column}" = known."{column}"' for column in target.key)
    return (
        f"SELECT now.* FROM ({_marked(target, select)}) AS now "
        f"ANTI JOIN ({known}) AS known ON {same} AND now.fingerprint = known.fingerprint"
    )
