"""Takes what names an erased customer out of the lake (湖内删除): of every run's files, and of what arrives tonight.

Amounts, accounts and days stay under the bank's own number, as closed months and totals demand; name, birth date,
papers, numbers to reach them by, cards and what linkage compared go. Parts are otherwise never changed: a part's
recorded hash stays that of what the run read, so that later nights know what they inherit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from guanxi.lake.engine import ROW_GROUP, parquet_files

ARRIVED = "arrived"
"""Below a run's folder: what the reader made of the extract."""
_NAMING = (
    *("name", "birth_date", "village", "employer_name", "sex", "occupation", "due_diligence_on", "id_type"),
    *("renown_kind", "renown_source", "renown_on"),
)
EMPTIED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "staged.customers": (
        "customer_no",
        (*_NAMING, "id_no_token", "id_no_masked", "id_no_valid", "id_no_parts"),
    ),
    "core.party": ("party_key", (*_NAMING, "id_token", "id_masked", "id_valid")),
    "staged.accounts": ("account_no", ("card_no_token", "card_no_masked", "card_no_valid")),
    "core.account": ("account_no", ("card_token", "card_masked")),
}
"""Tables in which a row loses these columns: the column that tells whose row it is, and what is emptied."""
REMOVED: Mapping[str, str] = {
    "staged.contact_points": "customer_no",
    "core.link_key": "customer_no",
    "score.segment_fact": "party_key",
}
"""Tables in which the rows go."""
NAMES = "core.link_name"
"""Rows by name, of whoever has it: they go with the last customer of that name."""
TOKENS = (
    ("staged.customers", "customer_no", "id_no_token"),
    ("staged.contact_points", "customer_no", "value_token"),
    ("staged.accounts", "account_no", "card_no_token"),
)


@dataclass(frozen=True)
class Whom:
    """The erased: their customer numbers and their keys, merged ones too."""

    customer_nos: frozenset[str]
    party_keys: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Taken:
    """What was found of them: customer numbers, and tokens of theirs that nobody else beside them had."""

    customer_nos: frozenset[str]
    tokens: frozenset[str]


def erase_from_runs(root: Path, whom: Whom) -> Taken:
    """Take them out of every run below the lake's `root`.

    Safe to do again, also after it was cut off: each file is written beside and then put in its place.
    """
    runs = sorted(path for path in root.glob("run=*") if path.is_dir())
    found = [erase_from(part, whom) for run in runs for part in (run, run / ARRIVED)]
    return Taken(
        frozenset().union(*(one.customer_nos for one in found)),
        frozenset().union(*(one.tokens for one in found)),
    )


def erase_from(folder: Path, whom: Whom) -> Taken:
    """Take them out of the tables of one folder; nothing is written where nothing of theirs lies."""
    with duckdb.connect() as files:
        erasing = _Folder(files, folder)
        erasing.name("customer_no", whom.customer_nos)
        erasing.name("party_key", whom.party_keys)
        erasing.name("account_no", erasing.accounts())
        delivered = erasing.values("staged.customers", "customer_no", _told("customer_no"))
        tokens = erasing.tokens()
        names = erasing.values("staged.customers", "name", _told("customer_no"))
        names |= erasing.values("core.party", "name", _told("party_key"))
        for table, (key, columns) in EMPTIED.items():
            erasing.rewrite(table, key, columns)
        for table, key in REMOVED.items():
            erasing.rewrite(table, key, ())
        erasing.name("name", names)
        erasing.name("name", names - erasing.values("staged.customers", "name", _told("name")))
        erasing.rewrite(NAMES, "name", ())
    return Taken(frozenset(delivered), frozenset(tokens))


def _told(key: str) -> str:
    """The condition that a row is of somebody named under this key."""
    return f"COALESCE({key} IN (SELECT value FROM whom_{key}), FALSE)"


class _Folder:
    """The tables of one folder, and who is to go from them."""

    def __init__(self, files: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._files, self._folder = files, folder

    def name(self, key: str, values: Collection[object]) -> None:
        """Say who goes, by this key."""
        kind = "BIGINT" if key == "party_key" else "VARCHAR"
        self._files.execute(f"CREATE OR REPLACE TABLE whom_{key} (value {kind})")
        if values:
            self._files.executemany(f"INSERT INTO whom_{key} VALUES (?)", [[one] for one in values])

    def accounts(self) -> set[str]:
        """Accounts in which nobody else has a part."""
        return self.values(
            "staged.account_parties",
            "account_no",
            f"TRUE GROUP BY account_no HAVING BOOL_AND({_told('customer_no')})",
        )

    def tokens(self) -> set[str]:
        """Tokens that are theirs and of nobody else in these tables."""
        theirs = set().union(*(self.values(table, column, _told(key)) for table, key, column in TOKENS))
        self.name("token", theirs)
        others = (
            self.values(table, column, f"NOT {_told(key)} AND {column} IN (SELECT value FROM whom_token)")
            for table, key, column in TOKENS
        )
        return theirs.difference(*others)

    def values(self, table: str, column: str, told: str) -> set[str]:
        """The distinct values of a column in the rows that `told` says; none where the table does not lie here."""
        found: set[str] = set()
        for path in self._paths(table):
            rows = self._files.execute(
                f"SELECT DISTINCT {column} FROM {parquet_files([path])} WHERE {told}"
            ).fetchall()
            found |= {str(value) for (value,) in rows if value is not None}
        return found

    def rewrite(self, table: str, key: str, columns: tuple[str, ...]) -> None:
        """Empty `columns` of their rows, or take the rows out where it names none."""
        for path in self._paths(table):
            rows = parquet_files([path])
            if not self._files.execute(f"SELECT 1 FROM {rows} WHERE {_told(key)} LIMIT 1").fetchall():
                continue
            there = {one[0] for one in self._files.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()}
            emptied = ", ".join(
                f"CASE WHEN {_told(key)} THEN NULL ELSE {name} END AS {name}"
                for name in columns
                if name in there
            )
            select = f"* REPLACE ({emptied})" if emptied else "*"
            kept = "" if columns else f"WHERE NOT {_told(key)}"
            draft = path.with_suffix(".erasing")
            self._files.execute(
                f"COPY (SELECT {select} FROM {rows} {kept}) TO '{draft}' "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
            )
            draft.replace(path)

    def _paths(self, table: str) -> list[Path]:
        return sorted((self._folder / table).rglob("*.parquet"))
