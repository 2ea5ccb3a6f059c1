"""The night after: full small files, and of the dated ones only what the day brought."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
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
from guanxi.pipeline.demo.days import Span, number, weekday
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.ledger import Balances, Postings, settle
from guanxi.pipeline.demo.morning import Morning, Terms, leave, mature, morning_of, plain_column, spend, wages
from guanxi.pipeline.demo.reminders import rolled
from guanxi.pipeline.demo.service import CANCELLED, COMPLAINT, COMPLAINTS, DEBITS, EARLY, KINDS
from guanxi.pipeline.demo.service import CHANNELS as SERVICE_CHANNELS
from guanxi.pipeline.demo.shapes import CHANNELS, COUNTER_BANKS
from guanxi.pipeline.demo.state import (
    Nights,
    fen,
    nights,
    table,
)
from guanxi.pipeline.demo.streams import Streams
from guanxi.pipeline.demo.writer import Control, ExtractWriter

UNCHANGED = (
    *("units", "staff", "customers", "contact_points", "consents", "relations", "products"),
    *("account_parties", "attributions", "credit", "ftp_rates"),
)


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
    morning = morning_of(before)
    events = Events()
    terms = mature(morning, number(day), rng, events)
    leave(morning, terms, number(day), rng, events)
    paid = wages(morning, before, day, events)
    spend(morning, number(day), rng, events)
    balances, postings = _settled(number(day), events)
    big = before.file("accounts").suffix == ".parquet"
    out = ExtractWriter(extract, day, big=big, complete=False)
    _copy(before, extract, out)
    out.write("accounts", _accounts_after(morning, terms, number(day)))
    out.write("fx_rates", _rates_after(before, day, rng))
    out.write("balances", _balance_rows(morning, balances, number(day)))
    out.write("transactions", _posting_rows(morning, postings, paid, number(day)))
    out.write("channel_events", _log_ins(before, day, rng))
    out.write("service_events", _service(morning, terms, number(day), rng))
    out.close()
    return GeneratedBank(extract, folder / "truth", {name: part.rows for name, part in out.controls.items()})


def _settled(day: int, events: Events) -> tuple[Balances, Postings]:
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


def _accounts_after(of: Morning, terms: Terms, day: int) -> pa.Table:
    changed = {
        **rolled(of.accounts, day),
        "started_on": days(terms.started),
        "matures_on": days(terms.matures),
        "closed_on": days(terms.closed),
        "state": pc.if_else(
            pa.array((terms.closed != NO_DAY) & (of.closed == NO_DAY)),
            "closed",
            plain_column(of.accounts["state"]),
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


def _balance_rows(of: Morning, rows: Balances, day: int) -> pa.Table:
    return pa.table(
        {
            "account_no": words(rows.account, of.number),
            "day": days(np.full(len(rows.account), day)),
            "balance": money(rows.balance),
            "in_transit": money(rows.transit),
        }
    )


def _posting_rows(of: Morning, rows: Postings, paid: pa.Table, day: int) -> pa.Table:
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
            "counter_name": take(plain_column(paid["counter_name"]), rows.other),
            "same_name": pa.array(rows.own, mask=rows.bank < 2),
            "paid_by_no": take(plain_column(paid["paid_by_no"]), rows.other),
        }
    )


def _service(of: Morning, terms: Terms, day: int, rng: Generator) -> pa.Table:
    """Deposits broken off today, and a complaint or a cancelled direct debit here and there."""
    broken = np.flatnonzero((terms.closed == day) & (terms.matures > day))
    others = np.flatnonzero(
        (of.settlement == np.arange(len(of.balance))) & (rng.random(len(of.balance)) < 1e-4)
    )
    rows = np.concatenate([broken, others])
    count, early = len(rows), len(broken)
    kind = np.concatenate([np.full(early, EARLY), rng.choice([COMPLAINT, CANCELLED], len(others))])
    word = np.where(kind == EARLY, -1, rng.integers(0, len(COMPLAINTS), count))
    return pa.table(
        {
            "event_no": fixed_text(
                letters("N", count), digits(np.full(count, day), 5), digits(np.arange(count), 8)
            ),
            "customer_no": of.holder.take(pa.array(rows)),
            "day": days(np.full(count, day)),
            "kind": words(kind, KINDS),
            "account_no": take(of.number, np.where(kind == EARLY, rows, -1)),
            "channel": words(np.where(kind == EARLY, 0, 2), SERVICE_CHANNELS),
            "amount": money(np.where(kind == EARLY, of.balance[rows], 0), kind != EARLY),
            "about": words(word + np.where(kind == CANCELLED, len(COMPLAINTS), 0), (*COMPLAINTS, *DEBITS)),
            "unit_no": plain_column(of.accounts["unit_no"]).take(pa.array(rows)),
            "settled_on": days(np.full(count, NO_DAY)),
        }
    )


def _log_ins(before: Nights, day: date, rng: Generator) -> pa.Table:
    """Log-ins of some of those who logged in on the first night's last two weeks."""
    last = before.dates[0]
    recent = (pc.field("day") > pa.scalar(last - timedelta(days=14))) & (pc.field("event") == "log_in")
    rows = pads.dataset(before.file("channel_events", last)).to_table(
        columns=["customer_no", "channel"], filter=recent
    )
    # A large file is read in pieces with a dictionary each, which a grouping does not take.
    plain = pa.table({name: plain_column(rows[name]) for name in rows.column_names})
    pairs = plain.group_by(["customer_no", "channel"], use_threads=False).aggregate([])
    pairs = pairs.sort_by([("customer_no", "ascending"), ("channel", "ascending")])
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
