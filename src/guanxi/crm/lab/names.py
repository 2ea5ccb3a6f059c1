"""Customers who would move, by name: the filters, the columns and the rows of the list and of its workbook."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.crm.customers.rules import shown_name
from guanxi.crm.lab import words
from guanxi.crm.lab.models import Move, Simulation
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.web.lists import Column

SIZE = 50
WAYS: Mapping[str, Q] = {
    "": Q(),
    "down": Q(to_rank__lt=F("from_rank")),
    "up": Q(to_rank__gt=F("from_rank")),
}


@dataclass(frozen=True)
class Line:
    """A row as page and workbook write it."""

    uuid: Any
    from_rank: int
    to_rank: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Lines of one page and the key of the next, '' where there is none."""

    lines: list[Line]
    next: str


def page_of(rows: QuerySet[Move], after: str, told: "Telling") -> Page:
    """The page after a key: page 900 costs what page 1 costs."""
    key = decode(after)
    if key is not None:
        money, party = key
        rows = rows.filter(aum_fen__lte=money).filter(Q(aum_fen__lt=money) | Q(party__gt=party))
    found = list(rows[: SIZE + 1])
    more = len(found) > SIZE
    found = found[:SIZE]
    return Page(told.lines(found), encode(found[-1]) if more else "")


def encode(row: Move) -> str:
    """A row's key as text for an address."""
    return base64.urlsafe_b64encode(json.dumps([row.aum_fen, row.party_id]).encode()).decode().rstrip("=")


def decode(text: str) -> tuple[int, int] | None:
    """The key of such a text; None for anything else, so that a mangled address shows the first page."""
    try:
        money, party = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return None
    return (money, party) if isinstance(money, int) and isinstance(party, int) else None


class Telling:
    """Puts moves of one draft into words, names hidden as the reach demands."""

    def __init__(self, simulation: Simulation, number: int, reach: Reach) -> None:
        """Read both contents' names once."""
        self.reach = reach
        self._old = words.Standings(simulation.kind, simulation.active_version.payload)
        self._new = words.Standings(simulation.kind, simulation.drafts[number]["payload"])

    def lines(self, rows: Sequence[Move]) -> list[Line]:
        """The rows in words."""
        return [self._line(row) for row in rows]

    def _line(self, row: Move) -> Line:
        values = {
            "name": shown_name(row.party.name, hidden=self.reach.hides_names) or row.party.customer_no,
            "number": row.party.customer_no,
            "from": self._old.label(row.scheme, row.from_rank),
            "to": self._new.label(row.scheme, row.to_rank),
            "aum": row.aum_fen,
            "contribution": row.contribution_fen,
            "unit": row.unit.name,
            "keeper": row.keeper.name if row.keeper else None,
        }
        return Line(row.party.uuid, row.from_rank, row.to_rank, values)


def columns(reach: Reach) -> list[Column]:
    """Columns that tell something: a manager knows whose customers these are."""
    shown = [
        Column("name", _("Customer"), "name"),
        Column("from", _("Now")),
        Column("to", _("Then")),
        Column("aum", _("AUM"), "money"),
        Column("contribution", _("Contribution, 12 months"), "money"),
    ]
    if reach.sight is not Sight.BOOK:
        shown += [Column("keeper", _("Keeper")), Column("unit", _("Outlet"))]
    return shown
