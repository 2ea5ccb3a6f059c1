"""A policy's form as it is drawn and read back: entries, tables, groups; each entry says what is wrong with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.policies import words

# Chosen elsewhere, nobody types them: with the screens' tier colours, and on the page of the segment.
HIDDEN = {"colour", "segment"}
HUNDRED = Decimal(100)
_BETWEEN = re.compile(r"[、，,;；\n]+")


@dataclass
class Leaf:
    """One entry. `kind`: text, whole, wholes, number, share, flag, choice, choices, codes; `texts`: the box."""

    path: str
    name: str
    label: str
    kind: str
    unit: str = ""
    optional: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)
    texts: Sequence[str] = ()
    error: str = ""
    named: str = ""  # what a code stands for that another table of the policy names

    @property
    def text(self) -> str:
        """The text of a single box."""
        return self.texts[0] if self.texts else ""

    @property
    def hidden(self) -> bool:
        """Whether it travels along without a box."""
        return self.name in HIDDEN

    def shown(self) -> str:
        """The entry as one reads it: codes in words, a flag as yes or no."""
        named = dict(self.choices)
        if self.kind == "flag":
            return _("yes") if self.text else _("no")
        if self.kind in ("choice", "choices"):
            return words.joined(named.get(text, text) for text in self.texts if text)
        return self.named or (f"{self.text} {self.unit}".strip() if self.text else "")

    def read(self) -> Any:
        """The value for the payload; None when it may be empty and is. Sets `error` when it cannot be read."""
        try:
            return self._read()
        except ValueError as error:
            self.error = str(error)
            return None

    def _read(self) -> Any:
        text = self.text.strip()
        if self.kind == "choices":
            return [code for code, _label in self.choices if code in self.texts]
        if self.kind == "codes":
            return _parts(text)
        if self.kind == "wholes":
            return [_whole(part) for part in _parts(text)]
        return bool(text) if self.kind == "flag" else self._read_plain(text)

    def _read_plain(self, text: str) -> Any:
        if not text:
            if self.optional:
                return None
            raise ValueError(_("Fill this in."))
        if self.kind == "whole":
            return _whole(text)
        if self.kind in ("number", "share"):
            number = _number(text)
            return f"{(number / HUNDRED if self.kind == 'share' else number).normalize():f}"
        return text


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _whole(text: str) -> int:
    number = _number(text)
    if number != number.to_integral_value():
        raise ValueError(_("A whole number, please."))
    return int(number)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").replace("，", "").replace("%", "").strip())
    except InvalidOperation as error:
        raise ValueError(_("“%(text)s” is no number.") % {"text": text}) from error
    if not number.is_finite():
        raise ValueError(_("“%(text)s” is no number.") % {"text": text})
    return number


@dataclass
class Row:
    """One line of a table."""

    number: int
    leaves: list[Leaf]

    @property
    def name(self) -> str:
        """What tells this line from the others: what it is about and its own name, else its first codes in words."""
        about = [leaf.named for leaf in self.leaves if leaf.named]
        own = next((leaf.shown() for leaf in self.leaves if leaf.name in (words.label(), "name")), "")
        if about or own:
            return " · ".join((*about, *([own] if own else [])))
        return " ".join(leaf.shown() for leaf in self.leaves[:2] if leaf.kind in ("choice", "text"))


@dataclass
class Table:
    """A list of like things, each a line."""

    path: str
    name: str
    label: str
    columns: list[Leaf]
    rows: list[Row]


@dataclass
class Group:
    """Entries and tables that belong together. `shape`: part (a table of entries), map (by code), many (a list)."""

    path: str
    name: str
    label: str
    shape: str = "part"
    leaves: list[Leaf] = field(default_factory=list)
    groups: list["Group"] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def every_leaf(self) -> Iterator[Leaf]:
        """All entries, those of tables and inner groups too."""
        yield from self.leaves
        for table in self.tables:
            for row in table.rows:
                yield from row.leaves
        for group in self.groups:
            yield from group.every_leaf()

    def payload(self) -> Any:
        """What these entries say as a payload; entries that cannot be read say why and are left out."""
        if self.shape == "many":
            return [group.payload() for group in self.groups]
        said: dict[str, Any] = {leaf.name: leaf.read() for leaf in self.leaves}
        for table in self.tables:
            rows = [{leaf.name: leaf.read() for leaf in row.leaves} for row in table.rows]
            said[table.name] = [_without_none(row) for row in rows]
        said |= {group.name: group.payload() for group in self.groups}
        return _without_none(said)


def _without_none(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
