"""Events in order: day-end balances where they changed, month-end snapshots, postings with the balance after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.pipeline.demo.columns import NO_DAY
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.events import SNAPSHOT, Events


@dataclass
class Balances:
    """Day-end rows, ordered by day, then account."""

    account: np.ndarray
    day: np.ndarray
    balance: np.ndarray
    transit: np.ndarray


@dataclass
class Postings:
    """Postings in file order: by day, then account, then as they happened."""

    account: np.ndarray
    day: np.ndarray
    change: np.ndarray
    after: np.ndarray
    kind: np.ndarray
    bank: np.ndarray
    other: np.ndarray
    own: np.ndarray


def snapshots(events: Events, opened: np.ndarray, closed: np.ndarray, over: Span) -> None:
    """Ask for a row of every open account on the first day of history and at each month's end."""
    accounts = np.arange(len(opened))
    lasting = np.where(closed == NO_DAY, np.int64(1) << 40, closed)
    ends = [int(end) for end, closed_month in zip(over.ends, over.closed, strict=True) if closed_month]
    for day in (over.first, *ends):
        rows = accounts[(opened <= day) & (lasting > day)]
        events.add(rows, day, 0, kind=SNAPSHOT, seq=250)


def settle(events: Events, over: Span) -> tuple[Balances, Postings]:
    """Carry all accounts from their first event to their last."""
    joined = events.joined()
    base = int(joined["day"].min())
    key = (
        (joined["account"].astype(np.int64) << 26)
        | ((joined["day"].astype(np.int64) - base) << 8)
        | joined["seq"]
    )
    order = np.argsort(key, kind="stable")
    rows = {name: values[order] for name, values in joined.items()}
    new_account = np.concatenate([[True], rows["account"][1:] != rows["account"][:-1]])
    balance = _running(rows["change"], new_account)
    transit = _running(rows["transit"], new_account)
    return _day_ends(rows, new_account, balance, transit, over), _postings(rows, balance, over)


def _running(change: np.ndarray, new_account: np.ndarray) -> np.ndarray:
    total = np.cumsum(change)
    before = total - change
    running: np.ndarray = total - before[np.flatnonzero(new_account)][np.cumsum(new_account) - 1]
    return running


def _day_ends(
    rows: dict[str, np.ndarray], new_account: np.ndarray, balance: np.ndarray, transit: np.ndarray, over: Span
) -> Balances:
    new_day = new_account | np.concatenate([[True], rows["day"][1:] != rows["day"][:-1]])
    last = np.flatnonzero(np.concatenate([new_day[1:], [True]]))
    first = np.flatnonzero(new_day)
    begins = new_account[first]
    end, moving = balance[last], transit[last]
    changed = (
        (end != np.concatenate([[0], end[:-1]])) | (moving != np.concatenate([[0], moving[:-1]])) | begins
    )
    day, account = rows["day"][last], rows["account"][last]
    keep = (changed | (rows["kind"][last] == SNAPSHOT)) & (day >= over.first) & (day <= over.until)
    chosen = np.flatnonzero(keep)
    chosen = chosen[np.argsort((day[chosen] - over.first).astype(np.int16), kind="stable")]
    return Balances(account[chosen], day[chosen], end[chosen], moving[chosen])


def _postings(rows: dict[str, np.ndarray], balance: np.ndarray, over: Span) -> Postings:
    day = rows["day"]
    chosen = np.flatnonzero(
        (rows["kind"] >= 0) & (day >= over.first) & (day <= over.until) & (rows["change"] != 0)
    )
    chosen = chosen[np.argsort((day[chosen] - over.first).astype(np.int16), kind="stable")]
    return Postings(
        account=rows["account"][chosen],
        day=day[chosen],
        change=rows["change"][chosen],
        after=balance[chosen],
        kind=rows["kind"][chosen],
        bank=rows["bank"][chosen],
        other=rows["other"][chosen],
        own=rows["own"][chosen],
    )
