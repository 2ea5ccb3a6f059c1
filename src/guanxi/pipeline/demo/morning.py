"""How a generated bank stands before a day, and what the day does to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.columns import (
    NO_DAY,
    take,
)
from guanxi.pipeline.demo.days import as_date, before_weekend, number
from guanxi.pipeline.demo.events import SNAPSHOT, Events
from guanxi.pipeline.demo.shapes import COUNTER_BANKS, FEN, KIND, WAN
from guanxi.pipeline.demo.state import (
    Nights,
    day_numbers,
    fen,
    last_balances,
    month_of_postings,
    table,
)

UNCHANGED = (
    *("units", "staff", "customers", "contact_points", "consents", "relations", "products"),
    *("account_parties", "attributions", "credit", "ftp_rates"),
)
LEAVE_A_DAY = 1 / 150  # of the deposits of 6万 and more: broken off and carried away
MOVED_MOST = 3 * WAN  # by one of the ordinary movements


@dataclass
class Terms:
    """What the day changed on the account file."""

    started: np.ndarray
    matures: np.ndarray
    closed: np.ndarray


@dataclass
class Morning:
    """How the accounts stand before the day."""

    accounts: pa.Table
    number: pa.Array
    holder: pa.Array
    family: pa.Array
    balance: np.ndarray
    transit: np.ndarray
    started: np.ndarray
    matures: np.ndarray
    closed: np.ndarray
    settlement: np.ndarray  # by account: the holder's settlement account; -1


def morning_of(before: Nights) -> Morning:
    """Accounts, holders and balances after the newest night."""
    accounts = table(before, "accounts")
    numbers = plain_column(accounts["account_no"])
    parties = table(before, "account_parties")
    holders = parties.filter(pc.equal(plain_column(parties["role"]), "holder"))
    holder = take(
        plain_column(holders["customer_no"]), place_in(numbers, plain_column(holders["account_no"]))
    )
    products = table(before, "products")
    family = take(
        plain_column(products["family"]),
        place_in(plain_column(accounts["product_code"]), plain_column(products["product_code"])),
    )
    balance, transit = last_balances(before, numbers)
    first = np.flatnonzero(_is_settlement(family, accounts))
    settlement = place_in(holder, holder.take(pa.array(first)))
    settlement = np.where(settlement >= 0, first[np.maximum(settlement, 0)], -1)
    return Morning(
        accounts,
        numbers,
        holder,
        family,
        balance,
        transit,
        day_numbers(accounts["started_on"]),
        day_numbers(accounts["matures_on"]),
        day_numbers(accounts["closed_on"]),
        settlement,
    )


def _is_settlement(family: pa.Array, accounts: pa.Table) -> np.ndarray:
    yuan = pc.equal(plain_column(accounts["currency"]), "CNY")
    open_now = pc.is_null(accounts["closed_on"].combine_chunks())
    wanted = pc.and_(pc.and_(pc.equal(family, "demand"), yuan), open_now)
    chosen: np.ndarray = wanted.to_numpy(zero_copy_only=False)
    return chosen


def place_in(values: pa.Array, known: pa.Array) -> np.ndarray:
    """Position of each value among the known ones; -1."""
    place: np.ndarray = pc.fill_null(pc.index_in(values, value_set=known), -1).to_numpy().astype(np.int64)
    return place


def plain_column(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array of plain values."""
    joined = column.combine_chunks()
    joined = joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined
    return joined.cast(pa.string()) if pa.types.is_dictionary(joined.type) else joined


def mature(of: Morning, day: int, rng: Generator, events: Events) -> Terms:
    """Terms that end or begin today: rolled over, paid out, redeemed, bought again."""
    stood = np.flatnonzero((of.balance != 0) | (of.transit != 0))
    events.add(stood, day - 1, of.balance[stood], transit=of.transit[stood])
    terms = Terms(of.started.copy(), of.matures.copy(), of.closed.copy())
    family = of.family.to_numpy(zero_copy_only=False)
    here = (of.closed == NO_DAY) & (of.settlement >= 0)
    deposit = here & np.isin(family, ["time", "cd"]) & (of.matures == day)
    rolls = of.accounts["rolls_over"].combine_chunks().to_numpy(zero_copy_only=False).astype(bool)
    again = np.flatnonzero(deposit & rolls)
    terms.started[again], terms.matures[again] = day, day + of.matures[again] - of.started[again]
    out = np.flatnonzero(deposit & ~rolls)
    terms.closed[out] = day
    _pay_out(of, out, day, rng.random(len(out)) < 0.5, events)
    wealth = here & (family == "wealth")
    due = np.flatnonzero(wealth & (of.matures == day) & (of.balance > 0))
    events.add(due, day, -of.balance[due], transit=of.balance[due], seq=1)
    begins = np.flatnonzero(wealth & (of.started == day) & (of.transit > 0))
    events.add(begins, day, of.transit[begins], transit=-of.transit[begins], seq=1)
    bought = np.flatnonzero(wealth & (of.matures == day - 1) & (of.transit > 0))
    terms.started[bought] = day + rng.integers(1, 6, len(bought))
    terms.matures[bought] = terms.started[bought] + of.matures[bought] - of.started[bought]
    return terms


