"""A policy as a form: groups of entries and tables, made from the kind's dataclass, filled from a payload or a form.

One tree serves both ways: drawn on the page, and read back into a payload, each entry saying what is wrong with it.
"""

import dataclasses
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from guanxi.crm.policies import words
from guanxi.crm.policies.sources import FromPayload, Nothing, Source
from guanxi.crm.policies.tree import Group, Leaf, Row, Table
from guanxi.insight.policies import KINDS

SHARES = {"balanced_below", "value", "volume", "stability", "pd", "default_pd", "default_lgd", "default_rate"}
YUAN = {
    "enter_from",
    "base_floor",
    "lost_ceiling",
    "growth_amount",
    "large_change_amount",
    "service_cost_year",
    "growth_cap_amount",
}


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
        return "choices" if choices else "wholes" if get_args(hint)[0] is int else "codes"
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
    by_end = {
        "_days": "days",
        "_months": "months",
        "months_to_fall": "months",
        "export_rows=": "rows",
        "approved_rows=": "rows",
    }
    by_end |= {"minutes": "minutes", "line_limit": "bytes", "few_rows": "rows", "rows_listed": "rows"}
    return next(
        (str(words.UNITS[unit]) for end, unit in by_end.items() if hint is int and name.endswith(end)), ""
    )


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
