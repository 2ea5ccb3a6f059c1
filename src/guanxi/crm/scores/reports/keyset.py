"""Pages by key for the three lists, which are ordered by several values: page 900 costs what page 1 costs.

The key is the last row's values in the list's order, its own key last, so that no two rows have the same. It stands in
the address and gives no right: what it leads to is still within reach.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable

from guanxi.web.lists import address

SIZE = 50
Key = tuple[Any, ...]


@dataclass(frozen=True)
class By:
    """One part of an order: what is compared, whether the greatest comes first, and as what it stands in an address."""

    value: str | Combinable
    descending: bool = False
    kind: type[int] | type[str] | type[date] = int


@dataclass(frozen=True)
class Page:
    """The rows of one page and the keys its neighbours begin from; None where there is no such page."""

    rows: Sequence[Any]
    previous: str | None
    next: str | None

    def addresses(self, query: Mapping[str, str]) -> tuple[str | None, str | None]:
        """What ui.pager takes: the addresses of the page before and the page after."""
        before = None if self.previous is None else address(query, before=self.previous)
        after = None if self.next is None else address(query, after=self.next)
        return before, after


def ordered(rows: QuerySet[Any], order: Sequence[By]) -> QuerySet[Any]:
    """The rows in this order, each with its key's parts as `key_0`, `key_1`, …"""
    return _in_order(rows, order, backwards=False)


def _in_order(rows: QuerySet[Any], order: Sequence[By], *, backwards: bool) -> QuerySet[Any]:
    parts = {
        f"key_{at}": F(by.value) if isinstance(by.value, str) else by.value for at, by in enumerate(order)
    }
    signs = ("-" if by.descending is not backwards else "" for by in order)
    names = [f"{sign}{name}" for sign, name in zip(signs, parts, strict=True)]
    listed: QuerySet[Any] = rows.annotate(**parts).order_by(*names)
    return listed


def page_of(rows: QuerySet[Any], order: Sequence[By], query: Mapping[str, str], size: int = SIZE) -> Page:
    """The page that the address asks for (`after` or `before` a key), else the first."""
    before, after = decode(query.get("before", ""), order), decode(query.get("after", ""), order)
    backwards, key = before is not None, before or after
    listed = _in_order(rows, order, backwards=backwards)
    if key is not None:
        listed = listed.filter(_beyond(order, key, backwards=backwards))
    found = list(listed[: size + 1])
    more = len(found) > size
    found = found[:size][::-1] if backwards else found[:size]
    has_next = bool(found) and (more or backwards)
    has_previous = bool(found) and (more if backwards else key is not None)
    return Page(
        found,
        encode(_key_of(found[0], order)) if has_previous else None,
        encode(_key_of(found[-1], order)) if has_next else None,
    )


def _key_of(row: Any, order: Sequence[By]) -> Key:
    return tuple(getattr(row, f"key_{at}") for at in range(len(order)))


def _beyond(order: Sequence[By], key: Key, *, backwards: bool) -> Q:
    """Rows past the key: past it by the last part where all parts before are equal, or by an earlier one."""
    past = Q(pk__in=[])
    for at in reversed(range(len(order))):
        way = "lt" if order[at].descending is not backwards else "gt"
        past = Q(**{f"key_{at}__{way}": key[at]}) | (Q(**{f"key_{at}": key[at]}) & past)
    return past


def encode(key: Key) -> str:
    """A key as text for an address."""
    said = [part.isoformat() if isinstance(part, date) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def decode(text: str, order: Sequence[By]) -> Key | None:
    """The key of such a text; None for anything else, so that a mangled address shows the first page."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(parts, list) or len(parts) != len(order):
            return None
        return tuple(_part(part, by.kind) for part, by in zip(parts, order, strict=True))
    except (ValueError, TypeError, binascii.Error):
        return None


def _part(told: Any, kind: type) -> Any:
    if kind is date:
        return date.fromisoformat(told)
    if type(told) is not kind or (isinstance(told, int) and abs(told) >= 2**63):
        raise TypeError
    return told
