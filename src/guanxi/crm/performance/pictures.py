"""What the cockpit and the lists show: columns, lines, charts. No queries but those of the rows handed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.crm.customers.rules import shown_name
from guanxi.crm.foresight.words import SIGNALS
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.performance import selectors, words
from guanxi.crm.performance.cockpit import Board, Line
from guanxi.crm.performance.measuring import Tier
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.rules import Count
from guanxi.crm.scores.reports.keyset import By
from guanxi.crm.scores.reports.places import Place
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.worklist.models import Origin
from guanxi.web.lists import Column

Chart = dict[str, Any]


def columns_of_lines(by_unit: bool) -> list[Column]:
    """The table of the cockpit."""
    return [
        Column("who", _("Outlet") if by_unit else _("Person"), "name"),
        Column("today", _("Today"), "number", help=_("Done of what is due today")),
        Column("week", _("This week"), "number", help=_("Done of what is due this week")),
        Column("untouched", _("Warnings untouched"), "number"),
        Column("broken", _("Promises broken"), "number"),
        Column("coverage", _("Covered"), "percent", help=_("Customers contacted within the cadence of their tier")),
        Column("customers", _("Customers"), "number"),
        Column("load", _("Load"), "percent", help=_("Minutes the book costs, of the keeper's minutes a month")),
        Column("balance", _("Balance of books"), "text"),
    ]  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of the cockpit as it is written."""

    label: str
    sub: str
    href: str
    values: Mapping[str, Any]
    balance: tuple[str, str] | None


def lines_of(board: Board) -> list[Row]:
    """The lines of the cockpit: units lead to their own cockpit, people to their page."""
    return [_row(line) for line in board.lines]


def _row(line: Line) -> Row:
    kept = line.book.customers > 0
    values = {
        "today": words.of(line.today),
        "week": words.of(line.week),
        "untouched": line.untouched,
        "broken": line.broken,
        "coverage": line.coverage.share,
        "customers": line.book.customers if kept else None,
        "load": line.load if kept else None,
    }
    member = line.member
    if member is None:
        href = f"{reverse('performance:cockpit')}?unit={line.unit.pk}"
        off = _("%(number)s out of balance") % {"number": line.out_of_balance}
        return Row(line.unit.name, "", href, values, (off, "amber") if line.out_of_balance else None)
    away = _("away until %(day)s") % {"day": member.away_until} if member.away_until else ""
    stands = words.BALANCE.get(line.balance)
    shown = (str(stands[0]), stands[1]) if stands else None
    return Row(member.staff.name, away, reverse("performance:person", args=[member.key]), values, shown)


def coverage_chart(board: Board, names: TierNames) -> Chart | None:
    """Coverage by tier, the highest tier first; None where no tier has a cadence."""
    told = covered_by_tier(board.tiers, names)
    if not told:
        return None
    series = [{"name": _("Covered"), "code": "", "values": [count.share for _label, count in told]}]
    return {"categories": [label for label, _count in told], "series": series}


def covered_by_tier(tiers: Mapping[Tier, Count], names: TierNames) -> list[tuple[str, Count]]:
    """Tiers by name with the customers covered, the highest first."""
    ranked = sorted(tiers.items(), key=lambda one: (one[0][0], -one[0][1]))
    return [(names.label(scheme, rank), count) for (scheme, rank), count in ranked if count.cases]


def load_chart(board: Board) -> Chart | None:
    """Minutes of each book as a share of a keeper's; None where nobody keeps anybody."""
    kept = [line for line in board.lines if line.load is not None]
    if not kept:
        return None
    label = [line.member.staff.name if line.member else line.unit.name for line in kept]
    return {
        "categories": label,
        "series": [{"name": _("Load"), "code": "", "values": [line.load for line in kept]}],
    }


@dataclass(frozen=True)
class Item:
    """One row of a list: about whom, whose it is, since when, how much, and why."""

    name: str
    uuid: UUID | None
    who: str
    since: date | None
    days: int | None
    fen: int | None
    text: str


ORDERS: Mapping[str, Sequence[By]] = {
    "warnings": (By("listed_on", kind=date), By("party_id")),
    "promises": (By("due_on", kind=date), By("id")),
    "uncovered": (By("wealth", descending=True), By("party_id")),
    "pool": (By("due_on", kind=date), By("party_id")),
    "tasks": (By("due_on", kind=date), By("id")),
}


def rows_of(kind: str, reach: Reach, place: Place, terms: Terms) -> QuerySet[Any]:
    """The rows of one of the cockpit's lists."""
    if kind == "tasks":
        return selectors.standing_tasks(reach, place, terms.on)
    if kind == "pool":
        return selectors.unassigned(reach, place)
    if kind == "uncovered":
        return selectors.uncovered(reach, place, terms).annotate(wealth=Coalesce("aum_fen", 0))
    warned = kind == "warnings"
    return (selectors.untouched_warnings if warned else selectors.broken_promises)(reach, place, terms)


def columns_of_list(kind: str) -> list[Column]:
    """The table of a list."""
    since = {"warnings": _("On the list since"), "pool": _("Waiting since")}.get(kind, _("Due"))
    dated = (
        [] if kind == "uncovered" else [Column("since", since, "day"), Column("days", _("Days"), "number")]
    )
    amount = _("At stake") if kind in {"warnings", "tasks"} else _("AUM")
    money = [] if kind == "promises" else [Column("fen", amount, "short")]
    who = [] if kind == "pool" else [Column("who", _("Whose"), "text")]
    return [Column("name", _("Customer"), "name"), *who, *dated, *money, Column("text", _("About"), "text")]


def items_of(kind: str, rows: Iterable[Any], reach: Reach, names: TierNames, today: date) -> list[Item]:
    """The rows of a list as they are written."""
    return [_item(kind, row, reach, names, today) for row in rows]


def _item(kind: str, row: Any, reach: Reach, names: TierNames, today: date) -> Item:
    party = row.party
    name = shown_name(party.name, hidden=reach.hides_names) if party else _("no customer")
    uuid = party.uuid if party else None
    if kind == "warnings":
        who = row.keeper.name if row.keeper else ""
        said = str(SIGNALS.get(row.signal, row.signal))
        return Item(name, uuid, who, row.listed_on, (today - row.listed_on).days, row.at_stake_fen, said)
    if kind == "promises":
        who = row.staff.name if row.staff else ""
        return Item(name, uuid, who, row.due_on, (today - row.due_on).days, None, row.text)
    if kind == "tasks":
        label = str(Origin(row.origin).label)
        return Item(
            name, uuid, row.assignee.name, row.due_on, (today - row.due_on).days, row.value_fen or None, label
        )
    score = getattr(party, "partyscore", None) if kind == "pool" else row
    tier = str(names.label(score.tier_scheme, score.tier_rank)) if score else ""
    fen = score.aum_fen if score else None
    if kind == "pool":
        return Item(name, uuid, "", row.since, (today - row.since).days, fen, tier)
    return Item(name, uuid, row.keeper.name if row.keeper else "", None, None, fen, tier)
