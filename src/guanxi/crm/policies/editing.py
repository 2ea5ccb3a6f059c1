"""A policy as a form: groups of entries and tables, made from the kind's dataclass, filled from a payload or a form.

One tree serves both ways: drawn on the page, and read back into a payload, each entry saying what is wrong with it.
"""

import dataclasses
import re
import types
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.crm.policies import words
from guanxi.insight.policies import KINDS
from guanxi.web.sent import whole

SHARES = {"balanced_below", "value", "volume", "stability", "pd", "default_pd", "default_lgd", "default_rate"}
YUAN = {
    "enter_from",
    "base_floor",
    "lost_ceiling",
    "growth_amount",
    "large_change_amount",
    "service_cost_year",
}
# Chosen elsewhere, nobody types them: with the screens' tier colours, and on the page of the segment.
HIDDEN = {"colour", "segment"}
HUNDRED = Decimal(100)
_BETWEEN = re.compile(r"[、，,;；\n]+")


class Source(Protocol):
    """Where a tree's texts come from: a payload, or what a person sent."""

    def texts(self, path: str, leaf: "Leaf") -> Sequence[str]:
        """The texts of one entry."""

    def rows(self, path: str) -> Sequence[int]:
        """The row numbers of a table or of a list of groups."""

    def has(self, path: str) -> bool:
        """Whether an optional group is there."""


@dataclass
class Leaf:
    """One entry. `kind`: text, whole, number, share, flag, choice, choices, codes; `texts` is what the box shows."""

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
            return [part.strip() for part in _BETWEEN.split(text) if part.strip()]
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


def tree_of(kind: str, source: Source) -> Group:
    """The form of one kind of policy."""
    tree = _part(KINDS[kind], Group("", kind, words.kind_name(kind)), source)
    _name_codes(tree)
    return tree


def _name_codes(tree: Group) -> None:
    """Say beside each code what it stands for, where an earlier table of the policy gives it a name.

    A table names the codes of its first column when its rows carry a name; later columns of that name refer to it.
    """
    known: dict[str, dict[str, str]] = {}
    for table in tree.tables:
        for leaf in (leaf for row in table.rows for leaf in row.leaves):
            leaf.named = known.get(leaf.name, {}).get(leaf.text, "")
        first = table.columns[0]
        names = words.label() in {leaf.name for leaf in table.columns}
        if names and first.kind == "text" and first.name not in {*known, "code"}:
            known[first.name] = {
                row.leaves[0].text: next(leaf.text for leaf in row.leaves if leaf.name == words.label())
                for row in table.rows
            }


def _part(part: Any, group: Group, source: Source) -> Group:
    hints = _hints(part)
    for one in dataclasses.fields(part):
        path = f"{group.path}.{one.name}".lstrip(".")
        hint, optional = _plain_hint(hints[one.name])
        optional = optional or one.default == ""
        if get_origin(hint) is dict:
            group.groups.append(_map(path, one.name, get_args(hint)[1], source))
        elif dataclasses.is_dataclass(hint):
            if source.has(path):
                inner = Group(path, one.name, words.entry_name(one.name))
                group.groups.append(_part(hint, inner, source))
        elif get_origin(hint) is tuple and dataclasses.is_dataclass(get_args(hint)[0]):
            _listed(path, one.name, get_args(hint)[0], group, source)
        else:
            group.leaves.append(_leaf(path, one.name, hint, source, optional=optional))
    return group


@cache
def _hints(part: Any) -> dict[str, Any]:
    return get_type_hints(part)


def _plain_hint(hint: Any) -> tuple[Any, bool]:
    if isinstance(hint, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None)), True
    return hint, False


def _listed(path: str, name: str, part: Any, group: Group, source: Source) -> None:
    """A list of dataclasses: a table when each is flat, else a group each."""
    hints = [_plain_hint(hint)[0] for hint in _hints(part).values()]
    flat = not any(_nested(hint) for hint in hints)
    numbers = source.rows(path)
    if flat:
        rows = [Row(at, _part(part, Group(f"{path}.{at}", name, ""), source).leaves) for at in numbers]
        blank = _part(part, Group(f"{path}.x", name, ""), Nothing()).leaves
        group.tables.append(
            Table(path, name, words.entry_name(name), [leaf for leaf in blank if not leaf.hidden], rows)
        )
        return
    many = Group(path, name, words.entry_name(name), "many")
    for at in numbers:
        inner = _part(part, Group(f"{path}.{at}", str(at), ""), source)
        inner.label = next((leaf.text for leaf in inner.leaves if leaf.name == "code"), str(at + 1))
        kinds = next((leaf.shown() for leaf in inner.leaves if leaf.name == "customer_kinds"), "")
        size = next((leaf.shown() for leaf in inner.leaves if leaf.name == "size_class"), "")
        inner.label = " · ".join(word for word in (kinds or inner.label, size) if word)
        many.groups.append(inner)
    group.groups.append(many)


def _nested(hint: Any) -> bool:
    inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
    return dataclasses.is_dataclass(inner) or get_origin(hint) is dict


def _map(path: str, name: str, hint: Any, source: Source) -> Group:
    """Values by code: a box for every code there is, empty where the policy names none."""
    leaves = []
    for code, label in words.choices_of(f"{name}."):
        leaf = _leaf(f"{path}.{code}", code, hint, source, optional=True, entry=f"{name}=")
        leaf.label = label
        leaves.append(leaf)
    return Group(path, name, words.entry_name(name), "map", leaves)


