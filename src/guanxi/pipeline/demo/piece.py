"""One piece of the bank, drawn and carried through its history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import doubles, leaving, trials
from guanxi.pipeline.demo.book import Book, book_of
from guanxi.pipeline.demo.catalog import (
    SCALE,
)
from guanxi.pipeline.demo.chains import HERE, Chains, chains_of
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.demand import move, seasonal, settlement_of
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.funding import fund, hold
from guanxi.pipeline.demo.ledger import Balances, Postings, settle, snapshots
from guanxi.pipeline.demo.loans import Loans, loans_of, move_loans
from guanxi.pipeline.demo.lots import Accounts, terms_of
from guanxi.pipeline.demo.organisation import Organisation
from guanxi.pipeline.demo.population import PERSON, Parties, Piece, parties
from guanxi.pipeline.demo.shapes import COUNTER_BANKS, KIND, WAN
from guanxi.pipeline.demo.streams import Streams
from guanxi.pipeline.demo.wealth import LOW
from guanxi.pipeline.demo.work import SALARY, Pay, pay_of, paydays


@dataclass
class Made:
    """A finished piece."""

    people: Parties
    pay: Pay
    chains: Chains
    put_away: Accounts
    loans: Loans
    book: Book
    leads: leaving.Leads
    closes: np.ndarray  # by settlement account: the day it closes; NEVER
    balances: Balances
    postings: Postings
    campaigns: trials.Planted


def make_piece(piece: Piece, streams: Streams, staff: Organisation, mid: np.ndarray) -> Made:
    """Draw a piece and carry it through its history."""
    over = piece.span
    people = parties(piece, streams, staff)
    doubles.plant(people, piece.owners, streams.of("duplicates"))
    leaving.plan(people, over, streams.of("leaving"))
    pay = pay_of(people, over, streams.of("work"))
    chains = chains_of(people, over, streams)
    put_away, lots = terms_of(chains, over, streams.of("terms"))
    chains, put_away, lots, planted = trials.plant(
        people, chains, put_away, lots, over, streams, piece.morning
    )
    dollars, usd_fen, usd_cny = _dollars(people, chains, int(mid[-1]), streams.of("dollars"))
    held = np.bincount(
        chains.party, weights=np.where(chains.leaves == HERE, chains.amount, 0), minlength=len(people)
    )
    held = held.astype(np.int64)
    held[dollars] += usd_cny
    settlement = settlement_of(
        people, pay, held, _closing(people, chains, over), over, streams.of("settlement"), piece.wish.payments
    )
    where = np.full(len(people), -1)
    where[settlement.party] = np.arange(len(settlement.party))
    second = _second_accounts(people, piece.wish.second_accounts, streams.of("second accounts"))
    loans = loans_of(people, over, streams.of("loans"))
    book = book_of(
        people, settlement, dollars, chains, put_away, loans, over, streams.of("products"), second=second
    )
    events = Events()
    move(settlement, people, pay, over, streams.of("movements"), events)
    seasonal(settlement, people, over, streams.of("seasons"), events)
    _payrolls(pay, where, over, events)
    usd_rows = len(settlement.party) + np.arange(len(dollars))
    events.add(usd_rows, np.maximum(book.opened[usd_rows], over.first - 1), usd_fen)
    hold(chains, lots, book, over, streams, events)
    leads = leaving.leads_of(people, _main_sums(people, chains), over, streams.of("leads"))
    leaving.carry_out(leads, people, where, over, events)
    fund(chains, lots, where, over, streams.of("funding"), events)
    move_loans(loans, book.first_loan, where[loans.party], over, streams.of("repayments"), events)
    snapshots(events, book.opened, book.closed, over)
    balances, postings = settle(events, over)
    return Made(
        people, pay, chains, put_away, loans, book, leads, settlement.closed, balances, postings, planted
    )


def _second_accounts(people: Parties, share: float, rng: Generator) -> np.ndarray:
    """Whose old second settlement account stands open with nothing on it."""
    able = (people.kind == PERSON) & (people.band >= 0)
    return np.flatnonzero(able & (rng.random(len(people)) < share))


def _main_sums(people: Parties, chains: Chains) -> np.ndarray:
    """By party: what left or, of those still here, what will; in fen."""
    gone = np.bincount(
        chains.party, weights=np.where(chains.reason >= 0, chains.amount, 0), minlength=len(people)
    )
    sums: np.ndarray = np.where(people.has("going"), people.aum, gone.astype(np.int64))
    return sums


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
