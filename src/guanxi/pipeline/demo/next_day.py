"""The night after: full small files, and of the dated ones only what the day brought."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.bank import GeneratedBank
from guanxi.pipeline.demo.columns import (
    NO_DAY,
    RATE,
    days,
    digits,
    fixed_text,
    letters,
    money,
    scaled,
    take,
    words,
)
from guanxi.pipeline.demo.days import as_date, before_weekend, number, weekday
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.ledger import Balances, Postings, settle
from guanxi.pipeline.demo.shapes import CHANNELS, COUNTER_BANKS, FEN, KIND, WAN
from guanxi.pipeline.demo.state import (
    Nights,
    day_numbers,
    fen,
    last_balances,
    month_of_postings,
    nights,
    table,
)
from guanxi.pipeline.demo.streams import Streams
from guanxi.pipeline.demo.writer import Control, ExtractWriter

UNCHANGED = (
    *("units", "staff", "customers", "contact_points", "consents", "relations", "products"),
    *("account_parties", "attributions", "credit", "ftp_rates"),
)
LEAVE_A_DAY = 1 / 4_000  # of the deposits of 6万 and more: broken off and carried away


@dataclass
class _Terms:
    """What the day changed on the account file."""

    started: np.ndarray
    matures: np.ndarray
    closed: np.ndarray


@dataclass
class _Morning:
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


def generate_day(folder: Path, day: date, *, seed: int = 7) -> GeneratedBank:
    """Write `<folder>/<day>/`, the delta after the newest night that stands in the folder.

    Deposits mature and roll over or are paid out, wealth products are redeemed and bought again, wages come on paydays,
    small payments go on, a few large sums leave. Nobody new comes. Raises ValueError unless `day` is the day after the
    newest night.
    """
    before = nights(folder, day)
    if day != before.last + timedelta(days=1):
        raise ValueError(f"day: {day}, the next night of {folder} is {before.last + timedelta(days=1)}")
    rng = Streams(seed, number(day)).of("night")
    extract = folder / day.isoformat()
    if extract.exists():
        shutil.rmtree(extract)
    morning = _morning(before)
    events = Events()
    terms = _mature(morning, number(day), rng, events)
    _leave(morning, terms, number(day), rng, events)
    paid = _wages(morning, before, day, events)
    _spend(morning, number(day), rng, events)
    balances, postings = _settled(morning, number(day), events)
    big = before.file("accounts").suffix == ".parquet"
    out = ExtractWriter(extract, day, big=big, complete=False)
    _copy(before, extract, out)
    out.write("accounts", _accounts_after(morning, terms))
    out.write("fx_rates", _rates_after(before, day, rng))
    out.write("balances", _balance_rows(morning, balances, number(day)))
    out.write("transactions", _posting_rows(morning, postings, paid, number(day)))
    out.write("channel_events", _log_ins(before, day, rng))
    out.close()
    return GeneratedBank(extract, folder / "truth", {name: part.rows for name, part in out.controls.items()})


def _morning(before: Nights) -> _Morning:
    accounts = table(before, "accounts")
    numbers = _plain(accounts["account_no"])
    parties = table(before, "account_parties")
    holders = parties.filter(pc.equal(_plain(parties["role"]), "holder"))
    holder = take(_plain(holders["customer_no"]), _place(numbers, _plain(holders["account_no"])))
    products = table(before, "products")
    family = take(
        _plain(products["family"]), _place(_plain(accounts["product_code"]), _plain(products["product_code"]))
    )
    balance, transit = last_balances(before, numbers)
    first = np.flatnonzero(_is_settlement(family, accounts))
    settlement = _place(holder, holder.take(pa.array(first)))
    settlement = np.where(settlement >= 0, first[np.maximum(settlement, 0)], -1)
    return _Morning(
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
    yuan = pc.equal(_plain(accounts["currency"]), "CNY")
    open_now = pc.is_null(accounts["closed_on"].combine_chunks())
    wanted = pc.and_(pc.and_(pc.equal(family, "demand"), yuan), open_now)
    return wanted.to_numpy(zero_copy_only=False)


def _place(values: pa.Array, known: pa.Array) -> np.ndarray:
    """Position of each value among the known ones; -1."""
    return pc.fill_null(pc.index_in(values, value_set=known), -1).to_numpy().astype(np.int64)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    joined = joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined
    return joined.cast(pa.string()) if pa.types.is_dictionary(joined.type) else joined


def _mature(of: _Morning, day: int, rng: Generator, events: Events) -> _Terms:
    """Terms that end or begin today: rolled over, paid out, redeemed, bought again."""
    stood = np.flatnonzero((of.balance != 0) | (of.transit != 0))
    events.add(stood, day - 1, of.balance[stood], transit=of.transit[stood])
    terms = _Terms(of.started.copy(), of.matures.copy(), of.closed.copy())
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


def _pay_out(of: _Morning, rows: np.ndarray, day: int, leaves: np.ndarray, events: Events) -> None:
    """The sum goes to the settlement account, and from there to an own account elsewhere where `leaves`."""
    amount, demand = of.balance[rows], of.settlement[rows]
    events.add(rows, day, -amount, seq=1)
    events.add(demand, day, amount, kind=KIND["invest_in"], seq=20)
    gone, bank = demand[leaves], 2 + rows[leaves] % 7
    events.add(gone, day, -amount[leaves], kind=KIND["transfer_out"], seq=21, bank=bank, own=True)


def _leave(of: _Morning, terms: _Terms, day: int, rng: Generator, events: Events) -> None:
    """A few deposits of 6万 and more are broken off early and carried away."""
    deposit = np.isin(of.family.to_numpy(zero_copy_only=False), ["time", "cd"])
    able = np.flatnonzero(deposit & (terms.closed == NO_DAY) & (of.balance >= 6 * WAN) & (of.settlement >= 0))
    able = able[(terms.started[able] < day) & (terms.matures[able] > day)]
    rows = np.sort(rng.permutation(able)[: max(2, int(len(able) * 4 * LEAVE_A_DAY))])
    terms.closed[rows] = day
    _pay_out(of, rows, day, np.ones(len(rows), bool), events)


def _wages(of: _Morning, before: Nights, day: date, events: Events) -> pa.Table:
    """Wages and pensions whose payday is today, as they came in the last full month of history."""
    last = before.dates[0]
    start = last.replace(day=1)
    rows = month_of_postings(before, ("salary", "pension"), start, last)
    nominal = np.array([*shapes.PAYDAYS, shapes.PENSION_DAY])
    then = before_weekend(number(start) + nominal - 1)
    now = before_weekend(number(day.replace(day=1)) + nominal - 1)
    due = np.isin(day_numbers(rows["day"]), then[now == number(day)])
    rows = rows.filter(pa.array(due))
    account = _place(_plain(rows["account_no"]), of.number)
    found = np.flatnonzero(account >= 0)
    found = found[of.closed[account[found]] == NO_DAY]
    rows, account = rows.take(pa.array(found)), account[found]
    pension = pc.equal(_plain(rows["purpose"]), "pension").to_numpy(zero_copy_only=False)
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


def _spend(of: _Morning, day: int, rng: Generator, events: Events) -> None:
    """Small payments, cash and transfers of some settlement accounts; a snapshot at month end."""
    active = np.flatnonzero((of.settlement == np.arange(len(of.balance))) & (of.balance > 20 * FEN))
    pays = active[rng.random(len(active)) < 0.06]
    yuan = np.exp(rng.normal(np.log(shapes.PAYMENT_MEDIAN), 1.15, len(pays)))
    amount = np.minimum(np.round(yuan * FEN).astype(np.int64) + 1, of.balance[pays] * 6 // 10)
    events.add(pays, day, -amount, kind=KIND["payment"], seq=30, bank=rng.integers(0, 2, len(pays)))
    moves = active[rng.random(len(active)) < 0.012]
    part = (of.balance[moves] * (0.02 + 0.25 * rng.random(len(moves)))).astype(np.int64) // FEN * FEN
    into = rng.random(len(moves)) < 0.5
    # At most 60 % and 27 % of the morning's balance leave: no account falls below zero.
    change, kind = np.where(into, part, -part), np.where(into, KIND["cash_in"], KIND["transfer_out"])
    events.add(moves[part > 0], day, change[part > 0], kind=kind[part > 0], seq=31)
    if as_date(day + 1).day == 1:
        from guanxi.pipeline.demo.events import SNAPSHOT

        events.add(np.flatnonzero(of.closed == NO_DAY), day, 0, kind=SNAPSHOT, seq=250)


def _settled(of: _Morning, day: int, events: Events) -> tuple[Balances, Postings]:
    from guanxi.pipeline.demo.days import Span

    one = np.array([day])
    return settle(events, Span(one, one, np.array([False])))


def _copy(before: Nights, extract: Path, out: ExtractWriter) -> None:
    """Files that nothing changed, byte for byte, with the control totals they had."""
    for name in UNCHANGED:
        source = before.file(name)
        shutil.copyfile(source, extract / source.name)
        said: dict[str, Any] = before.manifest["files"][source.name]
        sums = {column: Decimal(total) for column, total in said.get("sums", {}).items()}
        out.controls[name] = Control(source.name, said["rows"], sums)


def _accounts_after(of: _Morning, terms: _Terms) -> pa.Table:
    changed = {
        "started_on": days(terms.started),
        "matures_on": days(terms.matures),
        "closed_on": days(terms.closed),
        "state": pc.if_else(
            pa.array((terms.closed != NO_DAY) & (of.closed == NO_DAY)), "closed", _plain(of.accounts["state"])
        ),
    }
    return pa.table({name: changed.get(name, of.accounts[name]) for name in of.accounts.column_names})


def _rates_after(before: Nights, day: date, rng: Generator) -> pa.Table:
    """Exchange rates with one more day: a small step on weekdays."""
    rates = table(before, "fx_rates")
    step = int(rng.integers(-60, 61)) if weekday(np.array([number(day)]))[0] < 5 else 0
    latest = int(fen(rates["mid"])[-1]) + step * 10_000
    row = pa.table(
        {"currency": ["USD"], "day": days(np.array([number(day)])), "mid": scaled(np.array([latest]), RATE)}
    )
    return pa.concat_tables([rates.select(row.column_names), row])


def _balance_rows(of: _Morning, rows: Balances, day: int) -> pa.Table:
    return pa.table(
        {
            "account_no": words(rows.account, of.number),
            "day": days(np.full(len(rows.account), day)),
            "balance": money(rows.balance),
            "in_transit": money(rows.transit),
        }
    )


def _posting_rows(of: _Morning, rows: Postings, paid: pa.Table, day: int) -> pa.Table:
    count, kinds = len(rows.account), list(shapes.KINDS.values())
    known = list(dict.fromkeys(kind.purpose for kind in kinds))
    purpose = np.array([known.index(kind.purpose) for kind in kinds])
    channel = np.array([shapes.CHANNEL[kind.channels[0]] for kind in kinds])
    return pa.table(
        {
            "transaction_no": fixed_text(
                letters("N", count), digits(np.full(count, day), 5), digits(np.arange(count), 9)
            ),
            "account_no": words(rows.account, of.number),
            "day": days(rows.day),
            "direction": words((rows.change < 0).astype(np.int64), ("credit", "debit")),
            "amount": money(np.abs(rows.change)),
            "balance_after": money(rows.after),
            "purpose": words(purpose[rows.kind], known),
            "by_customer": pa.array(np.array([kind.by_customer for kind in kinds])[rows.kind]),
            "channel": words(channel[rows.kind], CHANNELS),
            "counter_bank": words(rows.bank, COUNTER_BANKS),
            "counter_name": take(_plain(paid["counter_name"]), rows.other),
            "same_name": pa.array(rows.own, mask=rows.bank < 2),
            "paid_by_no": take(_plain(paid["paid_by_no"]), rows.other),
        }
    )


def _log_ins(before: Nights, day: date, rng: Generator) -> pa.Table:
    """Log-ins of some of those who logged in on the first night's last two weeks."""
    import pyarrow.dataset as pads

    last = before.dates[0]
    recent = (pc.field("day") > pa.scalar(last - timedelta(days=14))) & (pc.field("event") == "log_in")
    rows = pads.dataset(before.file("channel_events", last)).to_table(
        columns=["customer_no", "channel"], filter=recent
    )
    pairs = rows.group_by(["customer_no", "channel"], use_threads=False).aggregate([])
    pairs = pairs.take(pa.array(np.flatnonzero(rng.random(len(pairs)) < 0.2)))
    count = len(pairs)
    return pa.table(
        {
            "customer_no": pairs["customer_no"],
            "day": days(np.full(count, number(day))),
            "channel": pairs["channel"],
            "event": pa.array(["log_in"] * count, pa.string()),
            "times": pa.array(1 + rng.poisson(1.0, count)),
        }
    )
