"""What a table on the way is: its name, its grain and its columns.

A step keeps its promise when its rows have exactly these columns and types and one row per grain. Money is
DECIMAL(18,2) in the bank's base currency unless a column says otherwise; `month` is the first day of the month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

FAMILY_WORDS = (
    "raw",
    "staged",
    "quality",
    "core",
    "feature",
    "score",
    "report",
    "target",
    "ops",
    "effect",
    "policy",
)


@dataclass(frozen=True)
class Table:
    """A named table: `grain` columns are unique together and give the order rows are written in."""

    name: str
    grain: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    monthly: bool = False  # one part per month
    about: str = ""

    @property
    def family(self) -> str:
        """The word before the dot."""
        return self.name.split(".")[0]

    @property
    def noun(self) -> str:
        """The word after the dot."""
        return self.name.split(".")[1]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(name for name, _ in self.columns)


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.strip().split(" ", 1) for part in text.replace("\n", ";").split(";") if part.strip())
    short = {"money": "DECIMAL(18,2)", "key": "BIGINT", "text": "VARCHAR", "day": "DATE", "int": "INTEGER"}
    short |= {"big": "BIGINT", "bucket": "SMALLINT", "flag": "BOOLEAN", "number": "DOUBLE"}
    return tuple((name, short.get(kind, kind)) for name, kind in pairs)


def table(name: str, grain: str, columns: str, about: str, *, monthly: bool = False) -> Table:
    """A table from short words: `columns` is `name kind` parted by `;` or line ends, `grain` column names by spaces."""
    return Table(name, tuple(grain.split()), _columns(columns), monthly, about)


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns with Arrow's types, for rows that a Python step makes."""
    return pa.schema([(name, _arrow_type(kind)) for name, kind in table.columns])


def _arrow_type(kind: str) -> pa.DataType:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    if decimal:
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    return {
        "VARCHAR": pa.string(),
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "SMALLINT": pa.int16(),
        "BOOLEAN": pa.bool_(),
        "DOUBLE": pa.float64(),
        "DATE": pa.date32(),
    }[kind]
