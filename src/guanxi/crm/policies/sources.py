"""Where the texts of a policy's form come from: nowhere, a payload as the store keeps it, or what a person sent."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from django.http import QueryDict

from guanxi.crm.policies import words
from guanxi.crm.policies.tree import HUNDRED, Leaf
from guanxi.web.sent import whole


class Source(Protocol):
    """Where a tree's texts come from: a payload, or what a person sent."""

    def texts(self, path: str, leaf: Leaf) -> Sequence[str]:
        """The texts of one entry."""

    def rows(self, path: str) -> Sequence[int]:
        """The row numbers of a table or of a list of groups."""

    def has(self, path: str) -> bool:
        """Whether an optional group is there."""


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
