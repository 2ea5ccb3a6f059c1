"""What leaves the program (导出): each file with its purposes, each of its fields with the columns it holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from guanxi.insight.data_map.catalogue import DataMap, DataMapError, Kind, data_map
from guanxi.insight.data_map.purposes import Purpose


@dataclass(frozen=True)
class Export:
    """One file or answer: its code in the trail, the purposes it may be taken for, the kinds each field holds."""

    code: str
    purposes: tuple[Purpose, ...]
    fields: Mapping[str, tuple[Kind, ...]]
    every: Kind | None  # the kind of every field, where no customer can be told
    is_document: bool  # its fields are what it holds, not columns that are chosen

    @property
    def usual(self) -> Purpose:
        """The purpose meant where nobody chooses."""
        return self.purposes[0]

    def wrong_fields(self, columns: Iterable[str], purpose: Purpose) -> list[str]:
        """Those of the columns whose data may not be used for the purpose; of a document all it holds is asked.

        Raises DataMapError for a column that the export does not declare: what nobody classed does not leave.
        """
        asked = self.fields if self.is_document else columns
        return [
            column for column in asked if any(purpose not in kind.purposes for kind in self.kinds(column))
        ]

    def kinds(self, column: str) -> tuple[Kind, ...]:
        """The kinds of data a column holds."""
        if self.every is not None:
            return (self.every,)
        if column not in self.fields:
            raise DataMapError(f"{self.code}: the column {column} is not declared in data_map/exports.toml")
        return self.fields[column]


@cache
def exports() -> dict[str, Export]:
    """Every declared export by code."""
    text = (files("guanxi.insight.data_map") / "exports.toml").read_text(encoding="utf8")
    return read_exports(text, data_map())


def read_exports(text: str, known: DataMap) -> dict[str, Export]:
    """Exports from TOML; DataMapError for a purpose, kind or column that is not there, or a first purpose not held."""
    return {code: _export(code, said, known) for code, said in tomllib.loads(text).items()}


def _export(code: str, said: Mapping[str, Any], known: DataMap) -> Export:
    purposes = said["purposes"].split()
    if not purposes or not set(purposes) <= set(Purpose):
        raise DataMapError(f"{code}: {' '.join(purposes)} are not all purposes")
    rest = {name: value for name, value in said.items() if name not in ("purposes", "all", "holds")}
    held = {name: [name] for name in said.get("holds", "").split()}
    if bool(rest) + bool(held) + ("all" in said) != 1:
        raise DataMapError(f"{code}: say either fields, `holds` or `all`")
    if "all" in said and said["all"] not in known.kinds:
        raise DataMapError(f"{code}: there is no kind {said['all']}")
    columns = held or {name: value.split() for name, value in rest.items()}
    found = Export(
        code,
        tuple(Purpose(word) for word in purposes),
        {name: tuple(_kind(code, column, known) for column in of) for name, of in columns.items()},
        known.kinds[said["all"]] if "all" in said else None,
        bool(held),
    )
    if wrong := found.wrong_fields(found.fields, found.usual):
        raise DataMapError(f"{code}: {', '.join(wrong)} may not be used for {found.usual}")
    return found


def _kind(code: str, name: str, known: DataMap) -> Kind:
    table, _, column = name.rpartition(".")
    try:
        return known.entry(table, column).kind
    except KeyError:
        raise DataMapError(f"{code}: the data map has no {name}") from None
