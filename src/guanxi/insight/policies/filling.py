"""What a payload stored by an earlier version of the program does not say yet, and what counts until the bank says it.

A bank keeps its policies for years while the program learns new entries. Each kind declares those it has asked for only
since some version (`Policy.added`), with the value that counts where a stored payload is silent; entries with a default
in the dataclass are filled alike. Reading what is stored fills; proposing something new does not: whoever proposes sees
every entry and answers for all of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from guanxi.insight.policies.base import Policy


@dataclass(frozen=True)
class Added:
    """An entry of a kind, or one item of a list that must name every code the program knows.

    `value` is as in a payload. An item is told from the others by its entry `by` (a table) or by itself ("", codes);
    `by` None: the whole entry. `since` is the program's version that first asked for it; "" where nobody wrote it down.
    """

    entry: str
    value: Any
    since: str = ""
    by: str | None = None

    @property
    def code(self) -> str:
        """Which item of the list it is; "" for a whole entry."""
        if self.by is None:
            return ""
        return str(self.value[self.by] if self.by else self.value)

    def lacks(self, payload: Mapping[str, Any]) -> bool:
        """Whether a payload is silent about it."""
        if self.by is None:
            return self.entry not in payload
        items = payload.get(self.entry)
        if not isinstance(items, list | tuple):
            return False  # no list at all is for the reader to refuse
        codes = [item.get(self.by) if isinstance(item, Mapping) else item for item in items]
        return self.code not in codes

    def put(self, payload: dict[str, Any]) -> None:
        """Say it in the payload; an item goes to the end of its list."""
        payload[self.entry] = self.value if self.by is None else [*payload[self.entry], self.value]


def fillings(kind: type[Policy], payload: Mapping[str, Any]) -> list[Added]:
    """What is filled in when this payload is read, in the order of the declarations, then of the dataclass."""
    declared = [one for one in kind.added if one.lacks(payload)]
    named = {one.entry for one in kind.added}
    return declared + [one for one in _defaults(kind) if one.entry not in named and one.lacks(payload)]


def filled(kind: type[Policy], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with what the kind declares and it does not say; what has a default in the dataclass fills itself."""
    made = dict(payload)
    for one in kind.added:
        if one.lacks(made):
            one.put(made)
    return made


def _defaults(kind: type[Policy]) -> list[Added]:
    """The entries with a default in the dataclass. None stands for "not said" and fills nothing."""
    found = []
    for field in dataclasses.fields(cast("Any", kind)):  # a subclass of Policy is a dataclass
        if field.default_factory is not dataclasses.MISSING:
            found.append(Added(field.name, field.default_factory()))
        elif field.default is not dataclasses.MISSING and field.default is not None:
            found.append(Added(field.name, field.default))
    return found
