"""Nights of a tiny made-up bank without an operational store: what the tests of the run stand on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from guanxi.insight.policies import load_policy
from guanxi.insight.staging.mapping import read_mapping
from guanxi.lake.door import Door, MemoryVault, read_keys
from guanxi.lake.engine import DuckEngine, LakeEngine, parquet_files
from guanxi.lake.store import Manifest, Store
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.night import Night, find_extract, make_run, plan_run, read_by_run

ROOT = Path(__file__).resolve().parents[2]
DATED = ("balances", "transactions", "channel_events", "service_events")
AMOUNTS = {"balances": ("balance", "in_transit"), "transactions": ("amount", "balance_after")}


@dataclass
class Noted:
    """A watcher that notes what was made and what was kept; `after` is called with each piece's number."""

    after: Callable[[int], None] = lambda _: None
    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def begin(self, stage: str, total: int) -> None:
        pass

    def done(
        self,
        piece: str,
        month: date | None,
        rows: int,  # noqa: ARG002  # a watcher's signature
        seconds: float,  # noqa: ARG002  # the same
        *,
        resumed: bool = False,
    ) -> None:
        name = f"{piece}@{month}"
        (self.kept if resumed else self.made).append(name)
        self.after(len(self.made) + len(self.kept))


def one_thread(spill: Path) -> LakeEngine:
    """The engine of most tests: DuckDB on one core."""
    return DuckEngine(spill, threads=1)


def run_once(
    home: Path,
    extracts: Path,
    on: date,
    *,
    watcher: Noted | None = None,
    engine: Callable[[Path], LakeEngine] = one_thread,
) -> Manifest:
    """One night of the demo bank in the lake of `home`; two homes beside the same key file make the same tokens."""
    return run_bank_once("demo", home, extracts, on, watcher=watcher, engine=engine)


def run_bank_once(
    code: str,
    home: Path,
    extracts: Path,
    on: date,
    *,
    watcher: Noted | None = None,
    engine: Callable[[Path], LakeEngine] = one_thread,
) -> Manifest:
    """One night of the bank in banks/<code>."""
    bank = open_bank(ROOT / "banks" / code, home)
    keys = home.parent / "keys.json"
    bank.home.mkdir(parents=True, exist_ok=True)
    if keys.exists():
        shutil.copy2(keys, bank.home / "keys.json")
    door = Door(read_keys(bank.home, {}))
    if not keys.exists():
        shutil.copy2(bank.home / "keys.json", keys)
    night = Night(
        bank=bank,
        mapping=read_mapping(bank.mapping_file.read_text(encoding="utf8")),
        folder=find_extract(extracts, on),
        on=on,
        policies=read_by_run(
            {kind: load_policy(kind, body) for kind, body in bank.policy_payloads().items()}
        ),
        door=door,
        vault=MemoryVault(),
    )
    store = Store(bank.lake)
    with engine(bank.home / "spill") as opened:
        return make_run(night, plan_run(night, store), store, opened, watcher or Noted())


def rows_of(home: Path, manifest: Manifest, table: str, key: str) -> list[tuple[object, ...]]:
    """All rows of one part, in file order."""
    store = Store(home / "demo" / "lake")
    part = manifest.parts[table].get(key)
    if part is None:
        return []
    return duckdb.connect().execute(f"SELECT * FROM {parquet_files(store.paths(part))}").fetchall()


def differing(
    home: Path, manifest: Manifest, other_home: Path, other: Manifest, families: tuple[str, ...]
) -> list[str]:
    """Parts of these families that do not hold the same rows in the same order in both runs."""
    names = {
        (table, key)
        for side in (manifest, other)
        for table, parts in side.parts.items()
        if table.split(".")[0] in families
        for key in parts
    }
    return [
        f"{table}@{key}"
        for table, key in sorted(names)
        if bytes_of(home, manifest, table, key) != bytes_of(other_home, other, table, key)
        and rows_of(home, manifest, table, key) != rows_of(other_home, other, table, key)
    ]


def bytes_of(home: Path, manifest: Manifest, table: str, key: str) -> list[bytes]:
    """The files of one part as they are: the same bytes hold the same rows, and need not be read."""
    store = Store(home / "demo" / "lake")
    part = manifest.parts[table].get(key)
    return [path.read_bytes() for path in store.paths(part)] if part else []


def split_extract(whole: Path, into: Path, first: date, second: date) -> Path:
    """The same history delivered in two nights: all up to `first`, then the days after it up to `second`."""
    for day, keep in ((first, f"day <= DATE '{first}'"), (second, f"day > DATE '{first}'")):
        folder = into / day.isoformat()
        folder.mkdir(parents=True)
        for path in sorted(whole.iterdir()):
            if path.stem in DATED:
                duckdb.connect().execute(
                    f"COPY (SELECT * FROM '{path}' WHERE {keep}) TO '{folder / path.name}' (FORMAT parquet)"
                )
            elif path.is_file() and path.stem != "manifest":
                shutil.copy2(path, folder / path.name)
    return into


def grow_money(day: Path, times: int) -> None:
    """Make every balance and transaction of an extract so many times larger; its control totals go."""
    for name, columns in AMOUNTS.items():
        path = day / f"{name}.parquet"
        grown = ", ".join(f"CAST({column} AS DECIMAL(18,2)) * {times} AS {column}" for column in columns)
        duckdb.connect().execute(
            f"COPY (SELECT * REPLACE ({grown}) FROM '{path}') TO '{path}.new' (FORMAT parquet)"
        )
        path.with_name(path.name + ".new").rename(path)
    (day / "manifest.toml").unlink(missing_ok=True)
