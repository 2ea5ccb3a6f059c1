"""What is wrong with the data, kept beside it: violations in plain Parquet, quarantined lines encrypted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from pyarrow import parquet

from guanxi.lake.door import Door

VIOLATION = pa.schema(
    [
        ("extract", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("value_masked", pa.string()),
        ("detail", pa.string()),
    ]
)
QUARANTINE = pa.schema(
    [
        ("extract", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("rule", pa.string()),
        ("key_id", pa.string()),
        ("sealed", pa.binary()),
    ]
)
REFUSED, MARKED = "refused", "marked"


class Findings:
    """Collects the violations and quarantined lines of one contract file; use as a context manager."""

    def __init__(self, extract: str, into: Path, door: Door, rows_listed: int) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()  # (column, rule) → violations, complete
        self.quarantined = 0
        self._sealed = 0
        self._extract, self._door, self._limit = extract, door, rows_listed
        self._violations = _Writer(into / "quality.violations" / f"{extract}.parquet", VIOLATION)
        self._quarantine = _Writer(into / "quality.quarantine" / f"{extract}.parquet", QUARANTINE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._violations.close(keep=kind is None)
        self._quarantine.close(keep=kind is None)

    def mark(self, file: str, column: str, rule: str, severity: str, rows: pa.Table) -> None:
        """Note rows (line, value_masked, detail) that break a rule; counted all, listed up to the limit."""
        seen = self.counts[column, rule]
        self.counts[column, rule] += rows.num_rows
        listed = rows.slice(0, max(0, self._limit - seen))
        same = {"extract": self._extract, "file": file, "column": column, "rule": rule, "severity": severity}
        columns = {
            name: pa.repeat(pa.scalar(value, pa.string()), listed.num_rows) for name, value in same.items()
        }
        own = {name: listed[name] for name in ("line", "value_masked", "detail")}
        self._violations.write(pa.table({**columns, **own}).select(VIOLATION.names).cast(VIOLATION))

    def refuse_lines(self, file: str, lines: Sequence[tuple[int, str, bytes, str]]) -> None:
        """Quarantine lines that are no record: (line, rule, raw bytes, detail)."""
        for rule in dict.fromkeys(rule for _, rule, _, _ in lines):
            own = [(line, detail) for line, named, _, detail in lines if named == rule]
            self.mark(
                file,
                "",
                rule,
                REFUSED,
                marks([line for line, _ in own], details=[detail for _, detail in own]),
            )
        self._seal(file, [(line, rule, raw) for line, rule, raw, _ in lines])

    def refuse_rows(self, file: str, rule: str, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Quarantine rows that were read but may not pass: (line, the row as it was read)."""
        self._seal(
            file,
            [(line, rule, json.dumps(row, ensure_ascii=False, default=str).encode()) for line, row in rows],
        )

    @property
    def room(self) -> int:
        """How many more lines quarantine keeps; beyond that they are counted only, and the night is refused anyway."""
        return max(0, self._limit - self._sealed)

    def refuse_uncounted(self, rows: int) -> None:
        """Count refused rows that quarantine has no room for."""
        self.quarantined += rows

    def _seal(self, file: str, lines: Sequence[tuple[int, str, bytes]]) -> None:
        self.quarantined += len(lines)
        lines = lines[: self.room]
        if not lines:
            return
        self._sealed += len(lines)
        sealed = [self._door.seal_line(raw) for _, _, raw in lines]
        columns = [
            pa.array([self._extract] * len(lines), pa.string()),
            pa.array([file] * len(lines), pa.string()),
            pa.array([line for line, _, _ in lines], pa.int64()),
            pa.array([rule for _, rule, _ in lines], pa.string()),
            pa.array([self._door.key_id] * len(lines), pa.string()),
            pa.array(sealed, pa.binary()),
        ]
        self._quarantine.write(pa.table(columns, schema=QUARANTINE))


def marks(lines: Sequence[int], values: Sequence[str | None] = (), details: Sequence[str] = ()) -> pa.Table:
    """Rows for `Findings.mark`; values must already be masked."""
    return pa.table(
        {
            "line": pa.array(lines, pa.int64()),
            "value_masked": pa.array(values or [None] * len(lines), pa.string()),
            "detail": pa.array(details or [""] * len(lines), pa.string()),
        }
    )


class _Writer:
    """A Parquet file that comes into being with its first row and under its name only when it is whole."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._draft = path.with_suffix(".draft")
        self._writer: parquet.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        if not table.num_rows:
            return
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = parquet.ParquetWriter(self._draft, self._schema, compression="zstd")
        self._writer.write_table(table)

    def close(self, *, keep: bool) -> None:
        if self._writer is not None:
            self._writer.close()
        if not keep:
            self._draft.unlink(missing_ok=True)
        elif self._writer is not None:
            self._draft.rename(self._path)
        else:
            self._path.unlink(missing_ok=True)
