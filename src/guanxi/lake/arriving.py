"""One bank file on its way in: records → typed rows → protected rows, in batches that fit in memory.

Text of personal columns lives only in memory, in a DuckDB without a spill folder; what is written to disk here already
carries tokens and masked forms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from guanxi.insight.staging.contract import Column, ExtractFile, Kind, staged_columns
from guanxi.insight.staging.identifiers import Protected, birth_date_of, normalise
from guanxi.insight.staging.mapping import Layout, Lookup, Source
from guanxi.insight.staging.protection import BESIDE, PARTED, form_rule, protected_kind
from guanxi.insight.staging.statements import (
    BATCH,
    LINE,
    Fault,
    Typing,
    control_sum,
    literal,
    quoted,
    staged_select,
    typing_sql,
)
from guanxi.lake.door import Door, Shown, VaultSink
from guanxi.lake.findings import MARKED, REFUSED, Findings, marks
from guanxi.lake.reading import Batch, ReadingError, batches

RANK = "__rank"
_REMEMBERED = 300_000  # values whose token is still at hand when they come again
_IDS = (Protected.RESIDENT_ID, Protected.RESIDENT_ID_15)


@dataclass
class Counted:
    """What one reading of a bank file came to. `sums` are those its control totals ask for, over all records."""

    rows: int = 0
    staged: int = 0
    filtered: int = 0
    quarantined: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    unsummed: dict[str, int] = field(default_factory=dict)


class Told(NamedTuple):
    """What a batch learns of one personal value."""

    token: str
    masked: str
    valid: bool | None
    kind: Protected
    birth_date: date | None
    sex: str | None
    parts: str | None


def quiet_engine(threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A DuckDB that never writes to disk: where personal values stand in clear for the length of a batch."""
    connection = duckdb.connect(config={"threads": threads, "memory_limit": "2GiB"})
    connection.execute("SET temp_directory = ''")
    return connection


