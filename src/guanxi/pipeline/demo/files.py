"""A finished piece as rows of the contract's files."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.catalog import CODES, FIRST_LOAN, FIRST_TIME, FIRST_WEALTH
from guanxi.pipeline.demo.columns import (
    NO_DAY,
    RATE,
    SHARE,
    days,
    digits,
    fixed_text,
    letters,
    money,
    scaled,
    take,
    words,
)
from guanxi.pipeline.demo.identity import cards, credit_codes, resident_ids, resident_ids_15
from guanxi.pipeline.demo.loans import CLASSES, loan_class
from guanxi.pipeline.demo.organisation import Organisation
from guanxi.pipeline.demo.piece import Book, Made
from guanxi.pipeline.demo.population import (
    COMPANIES_FROM,
    KINDS,
    PERSON,
    SIZES,
    Parties,
    Piece,
)
from guanxi.pipeline.demo.shapes import CHANNELS, COUNTER_BANKS
from guanxi.pipeline.demo.streams import Streams, pick

OCCUPATIONS = (
    "企业职工",
    "教师",
    "医务人员",
    "公务员",
    "个体经营",
    "务农",
    "退休",
    "学生",
    "自由职业",
    "工程技术人员",
)
INDUSTRIES = (
    "制造业",
    "批发和零售业",
    "建筑业",
    "农林牧渔业",
    "交通运输业",
    "住宿和餐饮业",
    "软件和信息服务业",
)
RESIDENTS = ("farmer", "sole_trader", "micro_owner", "employee", "retired", "other")
RENOWN = ("village_cadre", "business_owner", "deputy", "committee_member")
RENOWN_SOURCES = ("村委会公示", "工商登记", "人大公示", "政协公示")
VILLAGE_WORDS = (
    "观前社区",
    "平江社区",
    "湖滨社区",
    "城南社区",
    "柳溪村",
    "河西村",
    "北桥村",
    "荷塘村",
    "杨湾村",
    "东山村",
    "石码村",
    "陆家村",
)
GRADES = ("C1", "C2", "C3", "C4", "C5")
ID_TYPES = ("resident_id", "resident_id_15", "uscc", "passport")

BLOCK = 1 << 20  # rows of one Parquet row group


def customer_numbers(people: Parties) -> pa.Array:
    """Ten-digit customer numbers as text."""
    return fixed_text(digits(people.number, 10))


def account_numbers(book: Book, numbers: np.ndarray) -> pa.Array:
    """17 digits: the bank's 8801, the holder's ten, a running number of the holder's accounts."""
    order = np.argsort(book.party, kind="stable")
    sorted_party = book.party[order]
    first = np.flatnonzero(np.concatenate([[True], sorted_party[1:] != sorted_party[:-1]]))
    running = np.empty(len(order), np.int64)
    running[order] = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    return fixed_text(letters("8801", len(order)), digits(numbers[book.party], 10), digits(running + 1, 3))


