"""Accounts, who stands behind them and whose performance they are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guanxi.pipeline.demo.book import Book
from guanxi.pipeline.demo.catalog import CODES, FIRST_LOAN, FIRST_TIME, FIRST_WEALTH
from guanxi.pipeline.demo.columns import (
    NO_DAY,
    RATE,
    SHARE,
    days,
    digits,
    fixed_text,
    letters,
    scaled,
    take,
    words,
)
from guanxi.pipeline.demo.identity import cards
from guanxi.pipeline.demo.loans import CLASSES, loan_class
from guanxi.pipeline.demo.organisation import Organisation
from guanxi.pipeline.demo.piece import Made
from guanxi.pipeline.demo.population import (
    PERSON,
    Parties,
)
from guanxi.pipeline.demo.reminders import reminder_columns
from guanxi.pipeline.demo.streams import Streams


def account_numbers(book: Book, numbers: np.ndarray) -> pa.Array:
    """17 digits: the bank's 8801, the holder's ten, a running number of the holder's accounts."""
    order = np.argsort(book.party, kind="stable")
    sorted_party = book.party[order]
    first = np.flatnonzero(np.concatenate([[True], sorted_party[1:] != sorted_party[:-1]]))
    running = np.empty(len(order), np.int64)
    running[order] = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    return fixed_text(letters("8801", len(order)), digits(numbers[book.party], 10), digits(running + 1, 3))


def accounts(made: Made, numbers: pa.Array, staff: Organisation, streams: Streams, *, until: int) -> pa.Table:
    """The accounts file at the business date `until`."""
    book, people, rng = made.book, made.people, streams.of("account facts")
    rows = len(book.party)
    person = people.kind[book.party] == PERSON
    demand = book.product < FIRST_TIME
    closed = book.closed != NO_DAY
    dormant = people.has("dormant", "empty")[book.party] & demand & person
    state = np.select([closed, dormant & (rng.random(rows) < 0.3), rng.random(rows) < 0.002], [4, 3, 1], 0)
    has_card = demand & person & ~book.usd & (rng.random(rows) < 0.85)
    running = (people.number[book.party] % 10**9) * 100 + np.minimum(np.arange(rows) % 97, 99)
    term = np.where(book.matures == NO_DAY, 0, book.matures - book.started)
    class_code = np.where(demand & person, np.where(rng.random(rows) < 0.93, 0, 1), -1)
    opened_by = _opener(made, staff, rng)
    return pa.table(
        {
            "account_no": numbers,
            "product_code": words(book.product, CODES),
            "unit_no": words(_account_unit(people, book, staff, rng), staff.unit_no),
            "currency": words(book.usd.astype(np.int32), ("CNY", "USD")),
            "opened_on": days(book.opened),
            "closed_on": days(book.closed),
            "state": words(state, ("open", "frozen", "stopped", "dormant", "closed")),
            "started_on": days(book.started),
            "matures_on": days(book.matures),
            "term_days": pa.array(term.astype(np.int64), mask=term == 0),
            "rate": scaled(book.rate, RATE),
            "rolls_over": pa.array(book.rolls),
            "account_class": words(class_code, ("I", "II")),
            "open_channel": words(np.where(rng.random(rows) < 0.35, 1, 0), ("counter", "mobile")),
            "acquired_by": words(opened_by, staff.staff_no),
            "card_no": take(cards(running), np.where(has_card, np.arange(rows), -1)),
            "loan_class": words(np.where(book.overdue >= 0, loan_class(book.overdue), -1), CLASSES),
            "overdue_days": pa.array(np.maximum(book.overdue, 0).astype(np.int64)),
            **reminder_columns(made, numbers, has_card, until),
        }
    )


def _account_unit(people: Parties, book: Book, staff: Organisation, rng: np.random.Generator) -> np.ndarray:
    """Where the account was opened: the holder's outlet, one in twelve elsewhere."""
    home = people.unit[book.party]
    elsewhere = rng.integers(0, len(staff.unit_no), len(home))
    return np.where(rng.random(len(home)) < 0.08, elsewhere, home)


def _opener(made: Made, staff: Organisation, rng: np.random.Generator) -> np.ndarray:
    """Who brought the account (揽存人): somebody of the holder's outlet, for money put away and loans."""
    book = made.book
    rows = len(book.party)
    unit = made.people.unit[book.party]
    chance = rng.random(rows)
    opener = np.full(rows, -1)
    for outlet in range(len(staff.unit_no)):
        seats = np.concatenate([staff.managers[outlet], staff.tellers[outlet]])
        inside = (unit == outlet) & (book.product >= FIRST_TIME)
        opener = np.where(inside & (chance < 0.6), seats[rng.integers(0, len(seats), rows)], opener)
    return opener


def account_parties(made: Made, numbers: pa.Array, customer: pa.Array, streams: Streams) -> pa.Table:
    """Holders of every account, and now and then somebody who may act for an old or a young one."""
    book, people, rng = made.book, made.people, streams.of("roles")
    rows = len(book.party)
    age = people.age_band[book.party]
    cared = ((age == 5) & (rng.random(rows) < 0.02)) | ((age == 0) & (rng.random(rows) < 0.8))
    adults = np.flatnonzero(
        (people.kind == PERSON) & (people.age_band >= 2) & (people.age_band <= 4) & (people.band >= 0)
    )
    extra = np.flatnonzero(cared) if len(adults) else np.zeros(0, np.int64)
    helper = adults[(book.party[extra] * 7919) % len(adults)] if len(extra) else extra
    account = np.concatenate([np.arange(rows), extra])
    party = np.concatenate([book.party, helper])
    role = np.concatenate([np.zeros(rows, np.int64), np.where(age[extra] == 0, 2, 1)])
    holder = role == 0
    return pa.table(
        {
            "account_no": numbers.take(pa.array(account)),
            "customer_no": customer.take(pa.array(party)),
            "role": words(role, ("holder", "agent", "guardian")),
            "share": scaled(np.where(holder, 10**8, 0), SHARE, ~holder),
        }
    )


def attributions(made: Made, account_table: pa.Table) -> pa.Table:
    """Deposits count for who brought them; wealth and insurance sales for who sold them."""
    book = made.book
    brought = pc.is_valid(account_table["acquired_by"]).to_numpy(zero_copy_only=False) & (
        book.product < FIRST_LOAN
    )
    rows = np.flatnonzero(brought)
    chosen = account_table.take(pa.array(rows))
    return pa.table(
        {
            "account_no": chosen["account_no"],
            "staff_no": chosen["acquired_by"],
            "kind": words(np.where(book.product[rows] < FIRST_WEALTH, 0, 1), ("deposit", "marketing")),
            "share": scaled(np.full(len(rows), 10**8), SHARE),
            "valid_from": chosen["opened_on"],
            "valid_to": chosen["closed_on"],
        }
    )