def batch_types(engine: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The SQL type of each column of the batch the engine holds."""
    described = engine.execute(f"DESCRIBE {BATCH}").fetchall()
    return {name: kind for name, kind, *_ in described if name != LINE}


def lookup_path(folder: Path, lookup: Lookup) -> Path:
    """The newest file of a lookup by name; ReadingError when there is none."""
    paths = sorted(folder.glob(lookup.file))
    if not paths:
        raise ReadingError(
            "file.missing", f"lookup file {lookup.file} is not there", f"缺少关联文件 {lookup.file}"
        )
    return paths[-1]


def hold_lookup(engine: duckdb.DuckDBPyConnection, lookup: Lookup, path: Path) -> None:
    """Hold a lookup file in memory for the expressions of a mapping, one row per key (the last one counts)."""
    table = pa.concat_tables(batch.table for batch in batches(path, lookup.layout))
    engine.register("lookup_arriving", table)
    names = [name for name in table.column_names if name != LINE]
    text = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in names)
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted('lookup_' + lookup.name)} AS SELECT {text} FROM lookup_arriving "
        f'QUALIFY ROW_NUMBER() OVER (PARTITION BY {quoted(lookup.key)} ORDER BY "{LINE}" DESC) = 1'
    )
    engine.unregister("lookup_arriving")


class Arrival:
    """Takes the files of one contract file in, one after the other, into parts below `folder`."""

    def __init__(
        self,
        contract: ExtractFile,
        *,
        key_source: str,
        engine: duckdb.DuckDBPyConnection,
        door: Door,
        vault: VaultSink,
        findings: Findings,
        folder: Path,
        business_date: date | None,
    ) -> None:
        self._contract, self._key_source, self._engine = contract, key_source, engine
        self._door, self._vault, self._findings = door, vault, findings
        self._folder, self._date = folder, business_date
        self._parts = 0
        self._known: dict[str, Told] = {}

    def take(self, source: Source, path: Path, layout: Layout, sums: Sequence[str] = ()) -> Counted:
        """Read one bank file; returns its counts. ReadingError when it cannot be read."""
        counted = Counted(sums=dict.fromkeys(sums, Decimal(0)), unsummed=dict.fromkeys(sums, 0))
        self._run(source, path.name, batches(path, layout), counted)
        return counted

    def take_rows(self, source: Source, name: str) -> Counted:
        """Take the rows the mapping itself holds."""
        names = list(dict.fromkeys(column for row in source.rows for column, _ in row))
        columns = {
            column: pa.array([dict(row).get(column) for row in source.rows], pa.string()) for column in names
        }
        table = pa.table({**columns, LINE: pa.array(range(1, len(source.rows) + 1), pa.int64())})
        counted = Counted()
        self._run(source, name, iter([Batch(table)]), counted)
        return counted

    def _run(self, source: Source, name: str, arriving: object, counted: Counted) -> None:
        writer: parquet.ParquetWriter | None = None
        typing: Typing | None = None
        types: dict[str, str] = {}
        self._parts += 1
        path = self._folder / f"part-{self._parts:04d}.parquet"
        try:
            for batch in arriving:  # type: ignore[attr-defined]
                self._reject(name, batch, counted)
                self._engine.register(BATCH, batch.table)
                if typing is None:
                    types = batch_types(self._engine)
                    typing = typing_sql(source, types, self._date)
                if not batch.table.num_rows:
                    continue
                self._sum(source, types, counted)
                staged = self._type(source, name, typing, batch, counted)
                if staged.num_rows:
                    staged = staged.append_column(
                        RANK, pa.repeat(pa.scalar(self._parts, pa.int32()), staged.num_rows)
                    )
                    writer = writer or parquet.ParquetWriter(path, staged.schema, compression="snappy")
                    writer.write_table(staged)
                    counted.staged += staged.num_rows
        finally:
            if writer is not None:
                writer.close()

    def _reject(self, name: str, batch: Batch, counted: Counted) -> None:
        lines = [(item.line, item.rule, item.raw, item.detail) for item in batch.rejected]
        self._findings.refuse_lines(name, lines)
        counted.rows += batch.table.num_rows + len(lines)
        counted.quarantined += len(lines)

    def _sum(self, source: Source, types: Mapping[str, str], counted: Counted) -> None:
        for column in counted.sums:
            if column in types:
                total, lost = self._engine.execute(
                    f"SELECT {control_sum(column, types, source.formats)} FROM {BATCH} AS raw"
                ).fetchall()[0]
                counted.sums[column] += total
                counted.unsummed[column] += int(lost or 0)

    def _type(self, source: Source, name: str, typing: Typing, batch: Batch, counted: Counted) -> pa.Table:
        """The batch as protected staged rows; what does not fit is marked or quarantined on the way."""
        select = staged_select(source, self._key_source, name)
        order = f'ORDER BY "{LINE}"'
        rows = self._engine.sql(
            f"SELECT {select}, missing | unreadable | beyond AS faults FROM ({typing.select}) {order}"
        ).to_arrow_table()
        counted.filtered += batch.table.num_rows - rows.num_rows
        if source.distinct or pc.max(rows["faults"]).as_py():
            self._engine.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {typing.select}")
            self._find_faults(name, typing, batch, counted)
            first = (
                f" QUALIFY ROW_NUMBER() OVER (PARTITION BY {self._key()} {order}) = 1"
                if source.distinct
                else ""
            )
            rows = self._engine.sql(
                f"SELECT {select}, 0 AS faults FROM typed WHERE NOT {typing.refused}{first} {order}"
            ).to_arrow_table()
        return self._protect(name, rows.drop_columns(["faults"]))

    def _find_faults(self, name: str, typing: Typing, batch: Batch, counted: Counted) -> None:
        missing, unreadable, beyond, refused = self._engine.execute(
            "SELECT BIT_OR(missing), BIT_OR(unreadable), BIT_OR(beyond), "
            f"SUM(CASE WHEN {typing.refused} THEN 1 ELSE 0 END) FROM typed"
        ).fetchall()[0]
        seen = {"missing": missing or 0, "unreadable": unreadable or 0, "beyond": beyond or 0}
        for fault in typing.faults:
            if seen[fault.mask] & fault.bit:
                self._mark(name, fault)
        if refused:
            kept = self._refuse(name, typing, batch)
            self._findings.refuse_uncounted(int(refused) - kept)
            counted.quarantined += int(refused)

    def _key(self) -> str:
        return ", ".join(f'"t_{column}"' for column in self._contract.key)

    def _mark(self, name: str, fault: Fault) -> None:
        personal = self._contract.column(fault.column).kind is Kind.PERSONAL
        shown = "NULL" if personal or fault.mask == "missing" else value_shown(f'"x_{fault.column}"')
        rows = self._engine.sql(
            f"SELECT \"{LINE}\" AS line, {shown} AS value_masked, '' AS detail FROM typed "
            f'WHERE ({fault.mask} & {fault.bit}) <> 0 ORDER BY "{LINE}"'
        ).to_arrow_table()
        self._findings.mark(name, fault.column, fault.rule, REFUSED if fault.refuses else MARKED, rows)

    def _refuse(self, name: str, typing: Typing, batch: Batch) -> int:
        """Put the refused rows into quarantine, as far as it has room; returns how many went in."""
        broken = " ".join(
            f"WHEN ({fault.mask} & {fault.bit}) <> 0 THEN {literal(fault.rule)}"
            for fault in typing.faults
            if fault.refuses
        )
        rows = self._engine.execute(
            f'SELECT "{LINE}", CASE {broken} END AS rule FROM typed WHERE {typing.refused} '
            f'ORDER BY "{LINE}" LIMIT {self._findings.room}'
        ).fetchall()
        at = {line: place for place, line in enumerate(batch.table[LINE].to_pylist())}
        raw = (
            batch.table.take([at[line] for line, _ in rows]).drop_columns([LINE]).to_pylist() if rows else []
        )
        for rule in dict.fromkeys(rule for _, rule in rows):
            own = [(line, record) for (line, named), record in zip(rows, raw, strict=True) if named == rule]
            self._findings.refuse_rows(name, rule, own)
        return len(rows)

    def _protect(self, name: str, rows: pa.Table) -> pa.Table:
        """Put token, masked form and validity in the place of each personal column."""
        for column in self._contract.columns:
            if column.kind is Kind.PERSONAL:
                rows = self._protect_column(name, column, rows)
        order = [staged for staged, _ in staged_columns(self._contract)]
        return rows.select(order)

    def _protect_column(self, name: str, column: Column, rows: pa.Table) -> pa.Table:
        beside = BESIDE.get((self._contract.name, column.name))
        says = pc.fill_null(rows[beside], "") if beside else pa.repeat(pa.scalar(""), rows.num_rows)
        pairs = pc.binary_join_element_wise(says, rows[column.name], "\x1f")
        coded = pa.chunked_array(pairs, pa.string()).combine_chunks().dictionary_encode()
        told = self._told(column, coded.dictionary.to_pylist())
        places = coded.indices
        masked = pa.array([item.masked for item in told], pa.string()).take(places)
        valid = pa.array([item.valid for item in told], pa.bool_()).take(places)
        self._mark_invalid(name, column, rows, told, masked, valid, places)
        if column.name == "id_no":
            rows = self._birth(name, rows, told, masked, places)
        rows = rows.drop_columns([column.name])
        tokens = pa.array([item.token for item in told], pa.string()).take(places)
        for suffix, array in (("token", tokens), ("masked", masked), ("valid", valid)):
            rows = rows.append_column(f"{column.name}_{suffix}", array)
        if self._parted(column):
            parts = pa.array([item.parts for item in told], pa.string()).take(places)
            rows = rows.append_column(f"{column.name}_parts", parts)
        return rows

    def _parted(self, column: Column) -> bool:
        return (self._contract.name, column.name) in PARTED

    def _told(self, column: Column, pairs: Sequence[str]) -> list[Told]:
        """What the lake may know of the distinct values of a batch; the vault gets each value once."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        fresh: dict[Protected, list[str]] = {}
        for pair in pairs:
            if pair not in self._known:
                beside, _, value = pair.partition("\x1f")
                fresh.setdefault(protected_kind(self._contract.name, column.name, beside, value), []).append(
                    pair
                )
        for kind, new in fresh.items():
            values = [pair.partition("\x1f")[2] for pair in new]
            shown, kept = self._door.protect(kind, values)
            self._vault.keep(kept)
            for pair, value, item in zip(new, values, shown, strict=True):
                parts = self._door.parts(kind, value) if self._parted(column) else None
                self._known[pair] = Told(*item, kind, *_person(kind, value, item), parts)
        return [self._known[pair] for pair in pairs]

    def _mark_invalid(
        self,
        name: str,
        column: Column,
        rows: pa.Table,
        told: Sequence[Told],
        masked: pa.Array,
        valid: pa.Array,
        places: pa.Array,
    ) -> None:
        wrong = pc.equal(valid, pa.scalar(False))
        if not pc.any(wrong).as_py():
            return
        at = pc.indices_nonzero(pc.fill_null(wrong, False))
        lines, values = rows["line"].take(at).to_pylist(), masked.take(at).to_pylist()
        rules = [form_rule(told[place].kind) for place in places.take(at).to_pylist()]
        for rule in dict.fromkeys(rules):
            own = [
                (line, value)
                for line, value, named in zip(lines, values, rules, strict=True)
                if named == rule
            ]
            self._findings.mark(
                name, column.name, rule, MARKED, marks([line for line, _ in own], [value for _, value in own])
            )

    def _birth(
        self, name: str, rows: pa.Table, told: Sequence[Told], masked: pa.Array, places: pa.Array
    ) -> pa.Table:
        """Compare birth date and sex with what a valid resident id says; fill them where the bank gives none."""
        said = {
            "birth_date": pa.array([item.birth_date for item in told], pa.date32()).take(places),
            "sex": pa.array([item.sex for item in told], pa.string()).take(places),
        }
        for column, values in said.items():
            differs = pc.fill_null(pc.not_equal(rows[column], values), False)
            if pc.any(differs).as_py():
                at = pc.indices_nonzero(differs)
                found = marks(rows["line"].take(at).to_pylist(), masked.take(at).to_pylist())
                self._findings.mark(name, column, f"id.{column}", MARKED, found)
            place = rows.column_names.index(column)
            rows = rows.set_column(place, column, pc.coalesce(rows[column], values))
        return rows


def _person(kind: Protected, value: str, shown: Shown) -> tuple[date | None, str | None]:
    """Birth date and sex that a valid resident id tells."""
    if kind not in _IDS or not shown.valid:
        return None, None
    normal = normalise(kind, value)
    sex = ("female", "male")[int(normal[16 if len(normal) == 18 else 14]) % 2]
    return birth_date_of(normal), sex


def value_shown(text: str, digits: int = 9) -> str:
    """A value as a violation may show it: short, and not at all when it could be a number that names a person."""
    text = f"CAST({text} AS VARCHAR)"  # Parquet keeps dates and amounts typed
    return (
        f"CASE WHEN LENGTH(REGEXP_REPLACE({text}, '[^0-9０-９]', '', 'g')) >= {digits} OR CONTAINS({text}, '@') "
        f"THEN '******' ELSE LEFT({text}, 40) END"
    )