def _leaf(path: str, name: str, hint: Any, source: Source, *, optional: bool, entry: str = "") -> Leaf:
    choices = words.choices_of(entry or name)
    leaf = Leaf(
        path, name, words.entry_name(name), _kind(name, hint, choices), _unit(entry or name, hint), optional
    )
    leaf.choices = choices
    leaf.texts = source.texts(path, leaf)
    return leaf


def _kind(name: str, hint: Any, choices: list[tuple[str, str]]) -> str:
    if hint is bool:
        return "flag"
    if get_origin(hint) is tuple:
        return "choices" if choices else "codes"
    if hint is Decimal:
        return "share" if _is_share(name) else "number"
    if hint is int:
        return "whole"
    return "choice" if choices else "text"


def _is_share(name: str) -> bool:
    return name in SHARES or name.endswith("_share") or name.startswith("weight")


def _unit(name: str, hint: Any) -> str:
    if hint is Decimal:
        return "%" if _is_share(name) else str(words.UNITS["yuan"]) if name in YUAN else ""
    by_end = {"_days": "days", "_months": "months", "months_to_fall": "months", "export_rows=": "rows"}
    by_end |= {"minutes": "minutes", "line_limit": "bytes", "few_rows": "rows", "rows_listed": "rows"}
    return next(
        (str(words.UNITS[unit]) for end, unit in by_end.items() if hint is int and name.endswith(end)), ""
    )


class Nothing:
    """A blank: what a new row is made of."""

    def texts(self, _path: str, _leaf: Leaf) -> Sequence[str]:
        """No text."""
        return ()

    def rows(self, _path: str) -> Sequence[int]:
        """No rows."""
        return ()

    def has(self, _path: str) -> bool:
        """No optional group."""
        return False


class FromPayload:
    """Texts from a payload as the store keeps it."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        """Keep the payload."""
        self._payload = payload

    def _at(self, path: str) -> Any:
        found: Any = self._payload
        for step in path.split("."):
            if isinstance(found, Mapping):
                found = found.get(step)
            elif isinstance(found, Sequence) and (at := whole(step)) is not None and at < len(found):
                found = found[at]
            else:
                return None
        return found

    def texts(self, path: str, leaf: Leaf) -> Sequence[str]:
        """The entry as a person would type it: shares in percent, amounts with separators."""
        value = self._at(path)
        if value is None or value is False:
            return ()
        if isinstance(value, list | tuple):
            return (
                [str(item) for item in value] if leaf.kind == "choices" else [words.joined(map(str, value))]
            )
        if leaf.kind == "share":
            return [f"{(Decimal(str(value)) * HUNDRED).normalize():f}"]
        if leaf.kind in ("number", "whole"):
            return [f"{Decimal(str(value)).normalize():,f}"]
        return ["on" if value is True else str(value)]

    def rows(self, path: str) -> Sequence[int]:
        """As many rows as the payload has."""
        value = self._at(path)
        return range(len(value)) if isinstance(value, Sequence) else ()

    def has(self, path: str) -> bool:
        """Whether the payload names it."""
        return self._at(path) is not None


class FromForm:
    """Texts a person sent: rows by the numbers the form carries, without those marked for removal."""

    def __init__(self, sent: QueryDict) -> None:
        """Keep the form, and which table a row is to be added to."""
        self._sent = sent
        deed, _colon, table = sent.get("deed", "").partition(":")
        self._grown = table if deed == "add" else ""

    def texts(self, path: str, _leaf: Leaf) -> Sequence[str]:
        """What was typed."""
        return self._sent.getlist(path)

    def rows(self, path: str) -> Sequence[int]:
        """Rows that are kept, and a new one where it was asked for."""
        numbers = [at for text in self._sent.getlist(f"{path}#") if (at := whole(text)) is not None]
        kept = [at for at in numbers if not self._sent.get(f"{path}.{at}.remove")]
        return [*kept, max(numbers, default=-1) + 1] if path == self._grown else kept

    def has(self, path: str) -> bool:
        """Whether any entry below it was sent."""
        return any(name.startswith(f"{path}.") for name in self._sent)


@dataclass(frozen=True)
class Difference:
    """One entry that differs: where it stands, in words, and both texts; an empty one was not there."""

    where: str
    old: str
    new: str


def differences(kind: str, old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[Difference]:
    """Every entry in which two payloads differ, rows told by their name and not by their place."""
    before = dict(_told(tree_of(kind, FromPayload(old or {}))))
    after = dict(_told(tree_of(kind, FromPayload(new))))
    places = [*after, *(place for place in before if place not in after)]
    changed = [place for place in places if before.get(place, "") != after.get(place, "")]
    return [Difference(place, before.get(place, ""), after.get(place, "")) for place in changed]


def _told(group: Group, above: str = "") -> Iterator[tuple[str, str]]:
    for leaf in group.leaves:
        yield f"{above}{leaf.label}", leaf.shown()
    for table in group.tables:
        place = above if above and len(group.tables) == 1 else f"{above}{table.label} · "
        seen: Counter[str] = Counter()
        for row in table.rows:
            seen[row.name] += 1
            told = row.name if seen[row.name] == 1 else f"{row.name} ({seen[row.name]})"
            for leaf in row.leaves:
                yield f"{place}{told} · {leaf.label}", leaf.shown()
    for inner in group.groups:
        yield from _told(inner, above if inner.shape == "many" else f"{above}{inner.label} · ")
