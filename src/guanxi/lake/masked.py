"""The file analysts ask (去标识化数据): a run's published views without identities, in one DuckDB file of its own.

What must not be found is not in the file: neither keys nor numbers nor days, and no way back from a pseudonym. So the
process that runs a question needs no access to the lake, and nothing it reads can lead there. Rows stand in the order
of their pseudonyms, so that a row's place in the file says nothing either.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from guanxi.insight.months import month_of
from guanxi.insight.tables import TABLES
from guanxi.insight.workbench.views import AGE_FROM, KNOWN, LEVELS, PARTY, Column, How, View, views
from guanxi.lake.store import Manifest, Store

KEPT = 2  # files: the one asked now and the one before, for questions still running
_LABEL = b"workbench"
_MEMORY, _THREADS = "2GiB", 2  # it is made beside the working day; what does not fit is spilled


@dataclass(frozen=True)
class Made:
    """A file as its label says: of which run and day, with which `k`, how many rows, in how many bytes."""

    run: str
    business_date: date
    smallest_group: int
    rows: int
    bytes: int
    file: Path


def folder_of(lake: Path) -> Path:
    """Where the files are below a bank's lake."""
    return lake / "masked"


def newest(lake: Path, run: str | None = None) -> Made | None:
    """The file made last (of this run); None when there is none."""
    found = [_read_label(path) for path in folder_of(lake).glob("*.json")]
    fitting = [one for one in found if one.file.exists() and run in (None, one.run)]
    return max(fitting, key=lambda one: one.file.stat().st_mtime_ns, default=None)


def _read_label(path: Path) -> Made:
    body = json.loads(path.read_text(encoding="utf8"))
    body |= {
        "business_date": date.fromisoformat(body["business_date"]),
        "file": path.with_suffix(".duckdb"),
    }
    return Made(**body)


def pseudonym_key(token_key: bytes) -> bytes:
    """The secret of a bank's pseudonyms, from its token key: nobody who has not the key file can make one."""
    return hmac.new(token_key, _LABEL, hashlib.sha256).digest()


def pseudonym(key: bytes, kind: str, value: object) -> int:
    """62 bits of a keyed hash over the kind and the value: the same in all views, another under another key."""
    digest = hmac.digest(key, f"{kind}:{value}".encode(), "sha256")
    return int.from_bytes(digest[:8]) >> 2


def write_masked(store: Store, manifest: Manifest, *, key: bytes, k: int) -> Made:
    """Make the file of a run: written beside and renamed, its label last; older files go."""
    folder = folder_of(store.root)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{manifest.run}-k{k}.duckdb"
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with duckdb.connect(str(draft), config={"memory_limit": _MEMORY, "threads": _THREADS}) as connection:
        rows = _fill(connection, store, manifest, key, k)
    draft.replace(path)
    made = Made(manifest.run, manifest.business_date, k, rows, path.stat().st_size, path)
    label = {**asdict(made), "business_date": made.business_date.isoformat(), "file": path.name}
    path.with_suffix(".json").write_text(json.dumps(label), encoding="utf8")
    _remove_old(folder)
    return made


def write_parquet(made: Made, folder: Path) -> list[Path]:
    """The same views as Parquet files, for a notebook; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with duckdb.connect(str(made.file), read_only=True) as connection:
        for view in views().values():
            path = folder / f"{view.name}.parquet"
            connection.execute(f"COPY {view.name} TO {_text(str(path))} (FORMAT parquet)")
            written.append(path)
    return written


def _remove_old(folder: Path) -> None:
    files = sorted(folder.glob("*.duckdb"), key=lambda file: file.stat().st_mtime_ns)
    for old in files[:-KEPT]:
        old.with_suffix(".json").unlink(missing_ok=True)
        old.unlink()


def _fill(connection: duckdb.DuckDBPyConnection, store: Store, manifest: Manifest, key: bytes, k: int) -> int:
    sources = _Sources(store, manifest)
    _name_customers(connection, sources, key)
    for schema in sorted({view.schema for view in views().values()}):
        connection.execute(f"CREATE SCHEMA {schema}")
    _place(connection, sources, k)
    rows = 0
    for view in views().values():
        select = _PARTY_SELECT if view.name == PARTY else _select(view, sources, k)
        order = ", ".join(str(number + 1) for number in range(min(3, len(view.columns))))
        connection.execute(f"CREATE TABLE {view.name} AS SELECT * FROM ({select}) AS made ORDER BY {order}")
        rows += connection.execute(f"SELECT COUNT(*) FROM {view.name}").fetchall()[0][0]
    return int(rows)


class _Sources:
    """What a run's tables are read from, as SQL; a table that the run did not make has no rows."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self._store, self._manifest = store, manifest

    def of(self, name: str, month: date | None = None) -> str:
        """The rows of a table, of one month or of all."""
        parts = self._manifest.parts.get(name, {})
        wanted = [part for at, part in parts.items() if month is None or at == month.isoformat()]
        paths = [path for part in wanted for path in self._store.paths(part)]
        if not paths:
            columns = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in TABLES[name].columns)
            return f"(SELECT {columns} WHERE false)"
        listed = ", ".join(_text(str(path)) for path in paths)
        return f"read_parquet([{listed}], union_by_name => true)"

    def ages(self) -> str:
        """Age bands in the month of the business date."""
        return self.of(AGE_FROM[0], month_of(self._manifest.business_date))


