"""The customer list: its columns, its sorts, its rows, and how many there are about."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import within
from guanxi.crm.desk.keyset import Order, Page
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.crm.scores.models import PartyScore, UnitDay
from guanxi.crm.scores.selectors import scores_within
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.words import CHANNELS, PREFERENCES, STAGES
from guanxi.web.lists import Column, chosen_columns

SORTS = {
    "name": "party__name_pinyin",
    "tier": "tier_rank",
    "aum": "aum_fen",
    "average": "daily_average_fen",
    "deposits": "deposits_fen",
    "loans": "loans_fen",
    "change": "aum_change_fen",
    "gap": "next_gap_fen",
    "value": "composite_score",
    "contribution": "contribution_12m_fen",
    "last": "last_initiated_on",
}
USUAL_SORT = "-aum"
USUAL_COLUMNS = ("name", "tier", "stage", "aum", "average", "change", "gap", "held", "unit", "keeper")
USUAL_OF_A_BOOK = ("name", "tier", "stage", "aum", "average", "change", "gap", "held", "value", "last")
READ = (
    "pk", "kind", "tier_scheme", "tier_rank", "watch", "stage", "aum_fen", "daily_average_fen", "aum_change_fen",
    "next_gap_fen", "deposits_fen", "loans_fen", "families_held", "composite_score", "contribution_12m_fen",
    "preference", "channel_profile", "last_initiated_on",
    "party__uuid", "party__name", "party__customer_no", "party__is_owner", "unit__name",
    "keeper__name",
)  # fmt: skip
EXACT_UP_TO = 1_000  # counting so many is cheap; more are estimated
SURELY_MANY = 5 * EXACT_UP_TO  # expected to be so many, they need not be counted to know that they are more


def columns() -> list[Column]:
    """All columns, in order, in the reader's language."""
    return [
        Column("name", _("Customer"), "name", sort="name", fixed=True),
        Column("tier", _("Tier"), "text", sort="tier"),
        Column("stage", _("Stage")),
        Column("aum", _("AUM"), "money", sort="aum"),
        Column("average", _("Daily average of the month"), "money", sort="average"),
        Column("change", _("Since the last run"), "change_money", sort="change"),
        Column("gap", _("To the next tier"), "short", sort="gap"),
        Column("deposits", _("Deposits"), "money", sort="deposits"),
        Column("loans", _("Loans"), "money", sort="loans"),
        Column("held", _("Product families"), "number"),
        Column("value", _("Value score"), "decimal", sort="value"),
        Column("contribution", _("Contribution, 12 months"), "money", sort="contribution"),
        Column("preference", _("Preference")),
        Column("channel", _("Channel")),
        Column("last", _("Last own transaction"), "day", sort="last"),
        Column("unit", _("Outlet")),
        Column("keeper", _("Keeper")),
        Column("number", _("Customer number")),
    ]


def shown_columns(wanted: list[str], reach: Reach, listed: list["Line"]) -> list[Column]:
    """The columns asked for, else the usual ones; of those, one that has nothing to say on this page stays away.

    In one's own book outlet and keeper are always the same, so other things are usual there.
    """
    if wanted:
        return chosen_columns(columns(), wanted)
    usual = USUAL_OF_A_BOOK if reach.sight is Sight.BOOK else USUAL_COLUMNS
    told = [name for name in usual if not listed or any(line.values[name] is not None for line in listed)]
    return chosen_columns(columns(), told)


def order_of(sort: str) -> Order:
    """The order a sort key asks for; an unknown one is the usual."""
    key = sort if sort.lstrip("-") in SORTS else USUAL_SORT
    return Order(SORTS[key.lstrip("-")], key.startswith("-"))


@dataclass(frozen=True)
class Line:
    """A row of the list: whose page it opens, its cells by column id, and why a cell is empty."""

    uuid: Any
    rank: int | None
    watch: bool
    values: dict[str, Any]
    reason: str


def with_names(rows: QuerySet[PartyScore]) -> QuerySet[PartyScore, Any]:
    """What a line needs of score, party, unit and keeper, as plain rows: models for each would cost as much again."""
    return rows.values_list(*READ, named=True)


def rows_of(reach: Reach, parties: Sequence[int]) -> list[Any]:
    """The rows of these customers, in this order."""
    found = {row.pk: row for row in with_names(scores_within(reach).order_by().filter(pk__in=parties))}
    return [found[party] for party in parties if party in found]


