"""What the input contract is made of: kinds of columns, columns, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, and with it its type in the lake."""

    TEXT = "text"  # VARCHAR
    CODE = "code"  # VARCHAR, one of `values` when those are given
    DAY = "day"  # DATE
    MONEY = "money"  # DECIMAL(18,2) in the row's currency
    RATE = "rate"  # DECIMAL(18,8): 0.0155 is 1.55 %
    SHARE = "share"  # DECIMAL(9,8), 0..1
    COUNT = "count"  # BIGINT
    FLAG = "flag"  # BOOLEAN
    PERSONAL = "personal"  # protected: enters the lake only as a keyed token and a masked form


SQL_TYPE = {
    Kind.TEXT: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.DAY: "DATE",
    Kind.MONEY: "DECIMAL(18,2)",
    Kind.RATE: "DECIMAL(18,8)",
    Kind.SHARE: "DECIMAL(9,8)",
    Kind.COUNT: "BIGINT",
    Kind.FLAG: "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """One column: `needed` means a row without it is quarantined; `default` stands for an absent or empty value."""

    name: str
    kind: Kind
    label: str  # the Chinese term
    about: str = ""
    needed: bool = False
    default: str | None = None
    values: tuple[str, ...] = ()
    of: str | None = None  # "file.column" this value must be found in (a missing one is reported)


@dataclass(frozen=True)
class ExtractFile:
    """One file: its staged table has the same name; `key` is unique after the newest line per key is kept."""

    name: str
    label: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False
    without: str = ""  # what the screens lose when the file is absent
    totals: tuple[str, ...] = field(default=())  # amount columns summed in the control totals

    def column(self, name: str) -> Column:
        """The column of this name; KeyError when the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")