def _pay_out(of: Morning, rows: np.ndarray, day: int, leaves: np.ndarray, events: Events) -> None:
    """The sum goes to the settlement account, and from there to an own account elsewhere where `leaves`."""
    amount, demand = of.balance[rows], of.settlement[rows]
    events.add(rows, day, -amount, seq=1)
    events.add(demand, day, amount, kind=KIND["invest_in"], seq=20)
    gone, bank = demand[leaves], 2 + rows[leaves] % 7
    events.add(gone, day, -amount[leaves], kind=KIND["transfer_out"], seq=21, bank=bank, own=True)


def leave(of: Morning, terms: Terms, day: int, rng: Generator, events: Events) -> None:
    """A few deposits of 6万 and more are broken off early and carried away."""
    deposit = np.isin(of.family.to_numpy(zero_copy_only=False), ["time", "cd"])
    able = np.flatnonzero(deposit & (terms.closed == NO_DAY) & (of.balance >= 6 * WAN) & (of.settlement >= 0))
    able = able[(terms.started[able] < day) & (terms.matures[able] > day)]
    rows = np.sort(rng.permutation(able)[: max(2, int(len(able) * LEAVE_A_DAY))])
    terms.closed[rows] = day
    _pay_out(of, rows, day, np.ones(len(rows), bool), events)


def wages(of: Morning, before: Nights, day: date, events: Events) -> pa.Table:
    """Wages and pensions whose payday is today, as they came in the last full month of history."""
    last = before.dates[0]
    start = last.replace(day=1)
    rows = month_of_postings(before, ("salary", "pension"), start, last)
    nominal = np.array([*shapes.PAYDAYS, shapes.PENSION_DAY])
    then = before_weekend(number(start) + nominal - 1)
    now = before_weekend(number(day.replace(day=1)) + nominal - 1)
    due = np.isin(day_numbers(rows["day"]), then[now == number(day)])
    rows = rows.filter(pa.array(due))
    account = place_in(plain_column(rows["account_no"]), of.number)
    found = np.flatnonzero(account >= 0)
    found = found[of.closed[account[found]] == NO_DAY]
    rows, account = rows.take(pa.array(found)), account[found]
    pension = pc.equal(plain_column(rows["purpose"]), "pension").to_numpy(zero_copy_only=False)
    kind = np.where(pension, KIND["pension"], KIND["salary"])
    own_bank = len(COUNTER_BANKS) - 1
    events.add(
        account,
        number(day),
        fen(rows["amount"]),
        kind=kind,
        seq=10,
        bank=own_bank,
        other=np.arange(len(rows)),
    )
    return rows


def spend(of: Morning, day: int, rng: Generator, events: Events) -> None:
    """Small payments, cash and transfers of some settlement accounts; a snapshot at month end."""
    active = np.flatnonzero((of.settlement == np.arange(len(of.balance))) & (of.balance > 20 * FEN))
    pays = active[rng.random(len(active)) < 0.06]
    yuan = np.exp(rng.normal(np.log(shapes.PAYMENT_MEDIAN), 1.15, len(pays)))
    amount = np.minimum(np.round(yuan * FEN).astype(np.int64) + 1, of.balance[pays] * 6 // 10)
    events.add(pays, day, -amount, kind=KIND["payment"], seq=30, bank=rng.integers(0, 2, len(pays)))
    moves = active[rng.random(len(active)) < 0.012]
    part = (of.balance[moves] * (0.02 + 0.25 * rng.random(len(moves)))).astype(np.int64)
    part = np.minimum(part, MOVED_MOST) // FEN * FEN
    into = rng.random(len(moves)) < 0.5
    # At most 60 % and 27 % of the morning's balance leave: no account falls below zero.
    change, kind = np.where(into, part, -part), np.where(into, KIND["cash_in"], KIND["transfer_out"])
    events.add(moves[part > 0], day, change[part > 0], kind=kind[part > 0], seq=31)
    if as_date(day + 1).day == 1:
        events.add(np.flatnonzero(of.closed == NO_DAY), day, 0, kind=SNAPSHOT, seq=250)
