"""What publishing reads: a complete run's parts as DuckDB views, with the keys PostgreSQL gave units and people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import psycopg
import pyarrow as pa
from pypinyin import Style, pinyin

from guanxi.crm.customers.rules import grams_of
from guanxi.insight.months import RunMonth, month_of
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import Manifest, Store
from guanxi.pipeline.publish.customers import KEEPER_MOVED, KEEPERS

HISTORY_MONTHS = 25
MONTHLY_HISTORY = (
    "feature.wealth_month",
    "feature.contribution_month",
    "score.tier",
    "score.stage",
)


class Source:
    """A run's tables in one DuckDB: `core.party`, `feature.wealth_month` (last month), `past.feature_wealth_month`
    (the last 25 months), `before.…` (the run before, its last month) and `publish.unit`, `publish.staff` (key maps).
    """

    def __init__(self, engine: DuckEngine, store: Store, manifest: Manifest, base_currency: str) -> None:
        self.engine = engine
        self.manifest = manifest
        self.base_currency = base_currency
        self._store = store
        self._name_run()
        self._name_history()
        self._name_run_before()
        connection = engine.connection
        connection.execute("CREATE SCHEMA IF NOT EXISTS publish")
        # Money leaves the lake as whole fen; the product is exact because money has two decimals.
        connection.execute(
            "CREATE OR REPLACE MACRO fen(money) AS CAST(CAST(money AS DECIMAL(36,2)) * 100 AS BIGINT)"
        )

    @property
    def month(self) -> date:
        """The month of the business date."""
        return month_of(self.manifest.business_date)

    @property
    def lake(self) -> Path:
        """The folder of the lake the run stands in."""
        return self._store.root

    def has_months_of(self, run: str) -> bool:
        """Whether the months before the present one are, part for part, those of another run of the same month."""
        other = self._store.manifest(run)
        if other is None or month_of(other.business_date) != self.month:
            return False
        return all(
            self.manifest.part(name, month) == other.part(name, month)
            for name in MONTHLY_HISTORY
            for month in self.manifest.months(name)
            if month < self.month
        )

    def take_keys(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Read the keys of units and staff, published before everything that points at them."""
        for name, query in (
            ("publish.unit", "SELECT unit_no, id FROM organisation_unit"),
            ("publish.staff", "SELECT staff_no, id FROM organisation_staff"),
        ):
            rows = connection.execute(query).fetchall()
            self.engine.name_rows(name, (("no", "VARCHAR"), ("id", "BIGINT")), rows)

    def take_keepers(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Who keeps each customer from tonight: what was assigned in the system, or what the extract newly says."""
        rows = connection.execute(
            "SELECT id, keeper_id FROM customers_party WHERE keeper_id IS NOT NULL"
        ).fetchall()
        self.take("publish.keeper_now", (("party_key", "BIGINT"), ("keeper_id", "BIGINT")), rows)
        self.engine.connection.execute(KEEPERS)
        self.engine.connection.execute(KEEPER_MOVED)

    def take_names(self) -> None:
        """A sort key and the search grams of every name: lists sort, and search cuts, as the customers room says."""
        found = self.engine.rows("SELECT DISTINCT name FROM staged.customers WHERE name IS NOT NULL")
        names = [name for (name,) in found]
        self.take(
            "publish.pinyin", (("name", "VARCHAR"), ("sort_key", "VARCHAR")), _pinyin_keys(names).items()
        )
        grams = ((name, gram) for name in names for gram in grams_of(name))
        self.take("publish.gram", (("name", "VARCHAR"), ("gram", "VARCHAR")), grams)

    def take(self, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[tuple[object, ...]]) -> None:
        """A table of many rows held in memory, by way of Arrow."""
        types = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
        values = list(zip(*rows, strict=True)) or [()] * len(columns)
        held = pa.table(
            {
                column: pa.array(taken, types[kind])
                for (column, kind), taken in zip(columns, values, strict=True)
            }
        )
        connection = self.engine.connection
        connection.register("taken", held)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM taken")
        connection.unregister("taken")

    def _name_run(self) -> None:
        for name, table in TABLES.items():
            part = self.manifest.part(name, self.month if table.monthly else None)
            self.engine.name_files(name, table, self._store.paths(part))
        run_month = RunMonth(
            month=self.month,
            business_date=self.manifest.business_date,
            first=False,
            base_currency=self.base_currency,
            balance_basis="",
        )
        self.engine.connection.execute("CREATE SCHEMA IF NOT EXISTS publish")
        self.engine.name_rows(
            "publish.day",
            (("business_date", "DATE"), ("month", "DATE"), ("run", "VARCHAR"), ("base_currency", "VARCHAR")),
            [(run_month.business_date, self.month, self.manifest.run, self.base_currency)],
        )

    def _name_history(self) -> None:
        for name, table in TABLES.items():
            if name in MONTHLY_HISTORY or (table.family == "report" and table.monthly):
                months = [month for month in self.manifest.months(name) if month <= self.month]
                paths = self._paths(name, months[-HISTORY_MONTHS:])
                self.engine.name_files(f"past.{name.replace('.', '_')}", table, paths)

    def _name_run_before(self) -> None:
        before = self._store.manifest(self.manifest.previous) if self.manifest.previous else None
        for name in (
            "core.party",
            "core.party_member",
            "feature.wealth_month",
            "score.tier",
            "score.stage",
            "score.signal",
        ):
            month = month_of(before.business_date) if before and TABLES[name].monthly else None
            part = before.part(name, month) if before else None
            self.engine.connection.execute("CREATE SCHEMA IF NOT EXISTS before")
            self.engine.name_files(f"before.{name.replace('.', '_')}", TABLES[name], self._store.paths(part))

    def _paths(self, name: str, months: Iterable[date]) -> list[Path]:
        return [path for month in months for path in self._store.paths(self.manifest.part(name, month))]


def _pinyin_keys(names: Iterable[str]) -> dict[str, str]:
    """name → syllables joined by blanks; letters other than Chinese stay, in lower case. One look-up a character."""
    known: dict[str, str] = {}

    def syllable(letter: str) -> str:
        if letter not in known:
            known[letter] = pinyin(letter, style=Style.NORMAL)[0][0].lower()
        return known[letter]

    return {name: " ".join(syllable(letter) for letter in name)[:200] for name in names}
