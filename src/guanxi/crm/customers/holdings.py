"""What a customer holds, for the panel: accounts owned, accounts acted for, and what matures when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import Holding

OWNED = frozenset({"holder", "joint"})
CLOSED = "closed"


@dataclass(frozen=True)
class Rung:
    """One month of the maturity ladder: how many contracts end in it, for how much in base currency."""

    month: date
    count: int
    fen: int


@dataclass(frozen=True)
class Holdings:
    """The panel's parts. `acted_for`: accounts one is agent, guardian or authorised person on, without wealth."""

    owned: list[Holding]
    closed: list[Holding]
    acted_for: list[Holding]
    ladder: list[Rung]


def arranged(rows: Iterable[Holding], *, today: date) -> Holdings:
    """Sort a customer's rows into the parts of the panel."""
    listed = list(rows)
    mine = [row for row in listed if row.role in OWNED]
    still = [row for row in mine if row.state != CLOSED]
    return Holdings(
        owned=still,
        closed=[row for row in mine if row.state == CLOSED],
        acted_for=[row for row in listed if row.role not in OWNED],
        ladder=ladder(still, today=today),
    )


def ladder(rows: Iterable[Holding], *, today: date) -> list[Rung]:
    """Which of the customer's money matures from today on, by month, the soonest first; what they owe is none of it."""
    placed = [row for row in rows if row.family != Family.LOAN]
    coming = [row for row in placed if row.matures_on is not None and row.matures_on >= today]
    coming.sort(key=_maturity)
    found = []
    for month, group in groupby(coming, key=lambda row: _maturity(row).replace(day=1)):
        due = list(group)
        found.append(Rung(month, len(due), sum(row.balance_base_fen or 0 for row in due)))
    return found


def not_delivered(rows: Iterable[Holding]) -> list[str]:
    """What of open accounts the bank does not hand over, so that no reminder (账户提醒) can come of it: `card`, the
    days of cards; `debit`, the next instalments of loans. Empty where one of them has it, or there is none."""
    listed = list(rows)
    cards = [row.card_expires_on for row in listed if row.card_masked]
    loans = [row.due_on for row in listed if row.family == Family.LOAN]
    known = {"card": cards, "debit": loans}
    return [name for name, days in known.items() if days and not any(days)]


def _maturity(row: Holding) -> Any:
    return row.matures_on
