"""Reads a generated bank back: where it stood after the newest night in its folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from guanxi.insight.staging.contract import BY_NAME, Kind
from guanxi.pipeline.demo.columns import MONEY, NO_DAY, RATE, SHARE
from guanxi.pipeline.demo.days import number

ARROW = {
    Kind.DAY: pa.date32(),
    Kind.MONEY: MONEY,
    Kind.RATE: RATE,
    Kind.SHARE: SHARE,
    Kind.COUNT: pa.int64(),
    Kind.FLAG: pa.bool_(),
}


@dataclass(frozen=True)
class Nights:
    """The folders of a bank's business dates, oldest first, and the newest one's manifest."""

    folder: Path
    dates: list[date]
    manifest: dict[str, Any]

    @property
    def last(self) -> date:
        """The newest business date."""
        return self.dates[-1]

    def file(self, name: str, on: date | None = None) -> Path:
        """The one file of this contract name in a night's folder."""
        return next((self.folder / (on or self.last).isoformat()).glob(f"{name}.*"))


def nights(folder: Path, before: date) -> Nights:
    """What stands in the folder before a day; raises ValueError when there is nothing to go on from."""
    found = sorted(path.parent.name for path in folder.glob("????-??-??/manifest.toml"))
    dates = [date.fromisoformat(name) for name in found if name < before.isoformat()]
    if not dates:
        raise ValueError(f"{folder}: no business date before {before}; generate the bank first")
    text = (folder / dates[-1].isoformat() / "manifest.toml").read_text(encoding="utf8")
    return Nights(folder, dates, tomllib.loads(text))


def table(of: Nights, name: str) -> pa.Table:
    """A file of the newest night with the contract's types."""
    path = of.file(name)
    if path.suffix == ".parquet":
        return pq.read_table(path)
    types = {column.name: ARROW.get(column.kind, pa.string()) for column in BY_NAME[name].columns}
    return pacsv.read_csv(
        path, convert_options=pacsv.ConvertOptions(column_types=types, strings_can_be_null=True)
    )


def fen(column: pa.ChunkedArray) -> np.ndarray:
    """A money column without empty values as whole fen."""
    whole: np.ndarray = np.concatenate(
        [
            np.frombuffer(chunk.buffers()[1], np.int64)[
                2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2
            ]
            for chunk in column.chunks
        ]
        or [np.zeros(0, np.int64)]
    )
    return whole


def day_numbers(column: pa.ChunkedArray) -> np.ndarray:
    """A date column as days since 1970, NO_DAY where empty."""
    filled = pc.fill_null(column.cast(pa.int32()), NO_DAY)
    numbers: np.ndarray = filled.to_numpy().astype(np.int64)
    return numbers


def last_balances(of: Nights, account: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(balance, transit) in fen of these accounts after the newest night; zero for those never seen."""
    balance, transit = np.zeros(len(account), np.int64), np.zeros(len(account), np.int64)
    for on in of.dates:
        rows = pads.dataset(of.file("balances", on)).to_table(filter=_recent(of, on))
        place = pc.index_in(_text(rows["account_no"]), value_set=account)
        keep = place.is_valid().to_numpy(zero_copy_only=False)
        # Rows stand by day, so the last of an account wins.
        where = pc.fill_null(place, 0).to_numpy()[keep]
        balance[where] = fen(rows["balance"])[keep]
        transit[where] = fen(rows["in_transit"])[keep]
    return balance, transit


def _recent(of: Nights, on: date) -> pc.Expression:
    """Of the first night, the full history, only what stands from its last month-end snapshot on."""
    day = number(on)
    first = day - 62 if on == of.dates[0] else day
    return pc.field("day") >= pa.scalar(first, pa.int32()).cast(pa.date32())


def _text(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return joined.cast(pa.string()) if pa.types.is_dictionary(joined.type) else joined


def month_of_postings(of: Nights, purposes: tuple[str, ...], start: date, end: date) -> pa.Table:
    """Credits of these purposes between two days in the first night's file."""
    wanted = (
        (pc.field("day") >= pa.scalar(start))
        & (pc.field("day") <= pa.scalar(end))
        & (pc.field("direction") == "credit")
        & pc.field("purpose").isin(list(purposes))
    )
    columns = ["account_no", "day", "amount", "purpose", "paid_by_no", "counter_name"]
    return pads.dataset(of.file("transactions", of.dates[0])).to_table(columns=columns, filter=wanted)
