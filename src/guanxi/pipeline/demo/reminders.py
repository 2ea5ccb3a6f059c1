"""What reminders are made of (账户提醒): when cards expire, and the next debit of loans and deposit accounts.

Nothing here is drawn: everything follows from the accounts' own numbers and days, so these columns leave the rest of
the bank as it is. Loans are repaid on the 20th from the holder's settlement account, as the ledger does it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from guanxi.pipeline.demo.catalog import FIRST_TIME
from guanxi.pipeline.demo.columns import EPOCH, NO_DAY, days, money, take
from guanxi.pipeline.demo.days import DAY, MONTH, add_months
from guanxi.pipeline.demo.piece import Made
from guanxi.pipeline.demo.population import PERSON
from guanxi.pipeline.demo.shapes import FEN
from guanxi.pipeline.demo.state import day_numbers
from guanxi.pipeline.demo.wealth import LOW

CARD_MONTHS, LATE_DAYS = 96, 10  # a card counts eight years; a few are only replaced after their last day
REPAID_ON = 20
DEBITED = 0.14  # share of persons' settlement accounts something is debited from each month
PREMIUMS = np.array(
    [0.15, 0.40]
)  # of these: a premium instead of the bills, of who has little and of the others
BILLS_ON, PREMIUM_ON = 5, 7
SPREAD = 10_007  # spreads neighbouring numbers


@dataclass(frozen=True)
class Debits:
    """The next debit by account: its day (NO_DAY: none), fen, and the position of the account that pays; -1 itself."""

    day: np.ndarray
    amount: np.ndarray
    payer: np.ndarray


def reminder_columns(made: Made, numbers: pa.Array, has_card: np.ndarray, until: int) -> dict[str, pa.Array]:
    """The last columns of the accounts file at the business date `until`."""
    expires = np.where(has_card, _card_ends(made.book.opened, until), NO_DAY)
    debit = _debits(made, until)
    return {
        "card_expires_on": days(expires),
        "due_on": days(debit.day),
        "due_amount": money(debit.amount, debit.day == NO_DAY),
        "paid_from_no": take(numbers, debit.payer),
    }


def rolled(accounts: pa.Table, day: int) -> dict[str, pa.Array]:
    """The days of debits and cards a night later: what has passed comes again a month, or a card's life, later."""
    due, ends = day_numbers(accounts["due_on"]), day_numbers(accounts["card_expires_on"])
    return {
        "due_on": days(np.where((due != NO_DAY) & (due < day), add_months(np.maximum(due, 0), 1), due)),
        "card_expires_on": days(
            np.where((ends != NO_DAY) & (ends < day - LATE_DAYS), add_months(np.maximum(ends, 0), CARD_MONTHS), ends)
        ),
    }  # fmt: skip


def _card_ends(opened: np.ndarray, until: int) -> np.ndarray:
    """The end of the month the present card counts to: each card follows the one before."""
    first = _month(opened)
    lived = np.maximum(_month(np.array(until - LATE_DAYS)) - first, 0)
    return _month_end(first + np.maximum(-(-lived // CARD_MONTHS), 1) * CARD_MONTHS)


def _debits(made: Made, until: int) -> Debits:
    book, people = made.book, made.people
    rows = len(book.party)
    day, amount, payer = np.full(rows, NO_DAY), np.zeros(rows, np.int64), np.full(rows, -1)
    main = np.full(len(people), -1)
    settled = np.flatnonzero((book.product < FIRST_TIME) & ~book.usd & (book.closed == NO_DAY))[::-1]
    main[book.party[settled]] = settled  # the first one stands
    loan = book.first_loan + np.arange(len(made.loans.party))
    lives = (made.loans.owed > 0) & (made.loans.matures > until) & (book.closed[loan] == NO_DAY)
    lives &= main[made.loans.party] >= 0
    step = made.loans.amount // made.loans.months
    day[loan[lives]] = np.minimum(_next(until, REPAID_ON), made.loans.matures[lives])
    amount[loan[lives]] = np.minimum(step, made.loans.owed)[lives]
    payer[loan[lives]] = main[made.loans.party[lives]]
    person = np.flatnonzero(
        (main >= 0) & (people.kind == PERSON) & ~people.has("empty", "dormant", "departed", "lost")
    )
    lot = people.number[person] * SPREAD % 1_000
    account = main[person]
    chosen = lot < DEBITED * 1_000
    wealthy = (people.band[person] > LOW).astype(np.int64)
    premium = lot < DEBITED * PREMIUMS[wealthy] * 1_000
    yearly = np.where(wealthy == 1, 6_000 + lot * 700, 2_000 + lot * 300)
    fen = np.where(premium, yearly, 60 + lot * 4) * FEN + lot * 7 % 100 * ~premium
    day[account[chosen]] = _next(until, np.where(premium, PREMIUM_ON, BILLS_ON))[chosen]
    amount[account[chosen]] = fen[chosen]
    return Debits(day, amount, payer)


def _month(day: np.ndarray) -> np.ndarray:
    """Months since 1970."""
    months: np.ndarray = (EPOCH + np.asarray(day).astype("timedelta64[D]")).astype(MONTH).astype(np.int64)
    return months


def _month_end(month: np.ndarray) -> np.ndarray:
    """The last day of months since 1970."""
    first = (np.datetime64("1970-01", "M") + (month + 1).astype("timedelta64[M]")).astype(DAY)
    last: np.ndarray = (first - EPOCH).astype(np.int64) - 1
    return last


def _next(until: int, on: int | np.ndarray) -> np.ndarray:
    """The next such day of a month after the business date."""
    month = _month(np.array(until))
    start = _month_end(month - 1)
    here = start + np.asarray(on)
    day: np.ndarray = np.where(here > until, here, _month_end(month) + np.asarray(on))
    return day
