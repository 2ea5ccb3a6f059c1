"""Pages by key for lists that stand newest first (trail, runs, violations): page 900 costs what page 1 costs.

The key is the row's own number, rising with time. It stands in the address, is no secret and gives no right.
(The customer list, which sorts by many columns, has its own pages in the desk room.)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from guanxi.web.lists import address
from guanxi.web.sent import whole

SIZE = 50
Row = TypeVar("Row")
Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page, newest first, and the keys of its neighbours; None where there is none."""

    rows: Sequence[Row]
    newer: int | None = None
    older: int | None = None

    def addresses(self, query: Mapping[str, str]) -> tuple[str | None, str | None]:
        """What ui.pager takes: the addresses of the page before (newer) and the page after (older)."""
        newer = None if self.newer is None else address(query, before=str(self.newer))
        older = None if self.older is None else address(query, after=str(self.older))
        return newer, older


def key_in(query: Mapping[str, str], name: str) -> int | None:
    """The key that an address carries under `name`; None when there is none or it is mangled."""
    return whole(query.get(name, ""))


def page_of(rows: QuerySet[Record], query: Mapping[str, str], size: int = SIZE) -> Page[Record]:
    """The page that the address asks for (`after` a key: older rows; `before`: newer ones), else the newest."""
    before, after = key_in(query, "before"), key_in(query, "after")
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: size + 1])
        return cut_rising(found, size, _number)
    older = rows if after is None else rows.filter(pk__lt=after)
    return cut_falling(list(older.order_by("-pk")[: size + 1]), size, _number, first=after is None)


def cut_falling(found: Sequence[Row], size: int, key: Callable[[Row], int], *, first: bool) -> Page[Row]:
    """A page from up to size + 1 rows read newest first; `first`: nothing newer stands before them."""
    rows = found[:size]
    newer = None if first or not rows else key(rows[0])
    return Page(rows, newer, key(rows[-1]) if len(found) > size else None)


def cut_rising(found: Sequence[Row], size: int, key: Callable[[Row], int]) -> Page[Row]:
    """A page from up to size + 1 rows read oldest first, on the way back to newer ones."""
    rows = list(reversed(found[:size]))
    newer = key(rows[0]) if len(found) > size else None
    return Page(rows, newer, key(rows[-1]) if rows else None)


def _number(row: Model) -> int:
    return int(row.pk)
