"""A bench for one step or a few: tables from small rows, the step's own SQL, rows back.

Tables are made by the shapes of `guanxi.insight.tables`, so a test names only the columns it speaks of. A
step's output is cast to its declared columns and its grain is checked, as in a run. `walk` goes through months
in order and lays `prev.*` and `past.*` as a run does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Literal

import duckdb
import pyarrow as pa

from guanxi.insight.months import (
    MONTH_COLUMNS,
    REFERENCE_DAY_COLUMNS,
    RunMonth,
    month_end,
    previous_month,
    reference_days,
)
from guanxi.insight.tables import DATED_FILES, TABLES, Table
from guanxi.insight.way import Step, the_way

Row = Mapping[str, Any]
SCHEMAS = (
    "staged", "quality", "core", "feature", "score", "report", "effect", "ops", "prev", "past", "policy",
    "run", "kept",
)  # fmt: skip
ROWS_AT_ONCE = 200
DATED_BY_DAY = tuple(f"staged.{name}" for name in DATED_FILES)


@cache
def load_step(name: str) -> Step:
    """The step of this name, an SQL file or a Python function."""
    return next(step for step in the_way() if step.name == name)


class BenchEngine:
    """The face that Python steps see, over the bench's own database."""

    name: Literal["duckdb"] = "duckdb"

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def arrow(self, select: str) -> pa.Table:
        """The rows of a SELECT."""
        return self._db.sql(select).to_arrow_table()

    def splink(self) -> Any:
        """Splink's handle of the database."""
        from splink import DuckDBAPI

        return DuckDBAPI(connection=self._db)


