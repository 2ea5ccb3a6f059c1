"""Who leaves, when and why, and what shows in the months before (流失与先兆).

A leaver's main sum goes on `leaves_on`; for those still here (`going`) that day lies after the business date. The
reason decides what can be seen before it: own-name transfers to another bank, fewer log-ins, wages that stop, a
complaint, a cancelled direct debit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.columns import NO_DAY
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.events import Events
from guanxi.pipeline.demo.population import PERSON, Parties
from guanxi.pipeline.demo.shapes import FEN, KIND
from guanxi.pipeline.demo.streams import pick

RATE, BROKER, HOUSE, REPAYMENT, PAYROLL, MOVED, SERVICE = range(len(shapes.REASONS))
SIGNALS = ("own_name_outflow", "log_ins_down", "complaint", "direct_debit_cancelled")
OUTFLOW, LOG_INS, COMPLAINT, DEBIT = range(len(SIGNALS))
# By reason: how often each signal is seen, and how many days before the money goes (from, to).
CHANCE = np.array(
    [
        [0.70, 0.65, 0.03, 0.30],
        [0.60, 0.10, 0.00, 0.05],
        [0.05, 0.00, 0.00, 0.00],
        [0.00, 0.00, 0.00, 0.00],
        [0.60, 0.60, 0.02, 0.60],
        [0.55, 0.65, 0.02, 0.70],
        [0.55, 0.60, 0.85, 0.35],
    ]
)
AHEAD = ((18, 90), (45, 100), (20, 80), (8, 70))
LEAVERS_OF_MONTHS = 25  # the stories' share of leavers is that of so many months
LEFT_BEFORE = 20  # days: nobody left later than this, but for the large changes of the last day


@dataclass
class Leads:
    """What was seen before a departure, one row each; `amount` for money, else 0."""

    party: np.ndarray
    signal: np.ndarray
    day: np.ndarray
    amount: np.ndarray


def plan(people: Parties, over: Span, rng: Generator) -> None:
    """Set `leaves_on` and `leave_reason` for everyone whose story is one of leaving."""
    rows = len(people)
    length = over.until - over.first
    # As many a month in a short history as in a long one: the others stay.
    stays = people.has("leaving") & (rng.random(rows) >= over.months / LEAVERS_OF_MONTHS)
    people.story[stays] = shapes.STORY["steady"]
    back = (rng.random(rows) * max(length - 80, 5)).astype(np.int64)
    days = {
        "leaving": over.until - LEFT_BEFORE - back,
        "going": over.until + rng.integers(1, 91, rows),
        "lost": over.until - rng.integers(62, 600, rows),
        "departed": over.until - rng.integers(30, 700, rows),
    }
    for story, day in days.items():
        known = people.has(story) & ((people.since < day - 400) | (story == "going"))
        people.leaves_on = np.where(known, day, people.leaves_on)
    people.leave_reason = np.where(
        people.leaves_on != NO_DAY, pick(rng, shapes.REASON_WEIGHTS, rows), people.leave_reason
    )


def leads_of(people: Parties, amount: np.ndarray, over: Span, rng: Generator) -> Leads:
    """What shows before each departure inside history; `amount` is what the party's main sum comes to, in fen."""
    who = np.flatnonzero((people.leaves_on != NO_DAY) & (people.kind == PERSON))
    parts = []
    for signal, (near, far) in enumerate(AHEAD):
        seen = who[rng.random(len(who)) < CHANCE[people.leave_reason[who], signal]]
        times = 1 + rng.integers(0, 3, len(seen)) if signal == OUTFLOW else np.ones(len(seen), np.int64)
        party = np.repeat(seen, times)
        day = people.leaves_on[party] - rng.integers(near, far + 1, len(party))
        part = 0.04 + 0.06 * rng.random(len(party)) if signal == OUTFLOW else np.zeros(len(party))
        sums = (amount[party] * part).astype(np.int64) // (100 * FEN) * 100 * FEN
        inside = (day >= np.maximum(over.first + 1, people.since[party] + 30)) & (day <= over.until)
        inside &= (sums >= 200 * FEN) | (signal != OUTFLOW)
        parts.append((party[inside], np.full(int(inside.sum()), signal), day[inside], sums[inside]))
    return Leads(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def carry_out(leads: Leads, people: Parties, where: np.ndarray, over: Span, events: Events) -> None:
    """Own-name transfers before the departure, out of money that stood on the settlement account until then."""
    rows = np.flatnonzero((leads.signal == OUTFLOW) & (where[leads.party] >= 0))
    party, day, amount = leads.party[rows], leads.day[rows], leads.amount[rows]
    account = where[party]
    came = np.maximum(people.since[party], over.first - 1)
    old = came < over.first
    events.add(account[old], came[old], amount[old])
    events.add(account[~old], came[~old], amount[~old], kind=KIND["cash_in"], seq=100)
    bank = 2 + destination(party, people.leave_reason[party])
    events.add(account, day, -amount, kind=KIND["transfer_out"], seq=110, bank=bank, other=party, own=True)


def destination(party: np.ndarray, reason: np.ndarray) -> np.ndarray:
    """Where a party's money goes, a position in DESTINATIONS: always the same bank, but by reason."""
    banks = len(shapes.DESTINATIONS) - 3
    last = len(shapes.DESTINATIONS) - 1
    return np.select([reason == BROKER, reason == HOUSE], [banks + party % 2, last], party % banks)


def fades_on(leads: Leads, rows: int) -> np.ndarray:
    """By party: the day from which log-ins become few; far in the future for all others."""
    day = np.full(rows, 1 << 29)
    seen = leads.signal == LOG_INS
    day[leads.party[seen]] = leads.day[seen]
    return day
