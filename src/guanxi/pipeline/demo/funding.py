"""Sums put away, seen from both accounts: the one that holds them and the one that pays for them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo.book import Book
from guanxi.pipeline.demo.catalog import (
    FUNDS,
)
from guanxi.pipeline.demo.chains import FUND, HERE, WEALTH, Chains
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.leaving import destination
from guanxi.pipeline.demo.lots import Lots
from guanxi.pipeline.demo.shapes import KIND, OWN_NAME
from guanxi.pipeline.demo.streams import Streams


def hold(chains: Chains, lots: Lots, book: Book, over: Span, streams: Streams, events: Events) -> None:
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


def fund(chains: Chains, lots: Lots, where: np.ndarray, over: Span, rng: Generator, events: Events) -> None:
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
    _carry_away(chains, lots.chain[left], paid[left], (where, over, rng), events)


def _carry_away(
    chains: Chains,
    chain: np.ndarray,
    paid: np.ndarray,
    ground: tuple[np.ndarray, Span, Generator],
    events: Events,
) -> None:
    """These chains are paid out to the settlement account and go where the reason says, most the same day."""
    where, over, rng = ground
    demand, amount = where[chains.party[chain]], chains.amount[chain]
    reason = chains.reason[chain]
    later = np.where(rng.random(len(paid)) < 0.6, 0, rng.integers(1, 5, len(paid)))
    goes = np.minimum(paid + later, over.until)
    events.add(demand, paid, amount, kind=KIND["invest_in"], seq=154)
    own = OWN_NAME[reason]
    other = np.where(own, chains.party[chain], -1)
    bank = 2 + destination(chains.party[chain], reason)
    events.add(demand, goes, -amount, kind=KIND["transfer_out"], seq=155, bank=bank, own=own, other=other)
