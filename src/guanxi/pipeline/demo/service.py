"""Service events (客户服务事件): complaints, direct debits, early withdrawals, closing requests; signals planted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from guanxi.pipeline.demo import leaving, shapes
from guanxi.pipeline.demo.catalog import FIRST_TIME, FIRST_WEALTH
from guanxi.pipeline.demo.chains import HERE, TIME
from guanxi.pipeline.demo.columns import NO_DAY, days, digits, fixed_text, letters, money, take, words
from guanxi.pipeline.demo.demand import NEVER
from guanxi.pipeline.demo.organisation import Organisation, unit_column
from guanxi.pipeline.demo.piece import Made
from guanxi.pipeline.demo.population import PERSON, Piece
from guanxi.pipeline.demo.shapes import REASONS, WAN
from guanxi.pipeline.demo.streams import Streams

KINDS = (
    "complaint",
    "direct_debit_signed",
    "direct_debit_cancelled",
    "early_withdrawal",
    "closing_request",
    "large_cash_request",
)
COMPLAINT, SIGNED, CANCELLED, EARLY, CLOSING, CASH = range(len(KINDS))
CHANNELS = ("counter", "mobile", "phone")
COMPLAINTS = ("手机银行转账", "理财收益说明", "网点排队", "短信提醒收费", "贷款审批时间", "工作人员态度")
DEBITS = ("电费", "水费", "燃气费", "宽带费", "物业费", "医保缴费")
USUAL_A_YEAR = {COMPLAINT: 0.010, SIGNED: 0.050, CANCELLED: 0.018}  # by customer, whoever leaves or stays
LARGE_CASH = 5 * WAN


@dataclass
class _Rows:
    """Events before they are put in order."""

    party: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    account: np.ndarray  # position in the book; -1
    amount: np.ndarray  # fen; -1


def _rows(kind: int, party: np.ndarray, day: np.ndarray, account: np.ndarray | None = None) -> _Rows:
    none = np.full(len(party), -1)
    return _Rows(party, day, np.full(len(party), kind), none if account is None else account, none)


def service_events(
    made: Made, customer: pa.Array, numbers: pa.Array, piece: Piece, staff: Organisation, streams: Streams
) -> pa.Table:
    """The service events file, by day."""
    rng, over = streams.of("service"), piece.span
    parts = [*_usual(made, piece, rng), *_leads(made), _early(made), _closings(made), _cash(made, rng)]
    party, day, kind, account, amount = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("party", "day", "kind", "account", "amount")
    )
    inside = (day >= over.first) & (day <= over.until) & (day >= made.people.since[party])
    order = np.flatnonzero(inside)
    order = order[np.lexsort((kind[order], party[order], day[order]))]
    party, day, kind, account, amount = (part[order] for part in (party, day, kind, account, amount))
    rows = len(order)
    about = np.select([kind == COMPLAINT, (kind == SIGNED) | (kind == CANCELLED)], [0, 1], -1)
    word = np.where(about >= 0, about * len(COMPLAINTS) + rng.integers(0, len(COMPLAINTS), rows), -1)
    settled = np.where(kind == COMPLAINT, day + 1 + rng.geometric(0.12, rows), NO_DAY)
    at_counter = np.isin(kind, [EARLY, CLOSING, CASH])
    return pa.table(
        {
            "event_no": fixed_text(
                letters("E", rows), digits(np.full(rows, piece.number), 4), digits(np.arange(rows), 8)
            ),
            "customer_no": customer.take(pa.array(party)),
            "day": days(day),
            "kind": words(kind, KINDS),
            "account_no": take(numbers, account),
            "channel": words(np.where(at_counter, 0, rng.integers(0, len(CHANNELS), rows)), CHANNELS),
            "amount": money(np.maximum(amount, 0), amount < 0),
            "about": words(word, (*COMPLAINTS, *DEBITS)),
            "unit_no": unit_column(staff, made.people.unit[party]),
            "settled_on": days(np.where(settled <= over.until, settled, NO_DAY)),
        }
    )


def _usual(made: Made, piece: Piece, rng: Generator) -> list[_Rows]:
    """What happens to anybody: complaints, direct debits signed and cancelled, at an even pace."""
    people, over = made.people, piece.span
    able = np.flatnonzero((people.kind == PERSON) & (people.band >= 0) & (people.age_band >= 1))
    length = over.until - over.first + 1
    parts = []
    for kind, a_year in USUAL_A_YEAR.items():
        who = able[rng.random(len(able)) < a_year * length / 365]
        parts.append(_rows(kind, who, over.first + rng.integers(0, length, len(who))))
    return parts


def _leads(made: Made) -> list[_Rows]:
    leads = made.leads
    return [
        _rows(kind, leads.party[leads.signal == signal], leads.day[leads.signal == signal])
        for signal, kind in ((leaving.COMPLAINT, COMPLAINT), (leaving.DEBIT, CANCELLED))
    ]


def _early(made: Made) -> _Rows:
    """Every time deposit that closed before its day."""
    book = made.book
    broken = (book.product >= FIRST_TIME) & (book.product < FIRST_WEALTH)
    broken &= (book.closed != NO_DAY) & (book.closed < book.matures)
    rows = np.flatnonzero(broken)
    events = _rows(EARLY, book.party[rows], book.closed[rows], rows)
    events.amount = made.chains.amount[made.put_away.chain[rows - book.first_put_away]]
    return events


def _closings(made: Made) -> _Rows:
    """Who closes the settlement account asks for it a few days before."""
    rows = np.flatnonzero(made.closes < NEVER)
    party = made.book.party[rows]
    return _rows(CLOSING, party, made.closes[rows] - party % 4, rows)


def _cash(made: Made, rng: Generator) -> _Rows:
    """Large sums that go to a house or a loan are announced at the counter now and then."""
    chains = made.chains
    away = np.isin(chains.reason, [leaving.HOUSE, leaving.REPAYMENT]) & (chains.amount >= LARGE_CASH)
    rows = np.flatnonzero(away & (rng.random(len(chains)) < 0.35))
    events = _rows(CASH, chains.party[rows], chains.leaves[rows] - rng.integers(1, 4, len(rows)))
    events.amount = chains.amount[rows]
    return events


def signals(made: Made, customer: pa.Array, piece: Piece) -> pa.Table:
    """Truth: what was planted to be seen before a departure, with the leaver's reason; a row a signal and day."""
    people, leads, over = made.people, made.leads, piece.span
    names = (*leaving.SIGNALS, "payroll_stopped", "maturity_not_renewed", "early_withdrawal")
    first = len(leaving.SIGNALS)
    stopped = np.flatnonzero((people.leave_reason == leaving.PAYROLL) & (made.pay.stops < over.months))
    closed, broken = _ended(made, over.until)
    parts = [
        (leads.party, leads.signal, leads.day),
        (stopped, np.full(len(stopped), first), over.starts[made.pay.stops[stopped]]),
        (made.chains.party[closed], np.full(len(closed), first + 1), made.chains.leaves[closed]),
        (made.chains.party[broken], np.full(len(broken), first + 2), made.chains.leaves[broken]),
    ]
    party, kind, day = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = (day >= over.first) & (day <= over.until)
    party, kind, day = party[inside], kind[inside], day[inside]
    return pa.table(
        {
            "customer_no": customer.take(pa.array(party)),
            "signal": words(kind, names),
            "day": days(day),
            "reason": words(people.leave_reason[party], REASONS),
        }
    )