def _name_customers(connection: duckdb.DuckDBPyConnection, sources: _Sources, key: bytes) -> None:
    """Temporary tables from keys and numbers to pseudonyms; they never reach the file.

    Customers under a restriction get none, so that no view has a row of theirs.
    """
    restricted = f"SELECT party_key FROM {sources.of('ops.restriction')}"
    parties = _column(
        connection, f"SELECT party_key FROM {sources.of(PARTY)} WHERE party_key NOT IN ({restricted})"
    )
    accounts = _column(connection, f"SELECT account_no FROM {sources.of('core.account')}")
    for kind, values, type_ in (("party", parties, pa.int64()), ("account", accounts, pa.string())):
        named = pa.table(
            {
                "own": pa.array(values, type_),
                "alias": pa.array([pseudonym(key, kind, value) for value in values], pa.int64()),
            }
        )
        connection.register("named", named)
        connection.execute(f"CREATE TEMP TABLE of_{kind} AS SELECT * FROM named")
        connection.unregister("named")
    members = f"SELECT customer_no AS own, party_key FROM {sources.of('core.party_member')}"
    alone = f"SELECT customer_no AS own, party_key FROM {sources.of(PARTY)}"
    connection.execute(
        f"CREATE TEMP TABLE of_number AS SELECT own, MIN(alias) AS alias FROM ({members} UNION {alone}) AS told "
        "JOIN (SELECT own AS party_key, alias FROM of_party) AS named USING (party_key) GROUP BY own"
    )


def _column(connection: duckdb.DuckDBPyConnection, select: str) -> list[object]:
    return [row[0] for row in connection.execute(select).fetchall()]


_PARTY_SELECT = (
    "SELECT "
    + ", ".join(
        {"party_key": "alias AS party_key", "professional": "professional"}.get(column.name, column.name)
        for column in views()[PARTY].columns
    )
    + " FROM placed"
)


def _place(connection: duckdb.DuckDBPyConnection, sources: _Sources, k: int) -> None:
    """Customers with what others may know of them, coarsened until k share it (LEVELS); the last may be fewer."""
    others = [column.name for column in views()[PARTY].columns if column.name not in ("party_key", *KNOWN)]
    known = {"age_band": "ages.age_band", "since_year": "CAST(EXTRACT(YEAR FROM told.since) AS INTEGER)"}
    columns = ", ".join(f"{known.get(name, f'told.{name}')} AS {name}" for name in (*KNOWN, *others))
    connection.execute(
        f"CREATE TEMP TABLE rest AS SELECT named.alias, {columns} FROM {sources.of(PARTY)} AS told "
        f"JOIN of_party AS named ON named.own = told.party_key "
        f"LEFT JOIN {sources.ages()} AS ages ON ages.party_key = told.party_key"
    )
    connection.execute("CREATE TEMP TABLE placed AS SELECT * FROM rest WHERE false")
    for level in LEVELS:
        shown = ", ".join(name if name in level else f"NULL AS {name}" for name in KNOWN)
        shared = f"QUALIFY COUNT(*) OVER (PARTITION BY {', '.join(level)}) >= {int(k)}" if level else ""
        connection.execute(
            f"INSERT INTO placed SELECT alias, {shown}, {', '.join(others)} FROM rest {shared}"
        )
        connection.execute("DELETE FROM rest WHERE alias IN (SELECT alias FROM placed)")


def _select(view: View, sources: _Sources, k: int) -> str:
    """One view's rows as SQL over the run's files."""
    joins: list[str] = []
    shown = []
    for column in view.columns:
        if column.how is How.PARTY:
            join, name = _party_join(column)
            joins += join
            shown.append(f"{name} AS party_key")
        elif column.how is How.ACCOUNT:
            joins.append("JOIN of_account AS account ON account.own = told.account_no")
            shown.append("account.alias AS account_no")
        else:
            shown.append(f"{_shown(column, k)} AS {column.name}")
    joins = [join.format(accounts=sources.of("core.account")) for join in joins]
    few = f" WHERE told.{view.counts} >= {int(k)}" if view.counts else ""
    return f"SELECT {', '.join(shown)} FROM {sources.of(view.name)} AS told {' '.join(joins)}{few}"


def _party_join(column: Column) -> tuple[Iterable[str], str]:
    if column.source == "customer_no":
        return ["JOIN of_number AS party ON party.own = told.customer_no"], "party.alias"
    if column.source == "":  # an account's rows: by its holder
        holder = "JOIN {accounts} AS holder ON holder.account_no = told.account_no"
        return [holder, "JOIN of_party AS party ON party.own = holder.party_key"], "party.alias"
    return ["JOIN of_party AS party ON party.own = told.party_key"], "party.alias"


def _shown(column: Column, k: int) -> str:
    name = f"told.{column.source}"
    if column.how is How.MONTH:
        return f"CAST(DATE_TRUNC('month', {name}) AS DATE)"
    if column.how is How.FEW:
        return f"CASE WHEN {name} = 0 OR {name} >= {int(k)} THEN {name} END"
    return name


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
