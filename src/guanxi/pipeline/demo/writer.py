"""The extract folder: CSV for small files, Parquet for big ones, a manifest of control totals."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from guanxi.insight.staging.contract import BY_NAME, FILES
from guanxi.pipeline.demo.columns import plain

ALWAYS_PARQUET = ("balances", "transactions", "channel_events", "service_events")
OLD_FASHIONED = "contact_points"  # one file as older systems send it: GB18030, gzip, `|`


@dataclass
class Control:
    """Rows and sums of what was written to one file."""

    file: str
    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)


class _Gb18030(io.RawIOBase):
    """Takes UTF-8 bytes, keeps GB18030 in a gzip file without a time stamp."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("wb")
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._file, mtime=0, compresslevel=5)
        self._decoder = codecs.getincrementaldecoder("utf8")()

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Take UTF-8 bytes, cut anywhere."""
        self._packed.write(self._decoder.decode(bytes(data)).encode("gb18030"))
        return len(data)

    def close(self) -> None:
        """Finish the gzip file."""
        if not self.closed:
            self._packed.close()
            self._file.close()
        super().close()


class ExtractWriter:
    """Writes the contract's files piece after piece into one folder, and the manifest when closed."""

    def __init__(self, folder: Path, on: date, *, big: bool, complete: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._on, self._big, self._complete = folder, on, big, complete
        self._open: dict[str, Any] = {}
        self._sinks: list[IO[bytes] | _Gb18030] = []
        self.controls: dict[str, Control] = {}

    def write(self, name: str, table: pa.Table) -> None:
        """Append rows to a file of the contract; columns must be the contract's, in any order."""
        wanted = [column.name for column in BY_NAME[name].columns if column.name in table.column_names]
        if set(wanted) != set(table.column_names):
            raise ValueError(f"{name}: not in the contract: {sorted(set(table.column_names) - set(wanted))}")
        table = table.select(wanted)
        if name not in self._open:
            self._begin(name, table)
        elif self._kind(name) != "parquet":
            table = _plain(table)
        self._open[name].write_table(
            _plain(table) if self._kind(name) != "parquet" else _each_word_once(table)
        )
        self._count(name, table)

    def _kind(self, name: str) -> str:
        if name in ALWAYS_PARQUET:
            return "parquet"
        per_person = name not in ("units", "staff", "products", "ftp_rates", "fx_rates")
        if self._big and per_person:
            return "parquet"
        return "csv.gz" if name == OLD_FASHIONED else "csv"

    def _begin(self, name: str, table: pa.Table) -> None:
        kind = self._kind(name)
        path = self._folder / f"{name}.{kind}"
        self.controls[name] = Control(path.name)
        if kind == "parquet":
            self._open[name] = pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
            return
        sink = _Gb18030(path) if kind == "csv.gz" else path.open("wb")
        self._sinks.append(sink)
        options = pacsv.WriteOptions(delimiter="|" if kind == "csv.gz" else ",", quoting_style="needed")
        self._open[name] = pacsv.CSVWriter(sink, _plain(table).schema, write_options=options)

    def _count(self, name: str, table: pa.Table) -> None:
        control = self.controls[name]
        control.rows += table.num_rows
        for column in BY_NAME[name].totals:
            if column in table.column_names:
                summed = pc.sum(table.column(column).cast(pa.decimal128(38, 2))).as_py()
                control.totals[column] = control.totals.get(column, Decimal(0)) + (summed or Decimal(0))

    def close(self) -> None:
        """Finish every file and write `manifest.toml` last."""
        for writer in self._open.values():
            writer.close()
        for sink in self._sinks:
            sink.close()
        lines = [
            "# Control totals of one business date: rows, and the sum of each amount column in original currencies.",
            f"business_date = {self._on.isoformat()}",
            f'content = "{"full" if self._complete else "delta"}"',
        ]
        for file in FILES:
            if file.name in self.controls:
                lines += self._said(self.controls[file.name])
        (self._folder / "manifest.toml").write_text("\n".join(lines) + "\n", encoding="utf8")

    def _said(self, control: Control) -> list[str]:
        name = f'files."{control.file}"'
        with (self._folder / control.file).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        lines = ["", f"[{name}]", f"rows = {control.rows}", f'sha256 = "{digest}"']
        if control.totals:
            lines += [
                f"[{name}.sums]",
                *(f'{column} = "{total}"' for column, total in control.totals.items()),
            ]
        return lines


def _plain(table: pa.Table) -> pa.Table:
    columns = {
        name: pa.chunked_array(
            [plain(chunk) for chunk in table.column(name).chunks] or [pa.array([], pa.string())]
        )
        for name in table.column_names
    }
    return pa.table(columns)


def _each_word_once(table: pa.Table) -> pa.Table:
    """The same rows with dictionaries that hold no word twice.

    Arrow's Parquet writer gives up on a dictionary with repeated words half-way and leaves bytes of unset memory in the
    page: the rows are right, but the file's bytes differ from run to run.
    """
    columns = {
        name: pa.chunked_array([_once(chunk) for chunk in column.chunks], column.type)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns)


def _once(chunk: pa.Array) -> pa.Array:
    if not pa.types.is_dictionary(chunk.type):
        return chunk
    known = chunk.dictionary.unique()
    if len(known) == len(chunk.dictionary):
        return chunk
    place = pc.index_in(chunk.dictionary, value_set=known)
    return pa.DictionaryArray.from_arrays(place.take(chunk.indices), known)


class TruthWriter:
    """What was planted, as Parquet files apart from the extract."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._open: dict[str, pq.ParquetWriter] = {}

    def write(self, name: str, table: pa.Table) -> None:
        """Append rows to a truth file."""
        table = _plain(table)
        if name not in self._open:
            self._open[name] = pq.ParquetWriter(
                self._folder / f"{name}.parquet", table.schema, compression="zstd"
            )
        self._open[name].write_table(table)

    def close(self) -> None:
        """Finish every file."""
        for writer in self._open.values():
            writer.close()