def _ended(made: Made, until: int) -> tuple[np.ndarray, np.ndarray]:
    """Deposits of leavers that ended: (at maturity, before it), as positions among the chains."""
    chains, last = made.chains, len(made.chains)
    matures = made.put_away.matures[:last]  # the last term of every chain stands first, in their order
    gone = (chains.family == TIME) & (chains.leaves != HERE) & (chains.leaves <= until)
    gone &= made.people.leaves_on[chains.party] != NO_DAY
    return np.flatnonzero(gone & (matures == chains.leaves)), np.flatnonzero(gone & (matures > chains.leaves))


def going(made: Made, customer: pa.Array) -> pa.Table:
    """Truth: who is still here and will leave, on which day after the business date, why and where to."""
    people = made.people
    rows = np.flatnonzero(people.has("going") & (people.leaves_on != NO_DAY))
    reason = people.leave_reason[rows]
    return pa.table(
        {
            "customer_no": customer.take(pa.array(rows)),
            "leaves_on": days(people.leaves_on[rows]),
            "amount": money(people.aum[rows]),
            "reason": words(reason, REASONS),
            "destination": words(leaving.destination(rows, reason), shapes.DESTINATIONS),
            "own_name": pa.array(shapes.OWN_NAME[reason]),
        }
    )
