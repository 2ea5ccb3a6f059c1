"""The customers of a segment as lines: keys from the facts file page by page, figures from the published scores."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.selectors import scores_within
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.words import STAGES
from guanxi.crm.segments.counting import Facts, Subject
from guanxi.web.lists import Column

SIZE = 50
SORTS = {"aum": "aum", "average": "daily_average", "contribution": "contribution_12m"}
USUAL_SORT = "aum"
READ = (
    "kind", "tier_scheme", "tier_rank", "stage", "aum_fen", "daily_average_fen", "contribution_12m_fen",
    "party__uuid", "party__name", "party__customer_no", "unit__name", "keeper__name",
)  # fmt: skip

Key = tuple[Any, int]


@dataclass(frozen=True)
class Line:
    """A row: whose page it opens, the tier's rank for its colour, and the cells by column."""

    uuid: Any
    rank: int | None
    values: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """The lines of one page, and the keys its neighbours begin from."""

    lines: list[Line]
    previous: str | None
    next: str | None


def columns(reach: Reach) -> list[Column]:
    """The columns for this reader: one's own book has one keeper and one outlet, and who sees no names no numbers."""
    made = [
        Column("name", _("Customer"), "name", fixed=True),
        Column("tier", _("Tier")),
        Column("stage", _("Stage")),
        Column("aum", _("AUM"), "money", sort="aum"),
        Column("average", _("Daily average of the month"), "money", sort="average"),
        Column("contribution", _("Contribution, 12 months"), "money", sort="contribution"),
        Column("unit", _("Outlet")),
        Column("keeper", _("Keeper")),
        Column("number", _("Customer number")),
    ]
    hidden = {"unit", "keeper"} if reach.sight is Sight.BOOK else set()
    hidden |= {"number"} if reach.hides_names else set()
    return [column for column in made if column.id not in hidden]


def page_of(
    facts: Facts, reach: Reach, subject: Subject, names: TierNames, sort: str, *, after: str, before: str
) -> Page:
    """The page after or before a key, or the first one."""
    backwards, key = bool(before), decode(before or after)
    found = facts.keys(
        subject, SORTS[sort], after=key, backwards=backwards and key is not None, size=SIZE + 1
    )
    more, found = len(found) > SIZE, found[:SIZE]
    if backwards and key is not None:
        found.reverse()
        has_next, has_previous = bool(found), more
    else:
        has_next, has_previous = more, bool(found) and key is not None
    return Page(
        lines_of(reach, [party for _value, party in found], names),
        encode(found[0]) if has_previous else None,
        encode(found[-1]) if has_next else None,
    )


def lines_of(reach: Reach, parties: Sequence[int], names: TierNames) -> list[Line]:
    """The lines of these customers in this order; whoever left one's reach since is not there."""
    rows = scores_within(reach).order_by().filter(pk__in=parties).select_related("party", "unit", "keeper")
    found = {row.pk: row for row in rows.only(*READ)}
    return [_line(found[party], reach, names) for party in parties if party in found]


def _line(row: PartyScore, reach: Reach, names: TierNames) -> Line:
    values = {
        "name": shown_name(row.party.name, hidden=reach.hides_names),
        "tier": names.label(row.tier_scheme, row.tier_rank),
        "stage": None if row.stage is None else str(STAGES.get(row.stage, row.stage)),
        "aum": row.aum_fen,
        "average": row.daily_average_fen,
        "contribution": row.contribution_12m_fen,
        "unit": row.unit.name,
        "keeper": row.keeper.name if row.keeper else None,  # type: ignore[attr-defined]
        "number": row.party.customer_no,
    }
    return Line(row.party.uuid, row.tier_rank, values)


def encode(key: Key) -> str:
    """A key as text for an address."""
    value, party = key
    told = None if value is None else str(value)
    return base64.urlsafe_b64encode(json.dumps([told, party]).encode()).decode().rstrip("=")


def decode(text: str) -> Key | None:
    """The key of such a text; None for anything else, so that a mangled address shows the first page."""
    try:
        value, party = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        known = None if value is None else Decimal(str(value))
    except (ValueError, TypeError, ArithmeticError, binascii.Error, RecursionError):
        return None
    if not isinstance(party, int) or isinstance(party, bool) or abs(party) >= 2**63:
        return None
    return (known, party) if known is None or (known.is_finite() and abs(known) < Decimal(10) ** 16) else None