def customers(made: Made, piece: Piece, streams: Streams, staff: Organisation) -> pa.Table:
    """The customers file."""
    people, rng, until = made.people, streams.of("customer facts"), piece.span.until
    rows = len(people)
    person = people.kind == PERSON
    firm = ~person
    known = person & (rng.random(rows) < 0.75)
    graded = person & (people.band >= 0) & (rng.random(rows) < np.array([0.18, 0.7, 0.93, 0.0])[people.band])
    grade = np.clip(pick(rng, np.array([14.0, 34.0, 33.0, 14.0, 5.0]), rows), 0, 4)
    boss = np.where(person, people.boss, -1)
    cadre = person & (people.age_band >= 3) & (rng.random(rows) < np.where(people.area == 2, 0.012, 0.004))
    owners = np.zeros(rows, bool)
    owners[people.owner_person[people.owner_person >= 0]] = True
    renown = np.where(
        cadre,
        np.array([0, 2, 3])[rng.integers(0, 3, rows)],
        np.where(owners & (rng.random(rows) < 0.4), 1, -1),
    )
    return pa.table(
        {
            "customer_no": customer_numbers(people),
            "kind": words(people.kind, KINDS),
            "name": people.name,
            **_identity(people, streams),
            "sex": words(np.where(firm, -1, np.where(people.male, 0, 1)), ("male", "female")),
            "birth_date": days(people.birth),
            "since": days(people.since),
            "unit_no": words(people.unit, staff.unit_no),
            "keeper_no": words(people.keeper, staff.staff_no),
            "area": words(np.where(people.area <= 1, 0, 1), ("urban", "rural")),
            "village": words(_villages(people, rng), VILLAGE_WORDS),
            "occupation": words(np.where(known, _occupation(people, rng), -1), OCCUPATIONS),
            "employer_name": take(people.name, np.where(rng.random(rows) < 0.8, boss, -1)),
            "resident_type": words(np.where(person, _resident_type(people, owners), -1), RESIDENTS),
            "size_class": words(people.size, SIZES),
            "industry": words(np.where(firm, rng.integers(0, len(INDUSTRIES), rows), -1), INDUSTRIES),
            "risk_grade": words(np.where(graded, grade, -1), GRADES),
            "risk_expires_on": days(np.where(graded, until + rng.integers(-60, 365, rows), NO_DAY)),
            "renown_kind": words(renown, RENOWN),
            "renown_source": words(renown, RENOWN_SOURCES),
            "renown_on": days(np.where(renown >= 0, until - rng.integers(30, 900, rows), NO_DAY)),
            "state": words(np.where(people.has("departed"), 1, 0), ("active", "closed")),
        }
    )


def _identity(people: Parties, streams: Streams) -> dict[str, pa.Array]:
    """Type and number: 18 digits for nearly all; a duplicate stands under its 15-digit number or a passport."""
    rng = streams.of("identity")
    rows = len(people)
    birth = np.where(people.birth == NO_DAY, 0, people.birth)
    firm = people.kind != PERSON
    codes = credit_codes(
        rng, int(firm.sum()), int(people.number[firm].min() - COMPANIES_FROM) if firm.any() else 0
    )
    place = np.cumsum(firm) - 1
    double = people.duplicate_of >= 0
    draw = rng.random(rows)
    old = double & (draw < 0.45) & (birth < 10_957)  # 15 digits know no year from 2000 on
    passport = double & ~old & (draw < 0.75)
    kind = np.select([firm, old, passport], [2, 1, 3], 0)
    passports = fixed_text(letters("E", rows), digits(rng.integers(10_000_000, 99_999_999, rows), 8))
    number = pc.if_else(
        pa.array(kind == 3),
        passports,
        pc.if_else(
            pa.array(kind == 1),
            resident_ids_15(people.id_area, birth, people.id_order),
            resident_ids(people.id_area, birth, people.id_order),
        ),
    )
    return {
        "id_type": words(kind, ID_TYPES),
        "id_no": pc.if_else(pa.array(firm), take(codes, np.where(firm, place, -1)), number),
    }


def _villages(people: Parties, rng: np.random.Generator) -> np.ndarray:
    rows = len(people)
    low, width = np.array([0, 2, 4])[people.area], np.array([2, 2, 8])[people.area]
    return np.where(rng.random(rows) < 0.85, low + (rng.random(rows) * width).astype(np.int64), -1)


def _occupation(people: Parties, rng: np.random.Generator) -> np.ndarray:
    rows = len(people)
    free = pick(rng, np.array([40.0, 5.0, 5.0, 6.0, 16.0, 0.0, 0.0, 0.0, 14.0, 14.0]), rows)
    free = np.where((people.area == 2) & (people.boss < 0) & (people.age_band >= 3), 5, free)
    free = np.where(people.age_band == 5, np.where(people.area == 2, 5, 6), free)
    return np.where(people.age_band == 0, 7, free)


def _resident_type(people: Parties, owners: np.ndarray) -> np.ndarray:
    kind = np.where(people.boss >= 0, 3, np.where(people.area == 2, 0, 5))
    kind = np.where((people.age_band == 5) & (people.area < 2), 4, kind)
    return np.where(owners, np.where(people.area == 2, 1, 2), kind)


def accounts(made: Made, numbers: pa.Array, piece: Piece, staff: Organisation, streams: Streams) -> pa.Table:
    """The accounts file."""
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