def lines(rows: Iterable[Any], reach: Reach, names: TierNames) -> list[Line]:
    """The rows (of `with_names`) as the screen and the workbook write them; masked as the role demands."""
    said = Said(names)
    return [_line(row, reach, said) for row in rows]


class Said:
    """What the codes of a page are called, each asked for once: fifty lines say the same ten words."""

    def __init__(self, names: TierNames) -> None:
        """Keep the tiers' names."""
        self.tier = lru_cache(names.label)
        self.word = lru_cache(_word)


def _line(row: Any, reach: Reach, said: Said) -> Line:
    values = {
        "name": shown_name(row.party__name, hidden=reach.hides_names),
        "tier": said.tier(row.tier_scheme, row.tier_rank),
        "stage": said.word("stage", row.stage),
        "aum": row.aum_fen,
        "average": row.daily_average_fen,
        "change": row.aum_change_fen,
        "gap": row.next_gap_fen,
        "deposits": row.deposits_fen,
        "loans": row.loans_fen,
        "held": row.families_held,
        "value": row.composite_score,
        "contribution": row.contribution_12m_fen,
        "preference": said.word("preference", row.preference),
        "channel": said.word("channel", row.channel_profile),
        "last": row.last_initiated_on,
        "unit": row.unit__name,
        "keeper": row.keeper__name,
        "number": row.party__customer_no,
    }
    return Line(row.party__uuid, row.tier_rank, row.watch, values, _why_empty(row))


WORDS = {"stage": STAGES, "preference": PREFERENCES, "channel": CHANNELS}


def _word(kind: str, code: str | None) -> str | None:
    return None if code is None else str(WORDS[kind].get(code, code))


def why_empty(line: Line, column: str) -> str:
    """Why this cell shows a dash."""
    return _("The highest tier") if column == "gap" and line.rank is not None else line.reason


def _why_empty(row: Any) -> str:
    """Why figures of this customer are missing."""
    if row.kind not in {"person", "sole_trader"}:
        return _("Not counted for this kind of customer")
    if not row.party__is_owner:
        return _("Owns no account, only acts for others")
    return _("Not known from the data delivered")


@dataclass(frozen=True)
class Count:
    """How many rows there are: exactly, or about."""

    number: int
    exact: bool

    def in_words(self) -> str:
        """For the foot of the list."""
        from guanxi.web import formats

        if self.exact:
            return _("%(count)s customers") % {"count": formats.count(self.number)}
        return _("about %(count)s customers") % {"count": formats.about(self.number)}


def expected(rows: QuerySet[PartyScore], everything: QuerySet[PartyScore], reach: Reach) -> int:
    """About how many rows there are: the planner's share of all rows within reach times the known total.

    The share and not the planner's own number: what row security takes away is guessed alike above and below.
    """
    total = within(UnitDay.objects.filter(label="today"), reach).aggregate(n=Sum("customers"))["n"] or 0
    if total and rows is everything:  # nothing narrows the list
        return int(total)
    these, all_of_them = planned(rows, everything)
    return round(total * min(1, these / all_of_them)) if total and all_of_them else these


def names_to_walk(order: Order, reach: Reach, about: int) -> QuerySet[Party] | None:
    """The customers to walk by name, where a list by name holds many of one outlet's; else None."""
    walks = order.column == SORTS["name"] and len(reach.unit_ids) == 1 and not reach.whole_bank
    return within(Party.objects.all(), reach) if walks and about > EXACT_UP_TO else None


def count_of(page: Page, rows: QuerySet[PartyScore], about: int) -> Count:
    """How many there are: exactly up to a thousand, above as expected."""
    if page.previous is None and page.next is None:
        return Count(len(page.parties), exact=True)
    if about > SURELY_MANY:
        return Count(about, exact=False)
    few = rows.order_by()[: EXACT_UP_TO + 1].count()
    return Count(few, exact=True) if few <= EXACT_UP_TO else Count(max(about, few), exact=False)


def planned(rows: QuerySet[PartyScore], everything: QuerySet[PartyScore]) -> tuple[int, int]:
    """How many rows the planner expects of each, without reading them."""
    parts = [part.order_by().values("pk").query.sql_with_params() for part in (rows, everything)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) ({parts[0][0]}) UNION ALL ({parts[1][0]})", (*parts[0][1], *parts[1][1])
        )
        told = cursor.fetchone()[0]
    plan = told if isinstance(told, list) else json.loads(told)
    these, all_of_them = (int(part["Plan Rows"]) for part in plan[0]["Plan"]["Plans"][:2])
    return these, all_of_them
