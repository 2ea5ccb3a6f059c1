"""One piece of the bank, from persons to files' tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.catalog import (
    DEMAND_FIRM,
    DEMAND_PERSON,
    DEMAND_USD,
    FIRST_CD,
    FIRST_FUND,
    FIRST_INSURANCE,
    FIRST_LOAN,
    FIRST_TIME,
    FIRST_WEALTH,
    FUNDS,
    INSURANCES,
    SCALE,
)
from guanxi.pipeline.demo.chains import FUND, HERE, INSURANCE, TIME, WEALTH, Chains, chains_of
from guanxi.pipeline.demo.columns import NO_DAY
from guanxi.pipeline.demo.days import Span, add_months
from guanxi.pipeline.demo.demand import NEVER, Settlement, move, seasonal, settlement_of
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.ledger import Balances, Postings, settle, snapshots
from guanxi.pipeline.demo.loans import Loans, loans_of, move_loans
from guanxi.pipeline.demo.lots import Accounts, Lots, terms_of
from guanxi.pipeline.demo.organisation import Organisation
from guanxi.pipeline.demo.population import PERSON, Parties, Piece, parties
from guanxi.pipeline.demo.shapes import COUNTER_BANKS, DESTINATIONS, KIND, OWN_NAME, WAN
from guanxi.pipeline.demo.streams import Streams
from guanxi.pipeline.demo.wealth import LOW
from guanxi.pipeline.demo.work import SALARY, Pay, pay_of, paydays


@dataclass
class Book:
    """All accounts of a piece, one row each: settlement accounts first, then dollars, put away, loans."""

    party: np.ndarray
    product: np.ndarray
    usd: np.ndarray
    opened: np.ndarray
    closed: np.ndarray  # NO_DAY while open
    started: np.ndarray
    matures: np.ndarray
    rate: np.ndarray  # hundred-millionths
    rolls: np.ndarray
    overdue: np.ndarray  # days; -1 for what is no loan
    first_put_away: int
    first_loan: int


@dataclass
class Made:
    """A finished piece."""

    people: Parties
    pay: Pay
    chains: Chains
    put_away: Accounts
    loans: Loans
    book: Book
    balances: Balances
    postings: Postings


def make_piece(piece: Piece, streams: Streams, staff: Organisation, mid: np.ndarray) -> Made:
    """Draw a piece and carry it through its history."""
    over = piece.span
    people = parties(piece, streams, staff)
    pay = pay_of(people, over, streams.of("work"))
    chains = chains_of(people, over, streams)
    put_away, lots = terms_of(chains, over, streams.of("terms"))
    dollars, usd_fen, usd_cny = _dollars(people, chains, int(mid[-1]), streams.of("dollars"))
    held = np.bincount(
        chains.party, weights=np.where(chains.leaves == HERE, chains.amount, 0), minlength=len(people)
    )
    held = held.astype(np.int64)
    held[dollars] += usd_cny
    settlement = settlement_of(
        people, pay, held, _closing(people, chains, over), over, streams.of("settlement")
    )
    where = np.full(len(people), -1)
    where[settlement.party] = np.arange(len(settlement.party))
    loans = loans_of(people, over, streams.of("loans"))
    book = _book(people, settlement, dollars, chains, put_away, loans, over, streams.of("products"))
    events = Events()
    move(settlement, people, pay, over, streams.of("movements"), events)
    seasonal(settlement, people, over, streams.of("seasons"), events)
    _payrolls(pay, where, over, events)
    usd_rows = len(settlement.party) + np.arange(len(dollars))
    events.add(usd_rows, np.maximum(book.opened[usd_rows], over.first - 1), usd_fen)
    _hold(chains, lots, book, over, streams, events)
    _fund(people, chains, lots, where, over, streams.of("funding"), events)
    move_loans(loans, book.first_loan, where[loans.party], over, streams.of("repayments"), events)
    snapshots(events, book.opened, book.closed, over)
    balances, postings = settle(events, over)
    return Made(people, pay, chains, put_away, loans, book, balances, postings)


def _dollars(
    people: Parties, chains: Chains, mid: int, rng: Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A few better-off persons keep part of what is not put away in dollars: (party, cents, fen)."""
    held = np.bincount(
        chains.party, weights=np.where(chains.leaves == HERE, chains.amount, 0), minlength=len(people)
    )
    rest = people.aum - held.astype(np.int64)
    able = (people.band > LOW) & (rest > 2 * WAN)
    party = np.flatnonzero(able & (rng.random(len(people)) < 0.06))
    cents = (rest[party] * 0.5 * SCALE / mid).astype(np.int64) // 10_000 * 10_000
    fen = (cents * (mid // 10_000) + SCALE // 20_000) // (SCALE // 10_000)
    return party, cents, fen


def _closing(people: Parties, chains: Chains, over: Span) -> np.ndarray:
    """The last day of those who closed everything: after their last sum was paid out."""
    last = np.full(len(people), over.first - 30)
    np.maximum.at(last, chains.party, np.where(chains.leaves == HERE, 0, chains.leaves + 9))
    return last


def _book(
    people: Parties,
    settlement: Settlement,
    dollars: np.ndarray,
    chains: Chains,
    put_away: Accounts,
    loans: Loans,
    over: Span,
    rng: Generator,
) -> Book:
    demand = len(settlement.party)
    family = chains.family[put_away.chain]
    amount = chains.amount[put_away.chain]
    large = (family == TIME) & (amount >= 20 * WAN) & (rng.random(len(family)) < 0.55) & (put_away.term < 5)
    product = np.select(
        [large, family == TIME, family == WEALTH, family == FUND],
        [
            FIRST_CD + put_away.term,
            FIRST_TIME + put_away.term,
            FIRST_WEALTH + put_away.term,
            FIRST_FUND + put_away.chain % FUNDS,
        ],
        FIRST_INSURANCE + put_away.chain % INSURANCES,
    )
    time_rate = shapes.TIME_RATES[put_away.term] + np.where(large, shapes.CD_EXTRA, 0.0)
    wealth_rate = shapes.WEALTH_RATES[np.minimum(put_away.term, len(shapes.WEALTH_RATES) - 1)]
    rate = np.select(
        [family == TIME, family == WEALTH, family == INSURANCE], [time_rate, wealth_rate, 0.02], 0.0
    )
    firm = people.kind[settlement.party] != PERSON
    none, lent = np.full(len(dollars), NO_DAY), len(loans.party)
    from guanxi.pipeline.demo.loans import RATES

    joined = np.concatenate
    return Book(
        party=joined([settlement.party, dollars, chains.party[put_away.chain], loans.party]),
        product=joined(
            [
                np.where(firm, DEMAND_FIRM, DEMAND_PERSON),
                np.full(len(dollars), DEMAND_USD),
                product,
                FIRST_LOAN + loans.product,
            ]
        ),
        usd=joined(
            [np.zeros(demand, bool), np.ones(len(dollars), bool), np.zeros(len(product) + lent, bool)]
        ),
        opened=joined([settlement.opened, people.since[dollars], put_away.opened, loans.opened]),
        closed=joined(
            [
                np.where(settlement.closed == NEVER, NO_DAY, settlement.closed),
                none,
                put_away.closed,
                np.where(loans.matures > over.until, NO_DAY, loans.matures),
            ]
        ),
        started=joined([settlement.opened, people.since[dollars], put_away.started, loans.opened]),
        matures=joined([np.full(demand, NO_DAY), none, put_away.matures, loans.matures]),
        rate=np.round(
            joined([np.full(demand + len(dollars), shapes.DEMAND_RATE), rate, RATES[loans.product]]) * SCALE
        ).astype(np.int64),
        rolls=joined([np.zeros(demand + len(dollars), bool), put_away.rolls, np.zeros(lent, bool)]),
        overdue=joined([np.full(demand + len(dollars) + len(product), -1), loans.overdue]),
        first_put_away=demand + len(dollars),
        first_loan=demand + len(dollars) + len(product),
    )


def _payrolls(pay: Pay, where: np.ndarray, over: Span, events: Events) -> None:
    """Each employer brings the month's wages and pays them out on its payday."""
    for month in range(over.months):
        payer, kind = pay.paid_in(month)
        staff = np.flatnonzero((payer >= 0) & (kind == SALARY))
        total = np.bincount(payer[staff], weights=pay.amount[staff], minlength=len(payer)).astype(np.int64)
        firms = np.flatnonzero(total)
        day = paydays(pay, over, month)[firms]
        open_now = (day <= over.ends[month]) & (day >= over.first)
        firms, day = firms[open_now], day[open_now]
        events.add(where[firms], day, total[firms], kind=KIND["business_in"], seq=140, bank=5)
        events.add(
            where[firms], day, -total[firms], kind=KIND["payroll_batch"], seq=141, bank=len(COUNTER_BANKS) - 1
        )


def _hold(chains: Chains, lots: Lots, book: Book, over: Span, streams: Streams, events: Events) -> None:
    """Balances and transit of the accounts that hold the lots."""
    fund = chains.family[lots.chain] == FUND
    _fund_values(chains, lots, book, over, streams.of("net asset values"), events)
    rows = np.flatnonzero(~fund & (lots.arrives <= over.until))
    account, amount = book.first_put_away + lots.account[rows], chains.amount[lots.chain[rows]]
    start, arrives, end = lots.start[rows], lots.arrives[rows], lots.end[rows]
    raised = lots.fresh[rows] & (arrives < start)
    events.add(account[raised], arrives[raised], 0, transit=amount[raised])
    moved = raised | ~lots.fresh[rows]
    begun = start <= over.until
    put = begun & ~moved
    events.add(account[put], start[put], amount[put])
    out = begun & moved
    events.add(account[out], start[out], amount[out], transit=-amount[out], seq=3)
    wealth = chains.family[lots.chain[rows]] == WEALTH
    ended = end <= over.until
    paid = ended & ~wealth
    events.add(account[paid], end[paid], -amount[paid], seq=1)
    due = ended & wealth
    events.add(account[due], end[due], -amount[due], transit=amount[due], seq=1)
    gone = due & lots.final[rows]
    events.add(account[gone], end[gone] + 1, 0, transit=-amount[gone], seq=2)


def _fund_values(chains: Chains, lots: Lots, book: Book, over: Span, rng: Generator, events: Events) -> None:
    """Funds move with the market: a new value each month's end, today's the wanted one."""
    rows = np.flatnonzero(chains.family[lots.chain] == FUND)
    account, amount = book.first_put_away + lots.account[rows], chains.amount[lots.chain[rows]]
    shock = rng.normal(0.003, [[0.004], [0.022], [0.042]], (FUNDS, over.months))
    value = np.exp(np.cumsum(shock[:, ::-1], axis=1)[:, ::-1] * -1)[lots.chain[rows] % FUNDS]
    first = over.month_of(lots.start[rows])
    bought = np.round(amount * value[np.arange(len(rows)), first]).astype(np.int64)
    bought = np.where(first == over.months - 1, amount, bought)
    events.add(account, lots.start[rows], bought)
    chains.amount[lots.chain[rows]] = bought  # what its purchase took from the settlement account
    before = bought
    for month in range(over.months):
        now = amount if month == over.months - 1 else np.round(amount * value[:, month]).astype(np.int64)
        live = (first < month) | (
            (first == month) & (month < over.months - 1) & (lots.start[rows] < over.first)
        )
        change = np.where(live, now - before, 0)
        events.add(account[live], int(over.ends[month]), change[live], seq=5)
        before = before + change


def _fund(
    people: Parties, chains: Chains, lots: Lots, where: np.ndarray, over: Span, rng: Generator, events: Events
) -> None:
    """The settlement account's side: money brought for a purchase, renewed at maturity, or carried away."""
    demand, amount = where[chains.party[lots.chain]], chains.amount[lots.chain]
    others = 2 + rng.integers(0, 7, len(demand))
    first = lots.first_of_chain & (lots.arrives >= over.first) & (lots.arrives <= over.until)
    own = rng.random(len(demand)) < 0.6
    for rows, kind, same in (
        (first & own, KIND["transfer_in"], True),
        (first & ~own, KIND["cash_in"], False),
    ):
        bank = np.where(same, others[rows], -1)
        events.add(demand[rows], lots.arrives[rows], amount[rows], kind=kind, seq=150, bank=bank, own=same)
    events.add(demand[first], lots.arrives[first], -amount[first], kind=KIND["invest_out"], seq=151)
    again = lots.fresh & ~lots.first_of_chain & (lots.start >= over.first) & (lots.start <= over.until)
    events.add(demand[again], lots.start[again], amount[again], kind=KIND["invest_in"], seq=152)
    events.add(demand[again], lots.start[again], -amount[again], kind=KIND["invest_out"], seq=153)
    wealth = chains.family[lots.chain] == WEALTH
    paid = lots.end + wealth
    left = lots.final & (lots.end <= over.until) & (chains.leaves[lots.chain] != HERE)
    left &= ~np.concatenate([lots.chain[1:] == lots.chain[:-1], [False]]) & (paid >= over.first)
    _carry_away(people, chains, lots.chain[left], demand[left], amount[left], paid[left], over, rng, events)


def _carry_away(
    people: Parties,
    chains: Chains,
    chain: np.ndarray,
    demand: np.ndarray,
    amount: np.ndarray,
    paid: np.ndarray,
    over: Span,
    rng: Generator,
    events: Events,
) -> None:
    """The sum is paid out to the settlement account and goes where the reason says."""
    reason = chains.reason[chain]
    goes = np.minimum(
        paid + np.where(rng.random(len(paid)) < 0.6, 0, rng.integers(1, 5, len(paid))), over.until
    )
    events.add(demand, paid, amount, kind=KIND["invest_in"], seq=154)
    bank = 2 + destination(chain, reason)
    own = OWN_NAME[reason]
    other = np.where(own, chains.party[chain], -1)
    events.add(demand, goes, -amount, kind=KIND["transfer_out"], seq=155, bank=bank, own=own, other=other)


def destination(chain: np.ndarray, reason: np.ndarray) -> np.ndarray:
    """Where money that left went, as a position in DESTINATIONS: brokers and the house fund by reason."""
    banks = len(DESTINATIONS) - 3
    return np.select([reason == 1, reason == 2], [banks + chain % 2, len(DESTINATIONS) - 1], chain % banks)
