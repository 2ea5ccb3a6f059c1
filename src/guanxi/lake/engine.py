"""The engine of the way: names Parquet files as tables, runs one SELECT, writes one part. DuckDB here, Spark beside it.

An engine knows no step and no business: it gives SQL its tables and makes rows into files in a fixed order, so that
the same input gives the same rows in the same order. `GUANXI_ENGINE` picks one (docs/how-to/spark.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

import duckdb
import pyarrow as pa

from guanxi.insight.engine import Engine
from guanxi.insight.tables import FAMILY_WORDS, Table

SCHEMAS = (*FAMILY_WORDS, "prev", "past", "run")
ROW_GROUP = 122_880


class PromiseBroken(ValueError):
    """A step's rows are not what its table promises; says which table and what is wrong."""


def parquet_files(paths: Iterable[Path]) -> str:
    """The SQL that reads these files, and nothing but their own columns: a folder named run=… is no column."""
    quoted = ", ".join(f"'{str(path).replace(chr(39), chr(39) * 2)}'" for path in paths)
    return f"read_parquet([{quoted}], hive_partitioning = FALSE)"


class EngineMissing(RuntimeError):
    """The engine asked for cannot run here; says what is missing and what to install."""


class LakeEngine(Engine, Protocol):
    """What a run asks of an engine. Statements are in the house dialect on each of them."""

    parties_per_group: int  # customers whose rows one statement takes at a time

    @property
    def local(self) -> DuckEngine:
        """DuckDB in this process over the same files: reading extracts, publishing, sums of a handful of rows."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def name_files(
        self, name: str, table: Table, paths: Sequence[Path], *, buckets: tuple[int, int] | None = None
    ) -> None:
        """Let SQL read these files as `name`, see DuckEngine.name_files."""

    def name_rows(
        self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]
    ) -> None:
        """Let SQL read a handful of rows as `name`."""

    def write(self, select: str, table: Table, path: Path) -> int:
        """Run a SELECT and write its rows under `path`, see DuckEngine.write; `written` says which files it made."""

    def write_rows(self, rows: pa.Table, table: Table, path: Path) -> int:
        """Write rows that a Python step made, with the same promise."""

    def written(self, path: Path) -> list[Path]:
        """The files that the last write under `path` made, in the order of their rows."""

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query with a small answer."""


def _quoted(column: str) -> str:
    return f'"{column}"'


