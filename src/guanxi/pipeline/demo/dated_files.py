"""Balances and transactions, in blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.columns import (
    days,
    digits,
    fixed_text,
    letters,
    money,
    words,
)
from guanxi.pipeline.demo.piece import Made
from guanxi.pipeline.demo.population import (
    Piece,
)
from guanxi.pipeline.demo.shapes import CHANNELS, COUNTER_BANKS
from guanxi.pipeline.demo.streams import Streams

BLOCK = 1 << 20  # rows of one Parquet row group


def balances(made: Made, numbers: pa.Array) -> Iterator[pa.Table]:
    """The balances file, in blocks."""
    rows = made.balances
    for start in range(0, len(rows.account), BLOCK):
        part = slice(start, start + BLOCK)
        yield pa.table(
            {
                "account_no": words(rows.account[part], numbers),
                "day": days(rows.day[part]),
                "balance": money(rows.balance[part]),
                "in_transit": money(rows.transit[part]),
            }
        )


def transactions(
    made: Made, numbers: pa.Array, customer: pa.Array, piece: Piece, streams: Streams
) -> Iterator[pa.Table]:
    """The transactions file, in blocks: postings of settlement and loan accounts."""
    rows, rng = made.postings, streams.of("posting facts")
    people, holder = made.people, made.book.party
    channel_table = _channel_table()
    purposes = [kind.purpose for kind in shapes.KINDS.values()]
    known = list(dict.fromkeys(purposes))
    purpose_of = np.array([known.index(purpose) for purpose in purposes])
    begun = np.array([kind.by_customer for kind in shapes.KINDS.values()])
    for start in range(0, len(rows.account), BLOCK):
        part = slice(start, start + BLOCK)
        kind, change = rows.kind[part], rows.change[part]
        count = len(kind)
        channel = channel_table[kind, rng.integers(0, channel_table.shape[1], count)]
        no_app = (channel == shapes.CHANNEL["mobile"]) & ~people.mobile_active[holder[rows.account[part]]]
        channel = np.where(no_app, shapes.CHANNEL["counter"], channel)
        named = np.where(rows.own[part], holder[rows.account[part]], rows.other[part])
        payer = (rows.other[part] >= 0) & ((kind == shapes.KIND["salary"]) | (kind == shapes.KIND["pension"]))
        outside = rows.bank[part] >= 2
        yield pa.table(
            {
                "transaction_no": fixed_text(
                    letters("T", count),
                    digits(np.full(count, piece.number), 4),
                    digits(np.arange(start, start + count), 9),
                ),
                "account_no": words(rows.account[part], numbers),
                "day": days(rows.day[part]),
                "direction": words((change < 0).astype(np.int32), ("credit", "debit")),
                "amount": money(np.abs(change)),
                "balance_after": money(rows.after[part]),
                "purpose": words(purpose_of[kind], known),
                "by_customer": pa.array(begun[kind]),
                "channel": words(channel, CHANNELS),
                "counter_bank": words(rows.bank[part], COUNTER_BANKS),
                "counter_name": words(named, people.name),
                "same_name": pa.array(rows.own[part], mask=~outside),
                "paid_by_no": words(np.where(payer, rows.other[part], -1), customer),
            }
        )


def _channel_table() -> np.ndarray:
    """By kind of posting: twelve places filled with its channels in their shares."""
    table = [
        [shapes.CHANNEL[kind.channels[place % len(kind.channels)]] for place in range(12)]
        for kind in shapes.KINDS.values()
    ]
    return np.array(table, np.int8)
