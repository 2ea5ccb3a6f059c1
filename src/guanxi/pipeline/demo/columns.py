"""numpy arrays into Arrow columns without a Python loop over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

EPOCH = np.datetime64("1970-01-01")
NO_DAY = -(1 << 30)  # stands for an empty date in day arrays

MONEY = pa.decimal128(18, 2)
RATE = pa.decimal128(18, 8)
SHARE = pa.decimal128(9, 8)
WORD = pa.dictionary(pa.int32(), pa.string())


def digits(values: np.ndarray, width: int) -> np.ndarray:
    """Each number as `width` ASCII digits, a row of bytes."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return ((values.astype(np.int64)[:, None] // powers) % 10 + 48).astype(np.uint8)


def letters(text: str, rows: int) -> np.ndarray:
    """The same ASCII text in every row."""
    return np.broadcast_to(np.frombuffer(text.encode("ascii"), np.uint8), (rows, len(text)))


def fixed_text(*parts: np.ndarray) -> pa.Array:
    """Text of one width per row, from byte matrices laid side by side."""
    matrix = np.ascontiguousarray(np.concatenate(parts, axis=1))
    rows, width = matrix.shape
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    large = pa.LargeStringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(matrix))
    return large.cast(pa.string())


def scaled(values: np.ndarray, kind: pa.DataType, missing: np.ndarray | None = None) -> pa.Array:
    """Integers as decimals of `kind`: fen for MONEY, hundred-millionths for RATE and SHARE."""
    wide = np.empty((len(values), 2), np.int64)
    wide[:, 0] = values
    wide[:, 1] = wide[:, 0] >> 63
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(wide)])


def money(fen: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Fen as DECIMAL(18,2)."""
    return scaled(fen, MONEY, missing)


def days(values: np.ndarray) -> pa.Array:
    """Days since 1970 as dates; NO_DAY is empty."""
    values = values.astype(np.int32)
    return pa.array(values, pa.int32(), mask=values == NO_DAY).cast(pa.date32())


def words(codes: np.ndarray, vocabulary: Sequence[str] | pa.Array) -> pa.Array:
    """Codes into a vocabulary as a dictionary column; a negative code is empty."""
    codes = codes.astype(np.int32)
    known = vocabulary if isinstance(vocabulary, pa.Array) else pa.array(list(vocabulary), pa.string())
    indexes = pa.array(codes, pa.int32(), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indexes, known)


def plain(column: pa.Array) -> pa.Array:
    """A dictionary column as plain text; others as they are."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def take(values: pa.Array, indexes: np.ndarray) -> pa.Array:
    """Values by position; a negative position is empty."""
    return values.take(pa.array(indexes.astype(np.int64), pa.int64(), mask=indexes < 0))