class Bench:
    """An empty lake in memory."""

    def __init__(self) -> None:
        self.db = duckdb.connect()
        self.db.execute("SET threads = 1")
        for schema in SCHEMAS:
            self.db.execute(f"CREATE SCHEMA {schema}")

    def put(self, name: str, rows: Iterable[Row], *, under: str | None = None) -> None:
        """Make table `name` ("core.party", "prev.score_tier") from rows; columns not named are NULL."""
        shape = _shape(name)
        columns = ", ".join(f'"{column}" {kind}' for column, kind in shape.columns)
        self.db.execute(f"CREATE OR REPLACE TABLE {under or name} ({columns})")
        rows = list(rows)
        unknown = {key for row in rows for key in row} - set(shape.column_names)
        assert not unknown, f"{name} has no column {sorted(unknown)}"
        self._fill(under or name, [[row.get(column) for column in shape.column_names] for row in rows])

    def policy(self, *policies: Any) -> None:
        """Lay every `policy.*` table of these policies."""
        for policy in policies:
            for name, table in policy.tables().items():
                self.policy_table(name.removeprefix("policy."), table.columns, table.rows)

    def policy_table(
        self, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Lay one `policy.<name>` from (column, type) pairs and rows."""
        self._lay(f"policy.{name}", columns, rows)

    def _lay(self, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        declared = ", ".join(f'"{column}" {kind}' for column, kind in columns)
        self.db.execute(f"CREATE OR REPLACE TABLE {name} ({declared})")
        self._fill(name, [list(row) for row in rows])

    def _fill(self, name: str, rows: list[list[Any]]) -> None:
        for start in range(0, len(rows), ROWS_AT_ONCE):  # row by row is slow
            some = rows[start : start + ROWS_AT_ONCE]
            marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in some)
            self.db.execute(f"INSERT INTO {name} VALUES {marks}", [value for row in some for value in row])

    def month(
        self,
        month: date,
        *,
        business_date: date | None = None,
        today: date | None = None,
        first: bool = False,
        base_currency: str = "CNY",
        balance_basis: str = "daily",
    ) -> None:
        """Lay `run.month` (closed unless `business_date` falls inside) and `run.reference_day` of `today`."""
        counted = min(business_date or month_end(month), month_end(month))
        made = RunMonth(month, counted, first, base_currency, balance_basis, today or counted)
        self._lay("run.month", MONTH_COLUMNS, [made.row()])
        self._lay("run.reference_day", REFERENCE_DAY_COLUMNS, reference_days(today or counted))

    def run(self, name: str) -> list[dict[str, Any]]:
        """Run a step; its table stands afterwards for the next ones. Rows come back ordered by grain."""
        self.make(name)
        return self.rows(name)

    def make(self, name: str) -> None:
        """Run a step without looking at its rows, for banks of many."""
        step = load_step(name)
        self._lay_missing(step)
        shape = step.table
        if step.make is None:
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE made AS {step.sql}")
        else:
            self.db.execute("SELECT 1").fetchall()  # the last INSERT's answer is not waited for otherwise
            made_rows = step.make(BenchEngine(self.db))
            self.db.register("made_rows", made_rows)
            self.db.execute("CREATE OR REPLACE TEMP TABLE made AS SELECT * FROM made_rows")
        made = [row[0] for row in self.db.execute("SELECT * FROM made LIMIT 0").description]
        assert set(made) == set(shape.column_names), f"{name}: {set(made) ^ set(shape.column_names)}"
        casts = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in shape.columns)
        self.db.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT {casts} FROM made ORDER BY {', '.join(shape.grain)}"
        )
        grain = ", ".join(shape.grain)
        twice = self.db.execute(f"SELECT {grain} FROM {name} GROUP BY {grain} HAVING COUNT(*) > 1").fetchall()
        assert not twice, f"{name}: more than one row for {twice[:3]}"

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table laid or made here, in the order they stand."""
        cursor = self.db.execute(f"SELECT * FROM {name}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Hand-written SQL over the tables laid here."""
        return self.db.execute(sql).fetchall()

    def walk(
        self, steps: Sequence[str], months: Sequence[date], *, business_date: date | None = None, **said: Any
    ) -> None:
        """Run `steps` in the order given as a run does: once, then month by month, the last month's at the end.

        Staged tables that are dated by day are put whole before; each month sees its own rows only.
        """
        loaded = [load_step(name) for name in steps]
        last_day = business_date or month_end(months[-1])
        for name in DATED_BY_DAY:
            self._keep_whole(name)
        self.month(months[-1], business_date=last_day, **said)
        for step in loaded:
            if step.months == "none":
                self._lay_before(step, months[-1])
                self.run(step.name)
        for month in months:
            counted = min(last_day, month_end(month))
            self.month(month, business_date=counted, today=last_day, first=month == months[0], **said)
            for name in DATED_BY_DAY:
                self._lay_month(name, month)
            for step in loaded:
                if step.months == "each" or (step.months == "last" and month == months[-1]):
                    self._run_in(step, month)

    def _run_in(self, step: Step, month: date) -> None:
        self._lay_before(step, month)
        self.run(step.name)
        if step.table.monthly:
            self._keep(step.name, month)

    def kept(self, name: str) -> list[dict[str, Any]]:
        """All months of a monthly table after `walk`, ordered by grain."""
        shape = _shape(name)
        columns = ", ".join(f'"{column}"' for column in shape.column_names)
        cursor = self.db.execute(
            f"SELECT {columns} FROM kept.{_flat(name)} ORDER BY {', '.join(shape.grain)}"
        )
        return [dict(zip(shape.column_names, row, strict=True)) for row in cursor.fetchall()]

    def _keep_whole(self, name: str) -> None:
        if not self.has(name):
            self.put(name, [])
        self.db.execute(
            f"CREATE OR REPLACE TABLE kept.{_flat(name)} AS "
            f"SELECT *, CAST(DATE_TRUNC('month', day) AS DATE) AS _month FROM {name}"
        )

    def _lay_month(self, name: str, month: date) -> None:
        columns = ", ".join(f'"{column}"' for column in _shape(name).column_names)
        self.db.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT {columns} FROM kept.{_flat(name)} WHERE _month = ?",
            [month],
        )

    def _lay_before(self, step: Step, month: date) -> None:
        before = previous_month(month)
        for name in step.prev:
            self._lay_kept(name, f"prev.{_flat(name)}", before, before)
        first = month
        for _ in range(step.past_months - 1):
            first = previous_month(first)
        for name in step.past:
            self._lay_kept(name, f"past.{_flat(name)}", first, month)

    def _lay_kept(self, name: str, into: str, first: date, last: date) -> None:
        if not self.has(f"kept.{_flat(name)}"):
            self.put(name, [], under=into)
            return
        columns = ", ".join(f'"{column}"' for column in _shape(name).column_names)
        self.db.execute(
            f"CREATE OR REPLACE TABLE {into} AS SELECT {columns} FROM kept.{_flat(name)} WHERE _month BETWEEN ? AND ?",
            [first, last],
        )

    def _keep(self, name: str, month: date) -> None:
        into = f"kept.{_flat(name)}"
        if not self.has(into):
            self.db.execute(
                f"CREATE TABLE {into} AS SELECT *, DATE '1900-01-01' AS _month FROM {name} LIMIT 0"
            )
        self.db.execute(f"DELETE FROM {into} WHERE _month = ?", [month])
        self.db.execute(f"INSERT INTO {into} SELECT *, CAST(? AS DATE) FROM {name}", [month])

    def _lay_missing(self, step: Step) -> None:
        wanted = [(name, name) for name in step.inputs]
        wanted += [(name, f"prev.{_flat(name)}") for name in step.prev]
        wanted += [(name, f"past.{_flat(name)}") for name in step.past]
        for name, under in wanted:
            if under == "core.party_member" and not self.has(under):
                self._lay_members()
            elif not self.has(under):
                self.put(name, [], under=under)

    def _lay_members(self) -> None:
        """Unless a test says otherwise every number is a person of its own."""
        self.put("core.party_member", [])
        known = next((name for name in ("staged.customers", "core.party") if self.has(name)), None)
        if known:
            self.db.execute(
                "INSERT INTO core.party_member BY NAME SELECT customer_no, party_key AS own_key, party_key, "
                f"party_uuid, bucket, '' AS decided_by, keeper_no, 1 AS members FROM {known}"
            )

    def has(self, name: str) -> bool:
        """Whether a table of this name was laid or made."""
        schema, table = name.split(".", 1)
        found = self.db.execute(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            [schema, table],
        ).fetchone()
        return bool(found and found[0])


def _flat(name: str) -> str:
    return name.replace(".", "_")


def _shape(name: str) -> Table:
    """The shape of a table, also by its prev/past name."""
    family, noun = name.split(".", 1)
    if family in ("prev", "past"):
        family, noun = noun.split("_", 1)
    return TABLES[f"{family}.{noun}"]
