"""Loans and credit lines (贷款、评级授信): mortgages, consumer, farmers' and business loans, 1-2 % of them overdue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo.days import Span, add_months
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.population import PERSON, TRADER, Parties
from guanxi.pipeline.demo.shapes import FEN, KIND, WAN
from guanxi.pipeline.demo.streams import pick

MORTGAGE, CONSUMER, FARMER, BUSINESS, COMPANY_LOAN = range(5)
PRODUCTS = ("LN-MORT", "LN-CONS", "LN-FARM", "LN-BUSI", "LN-CORP")
RATES = np.array([0.0335, 0.0460, 0.0520, 0.0475, 0.0410])
MONTHS = np.array([240, 36, 24, 36, 36])
LOSSES = (
    np.array([18, 55, 45, 40, 45]) * 1_000_000
)  # lost given default, hundred-millionths: a house stands behind
GRADES = ("AAA", "AA", "A", "BBB", "BB")
CLASSES = ("normal", "watch", "substandard", "doubtful", "loss")


@dataclass
class Loans:
    """Loan accounts, one row each."""

    party: np.ndarray
    product: np.ndarray  # position in PRODUCTS
    amount: np.ndarray  # fen granted
    opened: np.ndarray
    months: np.ndarray
    matures: np.ndarray  # the last instalment is paid and the account closed
    overdue: np.ndarray  # days
    owed: np.ndarray  # fen at the business date


def loans_of(people: Parties, over: Span, rng: Generator) -> Loans:
    """Who borrows what."""
    person = (people.kind == PERSON) & (people.band >= 0) & (people.age_band >= 1) & (people.age_band <= 4)
    person &= ~people.has("empty", "lost", "new")
    odds = rng.random(len(people))
    township = people.area == 2
    product = np.full(len(people), -1)
    product[person & (odds < 0.035) & ~township] = MORTGAGE
    product[person & (odds >= 0.035) & (odds < 0.060)] = CONSUMER
    product[person & (odds >= 0.060) & (odds < 0.130) & township] = FARMER
    firm = people.kind != PERSON
    product[firm & (people.kind == TRADER) & (odds < 0.30)] = BUSINESS
    product[firm & (people.kind == TRADER + 1) & (odds < 0.28)] = COMPANY_LOAN
    party = np.flatnonzero(product >= 0)
    product = product[party]
    centre = np.log(np.array([620_000.0, 90_000.0, 60_000.0, 300_000.0, 900_000.0]))[product]
    size = np.where(product == COMPANY_LOAN, np.array([9.0, 4.0, 1.2, 0.5])[people.size[party]], 1.0)
    amount = np.round(np.exp(rng.normal(centre, 0.5)) * size / 1_000).astype(np.int64) * 1_000 * FEN
    months = MONTHS[product]
    age = (rng.random(len(party)) * np.minimum(months + 24, 110)).astype(np.int64)
    opened = add_months(np.full(len(party), over.until), -age - 1) + rng.integers(0, 20, len(party))
    opened = np.maximum(opened, people.since[party])
    matures = add_months(opened, months)
    late = rng.random(len(party))
    days = 5 + np.minimum(rng.exponential(38.0, len(party)), 300).astype(np.int64)  # one in ten beyond 90
    overdue = np.where((late < 0.018) & (matures > over.until), days, 0)
    return Loans(
        party,
        product,
        np.maximum(amount, WAN),
        opened,
        months,
        matures,
        overdue,
        np.zeros(len(party), np.int64),
    )


def move_loans(
    of: Loans, first_account: int, demand: np.ndarray, over: Span, rng: Generator, events: Events
) -> None:
    """Draw, repay on the 20th, stop when overdue; `demand` is each loan's settlement account. Sets `owed`."""
    rows = np.arange(len(of.party))
    account = first_account + rows
    step = of.amount // of.months
    age = np.maximum((over.first - of.opened) // 30, 0)
    old = (of.opened < over.first) & (of.matures >= over.first)
    fresh = (of.opened >= over.first) & (of.opened <= over.until)
    owed = np.where(old, np.maximum(of.amount - step * age, step), np.where(fresh, of.amount, 0))
    events.add(account[old], over.first - 1, owed[old])
    events.add(account[fresh], of.opened[fresh], of.amount[fresh])
    events.add(demand[fresh], of.opened[fresh], of.amount[fresh], kind=KIND["drawn"], seq=130)
    events.add(demand[fresh], of.opened[fresh], -of.amount[fresh], kind=KIND["transfer_out"], seq=131, bank=2)
    for month in range(over.months):
        twentieth = int(over.starts[month]) + 19
        if twentieth > over.ends[month]:
            continue
        stuck = (of.overdue > 0) & (twentieth > over.until - of.overdue)
        pays = (of.opened < twentieth - 15) & (twentieth < of.matures) & (owed > step) & ~stuck
        _repay(np.flatnonzero(pays), np.full(len(step), twentieth), step, (account, demand), rng, events)
        owed = np.where(pays, owed - step, owed)
    done = (of.matures >= over.first) & (of.matures <= over.until)
    _repay(np.flatnonzero(done), of.matures, owed, (account, demand), rng, events)
    of.owed = np.where(done, 0, owed)


def _repay(
    rows: np.ndarray,
    day: np.ndarray,
    amount: np.ndarray,
    accounts: tuple[np.ndarray, np.ndarray],
    rng: Generator,
    events: Events,
) -> None:
    """The customer brings the instalment from elsewhere: the settlement account ends the day as it began."""
    loan, demand = accounts[0][rows], accounts[1][rows]
    own = np.where(rng.random(len(rows)) < 0.5, KIND["transfer_in"], KIND["cash_in"])
    moved = own == KIND["transfer_in"]
    events.add(loan, day[rows], -amount[rows], kind=KIND["repayment"], seq=1)
    events.add(demand, day[rows], amount[rows], kind=own, seq=132, bank=np.where(moved, 4, -1), own=moved)
    events.add(demand, day[rows], -amount[rows], kind=KIND["repayment"], seq=133)


def loan_class(overdue: np.ndarray) -> np.ndarray:
    """Position in CLASSES by days overdue."""
    return np.searchsorted(np.array([1, 91, 181, 361]), overdue, side="right")


def credit_rows(people: Parties, of: Loans, rng: Generator) -> tuple[np.ndarray, ...]:
    """(party, grade, line, used, days to expiry, loss given default): borrowers, and others with a line and no use."""
    used = np.bincount(of.party, weights=of.owed, minlength=len(people)).astype(np.int64)
    eligible = (people.band >= 0) & (people.age_band >= 1) & (people.age_band <= 4) | (people.kind != PERSON)
    rated = (used > 0) | (eligible & (rng.random(len(people)) < np.where(people.area == 2, 0.30, 0.10)))
    party = np.flatnonzero(rated & ~people.has("departed", "potential"))
    grade = pick(rng, np.array([8.0, 22.0, 40.0, 24.0, 6.0]), len(party))
    free = np.array([300_000, 200_000, 100_000, 50_000, 20_000])[grade] * FEN
    line = (used[party] + np.where(rng.random(len(party)) < 0.6, free, 0) + WAN - 1) // WAN * WAN
    loss = np.full(len(people), LOSSES[CONSUMER])
    loss[of.party] = LOSSES[of.product]
    return party, grade, line, used[party], rng.integers(-40, 700, len(party)), loss[party]
