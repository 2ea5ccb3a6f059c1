"""The one DuckDB file a run leaves for pages that count while somebody waits: a wide row a customer, read-only.

Rows stand sorted by unit and tier, so that a person's units are a few blocks of it. The file is made beside and swapped
by its name. Nobody reads it but through `FactsFile.read_for(reach, …)`, which puts the reach into the parsed query:
what a person may not see is not counted.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

TABLE = "fact"
KEPT = 3  # files: the current run's, the one before for readers still in it, and the next
SORTED_BY = ("unit_id", "tier_rank", "party_key")
_CALLED = (
    *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Case, exp.If, exp.Cast, exp.Coalesce, exp.And, exp.Or),
    *(exp.Grouping, exp.Exists),
)


class FactsError(RuntimeError):
    """The facts cannot be read, or may not be read so; the message says why."""


class TooLong(FactsError):
    """The question took longer than its budget and was stopped."""


@dataclass(frozen=True)
class LakeReach:
    """Whose rows count, by the keys of the published store: the whole bank, some units, or else some keepers.

    `moved`: customers whose unit or keeper changed since the file was made → whether they stand within reach now.
    """

    whole_bank: bool = False
    unit_ids: frozenset[int] = frozenset()
    keeper_ids: frozenset[int] = frozenset()
    moved: tuple[tuple[int, bool], ...] = ()

    def predicate(self) -> exp.Expr:
        """The condition on a row that says it is within reach."""
        if self.whole_bank:
            return exp.true()
        column, keys = ("unit_id", self.unit_ids) if self.unit_ids else ("keeper_id", self.keeper_ids)
        within: exp.Expr = _one_of(column, keys)
        gone = [key for key, inside in self.moved if not inside]
        come = [key for key, inside in self.moved if inside]
        if gone:
            within = exp.and_(within, exp.not_(_one_of("party_key", gone)))
        return exp.or_(within, _one_of("party_key", come)) if come else within


def _one_of(column: str, keys: Iterable[int]) -> exp.Expr:
    listed = [exp.Literal.number(int(key)) for key in sorted(keys)]
    return exp.In(this=exp.column(column), expressions=listed) if listed else exp.false()


def scoped(query: exp.Query | str, reach: LakeReach, chosen: Collection[str] = ()) -> exp.Query:
    """The query with the reach in it, wherever it names the facts; refuses any other table and any other function."""
    tree = sqlglot.parse_one(query, dialect="duckdb") if isinstance(query, str) else query.copy()
    if not isinstance(tree, exp.Query):
        raise FactsError("only a SELECT may read the facts")
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    if named & {TABLE, *chosen}:
        raise FactsError("no table of a query may take the facts' name")
    for call in tree.find_all(exp.Func):
        if not isinstance(call, _CALLED):
            raise FactsError(f"{type(call).__name__} may not be called on the facts")
    for table in list(tree.find_all(exp.Table)):
        if table.db or table.catalog or not isinstance(table.this, exp.Identifier):
            raise FactsError("only the facts may be read")
        if table.name == TABLE:
            within = exp.select("*").from_(exp.to_table(TABLE)).where(reach.predicate())
            table.replace(within.subquery(table.alias or TABLE))
        elif table.name not in named and table.name not in chosen:
            raise FactsError(f"there is no table {table.name} beside the facts")
    return tree


class FactsFile:
    """One file, open for reading only; what it reads it reads for somebody. Safe to use from several threads."""

    def __init__(self, path: Path, *, memory: str = "1GiB", threads: int = 2, seconds: float = 5.0) -> None:
        self.path = path
        self._seconds = seconds
        self._connection = duckdb.connect(
            str(path),
            read_only=True,
            config={
                "memory_limit": memory,
                "threads": threads,
                "enable_external_access": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "lock_configuration": True,
            },
        )
        self.business_date, self.run = self._connection.execute(
            "SELECT business_date, run FROM about"
        ).fetchall()[0]
        described = self._connection.execute(f"DESCRIBE {TABLE}").fetchall()
        self.columns: Mapping[str, str] = {row[0]: row[1] for row in described}

    def read_for(
        self, reach: LakeReach, query: exp.Query | str, *, chosen: Mapping[str, Sequence[int]] | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows of a query over `fact` as this reach sees it.

        `chosen`: lists of customers that the query may name as tables with one column, party_key. Raises FactsError for
        a query that reads anything else, TooLong when the budget of seconds is spent.
        """
        lists = chosen or {}
        sql = scoped(query, reach, lists).sql("duckdb")
        with self._cursor() as cursor:
            for name, keys in lists.items():
                cursor.register(name, pa.table({"party_key": pa.array(list(keys), pa.int64())}))
            return cursor.execute(sql).fetchall()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._connection.cursor()
        stop = threading.Timer(self._seconds, cursor.interrupt)
        stop.start()
        try:
            yield cursor
        except duckdb.InterruptException as stopped:
            raise TooLong(f"no answer within {self._seconds:g} s") from stopped
        finally:
            stop.cancel()
            cursor.close()

    def close(self) -> None:
        """Close the file; readers in it finish first."""
        self._connection.close()


def facts_path(lake: Path, run: str) -> Path:
    """The name of a run's file below the lake: a link to the file made last for it."""
    return lake / "interactive" / f"{run}.duckdb"


def write_facts(
    connection: duckdb.DuckDBPyConnection, select: str, path: Path, *, business_date: date, run: str
) -> int:
    """Make the file of a run from a SELECT with unit_id, tier_rank and party_key; returns its rows.

    It is made beside, and the name then leads to it. Each making is a file of its own: a process that has the one
    before open would else be given that one again. The oldest files go.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    made = _next_file(path)
    quoted = str(made).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS facts_file")
    try:
        connection.execute(
            f"CREATE TABLE facts_file.{TABLE} AS SELECT * FROM ({select}) AS made ORDER BY {', '.join(SORTED_BY)}"
        )
        connection.execute("CREATE TABLE facts_file.about (business_date DATE, run VARCHAR)")
        connection.execute("INSERT INTO facts_file.about VALUES (?, ?)", [business_date, run])
        rows = connection.execute(f"SELECT COUNT(*) FROM facts_file.{TABLE}").fetchall()[0][0]
    finally:
        connection.execute("DETACH facts_file")
    link = path.with_suffix(".link")
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    link.rename(path)
    _remove_old(made)
    return int(rows)


def _next_file(path: Path) -> Path:
    """A name not used yet for this run, also by a making that was killed."""
    made = [
        int(file.name.removeprefix(f"{path.stem}@").split(".")[0])
        for file in path.parent.glob(f"{path.stem}@*")
    ]
    return path.with_name(f"{path.stem}@{max(made, default=0) + 1}.facts")


def _remove_old(newest: Path) -> None:
    files = sorted(newest.parent.glob("*.facts"), key=lambda file: (file == newest, file.stat().st_mtime_ns))
    for old in files[:-KEPT]:
        old.unlink()
    for link in newest.parent.glob("*.duckdb"):
        if not link.exists():
            link.unlink()


_open: dict[Path, FactsFile] = {}
_opening = threading.Lock()


def open_facts(path: Path, **limits: Any) -> FactsFile | None:
    """The file a name leads to, opened once a process; None when there is none."""
    try:
        found = path.resolve(strict=True)
    except FileNotFoundError:
        return None
    with _opening:
        if found not in _open:
            # A reader may still be in an older file; its last reference closes it.
            while len(_open) >= KEPT:
                _open.pop(next(iter(_open)))
            _open[found] = FactsFile(found, **limits)
        return _open[found]