class DuckEngine:
    """One DuckDB database in memory with a spill folder; use as a context manager."""

    name: Literal["duckdb"] = "duckdb"
    # About a million customers at a time keep 17 million in 2 GiB without spill.
    parties_per_group = 1_000_000

    def __init__(
        self, spill: Path, *, memory: str = "4GiB", threads: int = 2, spill_limit: str = "8GiB"
    ) -> None:
        spill.mkdir(parents=True, exist_ok=True)
        self.connection = duckdb.connect(
            config={
                "temp_directory": str(spill),
                "memory_limit": memory,
                "threads": threads,
                "max_temp_directory_size": spill_limit,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        for schema in SCHEMAS:
            self.connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        self._named: dict[str, tuple[Any, ...]] = {}
        self._checked: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    @property
    def local(self) -> DuckEngine:
        """This engine itself: it runs in this process."""
        return self

    def name_files(
        self, name: str, table: Table, paths: Sequence[Path], *, buckets: tuple[int, int] | None = None
    ) -> None:
        """Let SQL read these Parquet files as `name` (schema.noun); no file means no rows, of the same shape.

        `buckets` (first, last) keeps only the rows of those customer buckets where the table carries them. A column
        that a part was written without, because the shape has grown since, is NULL: shapes only ever grow.
        """
        key = (tuple(paths), buckets)
        if self._named.get(name) == key:
            return
        self._named[name] = key
        if paths:
            source = self._columns_of(table, paths)
            if buckets and "bucket" in table.column_names:
                source += f" WHERE bucket BETWEEN {buckets[0]:d} AND {buckets[1]:d}"
        else:
            nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in table.columns)
            source = f"SELECT {nothing} WHERE FALSE"
        self.connection.execute(f"CREATE OR REPLACE VIEW {name} AS {source}")

    def _columns_of(self, table: Table, paths: Sequence[Path]) -> str:
        files = parquet_files(paths)
        if len(paths) > 1:  # parts of several nights: the youngest may have more columns than the oldest
            files = f"{files.removesuffix(')')}, union_by_name = TRUE)"
        held = {row[0] for row in self.connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()}
        known = (
            _quoted(column) if column in held else f"CAST(NULL AS {kind}) AS {_quoted(column)}"
            for column, kind in table.columns
        )
        return f"SELECT {', '.join(known)} FROM {files}"

    def name_rows(
        self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]
    ) -> None:
        """Let SQL read a handful of rows held in memory as `name`."""
        key = (tuple(columns), tuple(tuple(row) for row in rows))
        if self._named.get(name) == key:
            return
        self._named[name] = key
        declared = ", ".join(f'"{column}" {kind}' for column, kind in columns)
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} ({declared})")
        if rows:
            marks = ", ".join("?" for _ in columns)
            self.connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [list(row) for row in rows])

    def split_files(
        self,
        paths: Sequence[Path],
        columns: Sequence[str],
        owned: tuple[str, Sequence[Path]],
        groups: Sequence[tuple[int, int] | None],
        folder: Path,
    ) -> list[list[Path]]:
        """These columns of the files' rows by the bucket of their owner, a list of files for each range of buckets.

        `owned` is the column that names the owner, and the files that know its bucket. Rows of owners that are nobody's
        belong to no group. The files live for a month's steps, so they are pressed lightly.
        """
        key, owners = owned
        if not paths or not owners:
            return [[] for _ in groups]
        folder.mkdir(parents=True)
        parts = ", ".join(
            f"({bucket:d}, {number:d})"
            for number, group in enumerate(groups)
            if group
            for bucket in range(group[0], group[1] + 1)
        )
        wanted = ", ".join(f"held.{_quoted(column)}" for column in columns)
        self.connection.execute(
            f"COPY (SELECT {wanted}, owner.part FROM {parquet_files(paths)} AS held "
            f"JOIN (SELECT known.{_quoted(key)}, place.part FROM {parquet_files(owners)} AS known "
            f"JOIN (VALUES {parts}) AS place(bucket, part) ON place.bucket = known.bucket) AS owner "
            f"ON owner.{_quoted(key)} = held.{_quoted(key)}) "
            f"TO '{folder}' (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (part), OVERWRITE TRUE)"
        )
        return [sorted((folder / f"part={number}").glob("*.parquet")) for number in range(len(groups))]

    def write(self, select: str, table: Table, path: Path) -> int:
        """Run a SELECT and write its rows to one Parquet file, in grain order, cast to the table's types.

        Returns the number of rows. Raises PromiseBroken when columns differ or the grain is not unique; the file then
        does not stay behind.
        """
        self._check_columns(select, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        columns = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in table.columns)
        order = ", ".join(f'"{column}" ASC NULLS FIRST' for column in table.grain)
        self.connection.execute(
            f"COPY (SELECT {columns} FROM (\n{select}\n) AS made ORDER BY {order}) TO '{draft}' "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        try:
            rows = self.check_grain(table, [draft])
        except PromiseBroken:
            draft.unlink()
            raise
        draft.rename(path)
        return rows

    def write_rows(self, rows: pa.Table, table: Table, path: Path) -> int:
        """Write rows that a Python step made, with the same promise as `write`."""
        check_columns(table, rows.column_names)
        self.connection.register("made_rows", rows)
        try:
            return self.write("SELECT * FROM made_rows", table, path)
        finally:
            self.connection.unregister("made_rows")

    def written(self, path: Path) -> list[Path]:
        """The one file that `write` made."""
        return [path]

    def arrow(self, select: str) -> pa.Table:
        """The rows of a SELECT as an Arrow table."""
        return self.connection.sql(select).to_arrow_table()

    def splink(self) -> Any:
        """Splink's handle of this database; imported here because only linkage wants it."""
        from splink import DuckDBAPI

        return DuckDBAPI(connection=self.connection)

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small query."""
        return self.connection.execute(query, list(parameters)).fetchall()

    def check_grain(self, table: Table, paths: Sequence[Path]) -> int:
        """The number of rows in these files; raises PromiseBroken when two share their grain."""
        grain = ", ".join(f'"{column}"' for column in table.grain)
        rows, distinct = self.connection.execute(
            "SELECT COALESCE(SUM(n), 0), COUNT(*) "
            f"FROM (SELECT {grain}, COUNT(*) AS n FROM {parquet_files(paths)} GROUP BY {grain})"
        ).fetchall()[0]
        return counted_once(table, int(rows), int(distinct))

    def _check_columns(self, select: str, table: Table) -> None:
        """Once for each text and not for each month: what a text reads keeps its columns for as long as this lives."""
        if (table.name, select) in self._checked:
            return
        made = self.connection.execute(f"DESCRIBE {select}").fetchall()
        check_columns(table, tuple(row[0] for row in made))
        self._checked.add((table.name, select))


def check_columns(table: Table, made: Sequence[str]) -> None:
    """Raises PromiseBroken unless these are the table's columns, in whatever order."""
    if set(made) != set(table.column_names) or len(made) != len(table.columns):
        missing = sorted(set(table.column_names) - set(made))
        extra = sorted(set(made) - set(table.column_names))
        raise PromiseBroken(f"{table.name}: columns missing {missing}, not promised {extra}")


def counted_once(table: Table, rows: int, distinct: int) -> int:
    """`rows` again; raises PromiseBroken when there are fewer distinct grains."""
    if rows != distinct:
        grain = ", ".join(f'"{column}"' for column in table.grain)
        raise PromiseBroken(
            f"{table.name}: {rows - distinct} rows share their grain ({grain}) with another row"
        )
    return rows


def local_engine(spill: Path) -> DuckEngine:
    """DuckDB with the memory and threads that the environment allows it, whatever engine computes."""
    return DuckEngine(
        spill,
        memory=os.environ.get("GUANXI_LAKE_MEMORY", "4GiB"),
        threads=int(os.environ.get("GUANXI_LAKE_THREADS", str(os.cpu_count() or 2))),
    )
