"""Reads the data map: kinds of data and, for each table, which columns are of which kind.

Classes after JR/T 0171-2020 (C1 < C2; credentials, C3, have no place to stand), levels after JR/T 0197-2020 (1 to 5),
grades after the rules on data security of banks and insurers (2024): core, important, sensitive, general.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from guanxi.insight.data_map.purposes import Purpose

CLASSES = ("", "C1", "C2")
GRADES = ("general", "sensitive", "important", "core")
WHERE = ("extracts", "lake", "store")
"""The bank's files, the tables of the lake, the tables of the operational store; one TOML file each."""
GRADE_FROM_CLASS = {"": "general", "C1": "general", "C2": "sensitive"}
LEVEL_FROM_CLASS = {"": 1, "C1": 2, "C2": 3}


class DataMapError(ValueError):
    """A data map that cannot be used; says which entry and why."""


@dataclass(frozen=True)
class Kind:
    """A kind of data: names and remarks by language, and the tags every column of it carries."""

    code: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    data_class: str
    level: int
    grade: str
    purposes: frozenset[Purpose]

    @property
    def weight(self) -> tuple[int, int, int]:
        """Class, level and grade as places, the more sensitive the higher: what derived columns may not fall below."""
        return CLASSES.index(self.data_class), self.level, GRADES.index(self.grade)


@dataclass(frozen=True)
class Entry:
    """One column. `table` is `family.noun` in the lake, `app.model` in the store, `extract.file` in the contract."""

    where: str
    table: str
    column: str
    kind: Kind

    @property
    def name(self) -> str:
        """`table.column`, unique in the map."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class DataMap:
    """The whole map: kinds by code, columns named in a table, and tables of one kind throughout (`all`)."""

    kinds: Mapping[str, Kind]
    named: Mapping[tuple[str, str], Entry]
    whole: Mapping[str, Entry]

    @property
    def tables(self) -> frozenset[str]:
        """Every table that has a row."""
        return frozenset(table for table, _ in self.named) | frozenset(self.whole)

    def entry(self, table: str, column: str) -> Entry:
        """The row of a column; KeyError with `table.column` when there is none."""
        if (table, column) in self.named:
            return self.named[table, column]
        if table in self.whole:
            of_table = self.whole[table]
            return Entry(of_table.where, table, column, of_table.kind)
        raise KeyError(f"{table}.{column}")

    def entry_of(self, table: str) -> Entry:
        """Any row of the table, for what all of them share; StopIteration when it has none."""
        return self.whole.get(table) or next(entry for entry in self.named.values() if entry.table == table)

    def gaps(self, table: str, columns: Iterable[str]) -> list[str]:
        """Columns without a row, then rows that name no column of the table, each as `table.column`."""
        there = set(columns)
        if table in self.whole:
            return []
        told = {column for of_table, column in self.named if of_table == table}
        return [f"{table}.{column}" for column in (*sorted(there - told), *sorted(told - there))]

    def entries(self, columns: Mapping[str, Iterable[str]]) -> list[Entry]:
        """The rows of these tables with these columns, in the order given."""
        return [self.entry(table, column) for table, names in columns.items() for column in names]


@cache
def data_map() -> DataMap:
    """The map that comes with Guanxi. Raises DataMapError where it contradicts itself."""
    kinds = read_kinds(_text("kinds"))
    named: dict[tuple[str, str], Entry] = {}
    whole: dict[str, Entry] = {}
    for where in WHERE:
        for entry in read_tables(where, _text(where), kinds):
            if entry.column == "*":
                whole[entry.table] = entry
            elif (entry.table, entry.column) in named:
                raise DataMapError(f"{entry.name} stands twice")
            else:
                named[entry.table, entry.column] = entry
    return DataMap(kinds, named, whole)


def read_kinds(text: str) -> dict[str, Kind]:
    """Kinds by code from TOML; raises DataMapError for an unknown tag or one too mild for the class."""
    return {code: _kind(code, said) for code, said in tomllib.loads(text).items()}


def _kind(code: str, said: Mapping[str, Any]) -> Kind:
    purposes = list(Purpose) if said["purposes"] == "all" else said["purposes"].split()
    if said["class"] not in CLASSES or said["grade"] not in GRADES or not 1 <= said["level"] <= 5:
        raise DataMapError(f"{code}: class, level or grade does not exist")
    if not set(purposes) <= set(Purpose):
        raise DataMapError(f"{code}: {' '.join(purposes)} are not all purposes")
    mild = said["level"] < LEVEL_FROM_CLASS[said["class"]] or GRADES.index(said["grade"]) < GRADES.index(
        GRADE_FROM_CLASS[said["class"]]
    )
    if mild:
        raise DataMapError(f"{code}: level or grade is lower than class {said['class']} demands")
    return Kind(
        code, said["name"], said["about"], said["class"], said["level"], said["grade"],
        frozenset(Purpose(word) for word in purposes),
    )  # fmt: skip


def read_tables(where: str, text: str, kinds: Mapping[str, Kind]) -> list[Entry]:
    """Rows of one file; a table that is all of one kind gives one row with column `*`."""
    rows = []
    for family, nouns in tomllib.loads(text).items():
        for noun, said in nouns.items():
            table = f"{family}.{noun}"
            if "all" in said and len(said) > 1:
                raise DataMapError(f"{table}: `all` stands beside kinds")
            for code, columns in said.items():
                known = said["all"] if code == "all" else code
                if known not in kinds:
                    raise DataMapError(f"{table}: there is no kind {known}")
                names = ["*"] if code == "all" else columns.split()
                rows += [Entry(where, table, column, kinds[known]) for column in names]
    return rows


def _text(name: str) -> str:
    return (files("guanxi.insight.data_map") / f"{name}.toml").read_text(encoding="utf8")
