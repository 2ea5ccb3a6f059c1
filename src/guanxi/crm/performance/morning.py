"""晨会一页纸: what a head says at eight o'clock, on one A4 page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.performance import cockpit, selectors
from guanxi.crm.performance.packs import wealth_of
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.team import Member, team_of
from guanxi.crm.scores.models import Maturity
from guanxi.crm.scores.reports.places import Place
from guanxi.insight.workdays import add_workdays

FITS_MATURITIES, FITS_PROMISES, FITS_POOL = 12, 8, 6
"""As many rows as one page holds; how many there are in all stands beside them."""


@dataclass(frozen=True)
class Row:
    """One line: about whom, whose it is, on which day, how much, and what."""

    name: str
    who: str
    on: date | None
    fen: int | None
    text: str
    party: int  # its key


@dataclass(frozen=True)
class Short:
    """The first rows of a list, how many there are in all and what they come to."""

    rows: Sequence[Row]
    count: int
    fen: int | None = None


@dataclass(frozen=True)
class Morning:
    """The page."""

    results: Sequence[cockpit.Result]
    until: date
    maturities: Short
    pool: Short
    promises: Short
    untouched: int
    away: Sequence[Member]
    team: int


def morning_of(reach: Reach, place: Place, terms: Terms) -> Morning:
    """The page of a unit on a day; maturities are those from today to the day before the next working day."""
    today = terms.on
    team = team_of(place.members, today)
    until = add_workdays(today, 1) - timedelta(days=1)
    return Morning(
        results=cockpit.results_of(reach, place),
        until=until,
        maturities=_maturities(reach, place, today, until),
        pool=_pool(reach, place),
        promises=_promises(reach, place, terms),
        untouched=selectors.untouched_warnings(reach, place, terms).order_by().count(),
        away=cockpit.away_of(team),
        team=len(team),
    )


def _name(reach: Reach, party: Any) -> str:
    return shown_name(party.name, hidden=reach.hides_names)


def _maturities(reach: Reach, place: Place, first: date, last: date) -> Short:
    rows = selectors.maturing_between(reach, place, first, last).order_by("-amount_fen", "account_no")
    found = rows.select_related("party", "keeper")[:FITS_MATURITIES]
    summed = rows.order_by().aggregate(fen=Sum("amount_fen"))["fen"]
    return Short([_maturity(reach, row) for row in found], rows.order_by().count(), summed)


def _maturity(reach: Reach, row: Maturity) -> Row:
    keeper: Any = row.keeper
    who = keeper.name if keeper else ""
    return Row(
        _name(reach, row.party), who, row.matures_on, row.amount_fen, row.product_name or "", row.party_id
    )


def _promises(reach: Reach, place: Place, terms: Terms) -> Short:
    rows = selectors.broken_promises(reach, place, terms)
    shown = [
        Row(
            _name(reach, row.party),
            row.staff.name if row.staff else "",
            row.due_on,
            None,
            row.text,
            row.party_id,
        )
        for row in rows[:FITS_PROMISES]
    ]
    return Short(shown, rows.order_by().count())


def _pool(reach: Reach, place: Place) -> Short:
    rows = selectors.unassigned(reach, place)
    shown = [
        Row(_name(reach, row.party), "", row.due_on, wealth_of(row), row.unit.name, row.party_id)
        for row in rows[:FITS_POOL]
    ]
    return Short(shown, rows.order_by().count())
