"""Reads a bank's file as it is: any of the usual encodings, packings and separators, record by record.

Out come Arrow batches of text with the line each record begins on, and the lines that cannot be read, each with its
rule; a broken line never takes its neighbours with it. A block without quotes and without faults is split by Arrow, any
other by the slow, exact path below; both give the same records.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import zstandard
from pyarrow import parquet

from guanxi.insight.staging.mapping import Layout

LINE = "__line"
_BLOCK = 4 << 20
_ROWS = 250_000
_SAMPLE = 1 << 20
_KEPT = 4096  # bytes of an endless line that go to quarantine
_RECORD_LINES = 50
_BOM = b"\xef\xbb\xbf"
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef\x00-\x7f]+")


class ReadingError(ValueError):
    """A file that cannot be read at all. `rule` names the fault, `en` and `zh` say it."""

    def __init__(self, rule: str, en: str, zh: str) -> None:
        super().__init__(f"{en} ({zh})")
        self.rule, self.en, self.zh = rule, en, zh


@dataclass(frozen=True)
class Rejected:
    """A line that is no record: where it begins, which rule it breaks, its bytes."""

    line: int
    rule: str
    raw: bytes
    detail: str = ""


@dataclass(frozen=True)
class Batch:
    """Records of one stretch of a file, all values text (or the Parquet file's own types), and what was rejected."""

    table: pa.Table
    rejected: tuple[Rejected, ...] = ()


@dataclass
class _Split:
    """Records and rejected lines of one block, while it is taken apart."""

    lines: list[int] = field(default_factory=list)
    records: list[list[str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def batches(path: Path, layout: Layout) -> Iterator[Batch]:
    """The file's records in order; raises ReadingError when the file as a whole cannot be read."""
    if is_parquet(path):
        yield from _parquet_batches(path)
    else:
        yield from _text_batches(path, layout)


def header(path: Path, layout: Layout) -> tuple[str, ...]:
    """The names of the file's columns, from its header line or from the layout; ReadingError when there are none."""
    if is_parquet(path):
        try:
            return tuple(parquet.read_schema(path).names)
        except (pa.ArrowInvalid, OSError) as error:
            raise _broken_parquet() from error
    if layout.columns:
        return layout.columns
    text = _decoded(_header_line(path, layout), encoding_of(path, layout))
    names = _split_record(text, layout) or [] if text else []
    if layout.trailing_delimiter and names and not names[-1]:
        names.pop()
    names = [name.strip() for name in names]
    if not names:
        raise ReadingError("file.header", "the file has no header line", "文件没有表头")
    if len(set(names)) != len(names) or "" in names:
        raise ReadingError(
            "file.header", "a column name in the header is empty or stands twice", "表头中有空列名或重复列名"
        )
    return tuple(names)


def is_parquet(path: Path) -> bool:
    """Whether the file is Parquet, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def encoding_of(path: Path, layout: Layout) -> str:
    """The encoding to read with: the stated one, or for "auto" the one that reads the file's first part."""
    sample = b""
    for chunk in _chunks(path):
        sample += chunk[:_SAMPLE]
        if len(sample) >= _SAMPLE:
            break
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadingError(
            "file.encoding",
            "the file is in UTF-16; hand it over in UTF-8 or GB18030",
            "文件为 UTF-16 编码，请改用 UTF-8 或 GB18030",
        )
    stated = layout.encoding.lower().replace("utf-8-sig", "utf-8").replace("utf8", "utf-8")
    if stated != "auto":
        return {"gbk": "gb18030", "gb2312": "gb18030"}.get(stated, stated)
    whole = sample[: sample.rfind(b"\n") + 1] or sample  # a letter may be cut at the sample's end
    if _decoded(whole, "utf-8") is not None:
        return "utf-8"
    telling = [line for line in whole.split(b"\n") if not line.isascii()]
    rest = [line for line in telling if _decoded(line, "utf-8") is None]
    only_gb = sum(_decoded(line, "gb18030") is not None for line in rest)
    if len(rest) < len(telling) or only_gb:
        # Chinese in GB18030 is hardly ever valid UTF-8, while junk is often valid GB18030
        return "utf-8" if (len(telling) - len(rest)) * 10 >= only_gb else "gb18030"
    raise ReadingError(
        "file.encoding",
        "the encoding is neither UTF-8 nor GB18030",
        "无法识别文件编码（既非 UTF-8 也非 GB18030）",
    )


def _parquet_batches(path: Path) -> Iterator[Batch]:
    try:
        with parquet.ParquetFile(path) as file:
            line = 1
            for piece in file.iter_batches(batch_size=_ROWS):
                lines = pa.array(np.arange(line, line + piece.num_rows))
                line += piece.num_rows
                yield Batch(pa.Table.from_batches([piece]).append_column(LINE, lines))
            if line == 1:
                yield Batch(file.schema_arrow.empty_table().append_column(LINE, pa.array([], pa.int64())))
    except (pa.ArrowInvalid, OSError) as error:
        raise _broken_parquet() from error


def _broken_parquet() -> ReadingError:
    return ReadingError("file.broken", "the Parquet file is damaged or cut off", "Parquet 文件损坏或不完整")


def _text_batches(path: Path, layout: Layout) -> Iterator[Batch]:
    names = header(path, layout)
    splitter = _Splitter(layout, encoding_of(path, layout), names)
    skip = layout.skip_lines + (0 if layout.columns else 1)
    for first, whole, endless in _blocks(path, layout):
        line, body = first, whole
        if line == 1 and not endless:
            line, body = line + skip, [*body.split(b"\n", skip), b""][skip]
        yield splitter.endless(line, body) if endless else splitter.split(line, body)
    yield splitter.finish()


def _header_line(path: Path, layout: Layout) -> bytes:
    for line, body, endless in _blocks(path, layout):
        parts = body.split(b"\n", layout.skip_lines + 1)
        if endless or line != 1 or len(parts) <= layout.skip_lines:
            break
        return parts[layout.skip_lines].rstrip(b"\r")
    return b""


Block = tuple[int, bytes, bool]  # first line, bytes up to a line's end, whether this is one endless line


def _blocks(path: Path, layout: Layout) -> Iterator[Block]:
    """The file in stretches of whole lines. A line beyond the limit comes alone, cut short and marked."""
    line, carry, cutting, first = 1, b"", False, True
    for chunk in _chunks(path):
        data = carry + (chunk.removeprefix(_BOM) if first else chunk)
        first = False
        if cutting:
            end = data.find(b"\n")
            if end < 0:
                continue
            data, cutting, line = data[end + 1 :], False, line + 1
        end = data.rfind(b"\n")
        body, carry = data[: end + 1], data[end + 1 :]
        if body:
            yield line, body, False
            line += body.count(b"\n")
        if len(carry) > layout.line_limit:
            yield line, carry[:_KEPT], True
            carry, cutting = b"", True
    if carry:
        yield line, carry, False


def _chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes, unpacked; raises ReadingError when the packing is damaged or ends too early."""
    with path.open("rb") as probe:
        magic = probe.read(4)
    try:
        if magic == b"\x28\xb5\x2f\xfd":
            yield from _zst_chunks(path)
            return
        with gzip.open(path, "rb") if magic.startswith(b"\x1f\x8b") else path.open("rb") as stream:
            while chunk := stream.read(_BLOCK):
                yield chunk
    except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
        raise ReadingError(
            "file.broken", "the packed file is damaged or cut off", "压缩文件损坏或不完整"
        ) from error


def _zst_chunks(path: Path) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    fed = False
    with path.open("rb") as stream:
        while packed := stream.read(_BLOCK >> 2):
            while packed:
                fed = True
                yield unpacker.decompress(packed)
                packed = unpacker.unused_data if unpacker.eof else b""
                if unpacker.eof:
                    unpacker, fed = zstandard.ZstdDecompressor().decompressobj(), False
    if fed:
        raise EOFError


class _Splitter:
    """Takes blocks of one file apart; remembers a quoted record that goes on in the next block."""

    def __init__(self, layout: Layout, encoding: str, names: Sequence[str]) -> None:
        self._layout, self._encoding, self._names = layout, encoding, tuple(names)
        self._width = len(names) + int(layout.trailing_delimiter)
        self._open: tuple[int, list[bytes]] = (0, [])

    def split(self, line: int, body: bytes) -> Batch:
        """The records of a block of whole lines that begins at `line`."""
        if not self._open[1] and self._plain(body):
            quote = self._layout.quote.encode()
            quick = self._by_csv if quote and quote in body else self._by_arrow
            batch = quick(line, body)
            if batch is not None:
                return batch
        lines = body.split(b"\n")
        if not lines[-1]:
            lines.pop()
        return self._by_line(line, lines, last=False)

    def endless(self, line: int, raw: bytes) -> Batch:
        """A line beyond the limit: rejected, after whatever was still open before it."""
        before = self.finish()
        return Batch(before.table, (*before.rejected, Rejected(line, "line.too_long", raw)))

    def finish(self) -> Batch:
        """What was still open when the file ended."""
        return self._by_line(0, [], last=True)

    def _plain(self, body: bytes) -> bool:
        """Whether no line is empty, endless, or broken by a stray byte, so that lines count like records."""
        if b"\0" in body or body.startswith((b"\n", b"\r\n")):
            return False
        if b"\n\n" in body or b"\n\r\n" in body or body.count(b"\r") != body.count(b"\r\n"):
            return False
        step = self._layout.line_limit // 2
        return all(b"\n" in body[at : at + step] for at in range(0, len(body) - step, step))

    def _by_arrow(self, line: int, body: bytes) -> Batch | None:
        """Split by Arrow; None when the block holds anything that needs a closer look."""
        if self._encoding != "utf-8":
            text = self._block_text(body)
            if text is None:
                return None
            body = text.encode()
        names = [*self._names, *(["__rest"] if self._layout.trailing_delimiter else [])]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(body),
                arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(body) + 1),
                arrow_csv.ParseOptions(delimiter=self._layout.delimiter, quote_char=False),
                arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
            )
        except pa.ArrowInvalid:
            return None
        if self._layout.trailing_delimiter:
            table = table.drop_columns(["__rest"])
        lines = pa.array(np.arange(line, line + table.num_rows))
        return Batch(table.append_column(LINE, lines))

    def _by_csv(self, line: int, body: bytes) -> Batch | None:
        """Split lines with quotes; None when a record runs over lines or anything is wrong."""
        text = self._block_text(body)
        if text is None:
            return None
        lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
        quote = self._layout.quote
        if any(part.count(quote) % 2 for part in lines):
            return None
        try:
            records = list(csv.reader(lines, delimiter=self._layout.delimiter, quotechar=quote, strict=True))
        except csv.Error:
            return None
        if len(records) != len(lines) or any(len(record) != self._width for record in records):
            return None
        return self._batch(_Split(list(range(line, line + len(records))), records))

    def _block_text(self, body: bytes) -> str | None:
        """The block's text; None when a line of it is not in the file's encoding."""
        text = _decoded(body, self._encoding)
        foreign = self._encoding != "utf-8" and any(_is_foreign(part) for part in body.split(b"\n"))
        return None if foreign else text

    def _by_line(self, line: int, lines: list[bytes], *, last: bool) -> Batch:
        """Split line by line; a record whose quotes stay open waits for the next block unless this is the last."""
        first, waiting = self._open
        if waiting:
            line, lines = first, [*waiting, *lines]
        self._open = (0, [])
        split, at = _Split(), 0
        while at < len(lines):
            taken = self._take(split, line + at, lines, at, last=last)
            if not taken:
                self._open = (line + at, lines[at:])
                break
            at += taken
        return self._batch(split)

    def _take(self, split: _Split, line: int, lines: list[bytes], at: int, *, last: bool) -> int:
        """Take one record or reject one line; returns how many lines went, 0 when more must be seen first."""
        raw = lines[at]
        text, rule = self._text(raw)
        quote = self._layout.quote
        if rule:
            split.rejected.append(Rejected(line, rule, raw[:_KEPT]))
        elif text and not (quote and quote in text):
            self._keep(split, line, raw, text.split(self._layout.delimiter))
        elif text:
            return self._take_quoted(split, line, lines, at, last=last)
        return 1

    def _take_quoted(self, split: _Split, line: int, lines: list[bytes], at: int, *, last: bool) -> int:
        """A record with quotes may run over several lines; one that never closes costs only its first line."""
        joined, upto = "", at
        while upto < min(len(lines), at + _RECORD_LINES):
            text, rule = self._text(lines[upto])
            if rule:
                break
            joined = f"{joined}\n{text}" if upto > at else text
            upto += 1
            if joined.count(self._layout.quote) % 2 == 0:
                record = _split_record(joined, self._layout)
                if record is not None and (upto == at + 1 or len(record) == self._width):
                    self._keep(split, line, lines[at], record)
                    return upto - at
                break
        else:
            if upto == len(lines) and not last:
                return 0
        split.rejected.append(Rejected(line, "line.quotes", lines[at][:_KEPT]))
        return 1

    def _text(self, raw: bytes) -> tuple[str, str]:
        """A line's text, or the rule it breaks."""
        if len(raw) > self._layout.line_limit:
            return "", "line.too_long"
        if b"\0" in raw:
            return "", "line.nul"
        text = _decoded(raw.removesuffix(b"\r"), self._encoding)
        if text is None or (self._encoding != "utf-8" and _is_foreign(raw)):
            return "", "line.encoding"
        return text, ""

    def _keep(self, split: _Split, line: int, raw: bytes, record: list[str]) -> None:
        if len(record) != self._width:
            split.rejected.append(
                Rejected(line, "line.columns", raw[:_KEPT], f"{len(record)} / {self._width}")
            )
            return
        split.lines.append(line)
        split.records.append(record)

    def _batch(self, split: _Split) -> Batch:
        columns = list(zip(*split.records, strict=True)) or [()] * self._width
        arrays = {
            name: pa.array(values, pa.string()) for name, values in zip(self._names, columns, strict=False)
        }
        return Batch(pa.table({**arrays, LINE: pa.array(split.lines, pa.int64())}), tuple(split.rejected))


def _split_record(text: str, layout: Layout) -> list[str] | None:
    """The values of one record; None when its quotes are wrong or it is more than one."""
    if not layout.quote:
        return text.split(layout.delimiter)
    lines = io.StringIO(text, newline="")
    try:
        records = list(csv.reader(lines, delimiter=layout.delimiter, quotechar=layout.quote, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_foreign(raw: bytes) -> bool:
    """Whether a line of a GB18030 file is really Chinese in UTF-8: it would be read, and read wrong."""
    if raw.isascii():
        return False
    text = _decoded(raw, "utf-8")
    return text is not None and bool(_CHINESE.fullmatch(text))
