"""Campaigns that truly worked, or truly did not (埋设的活动效果): what the demo's campaigns did to its ledger.

Whoever the keyed draw treats puts money into a new time deposit because of the campaign, with the chance planted here;
whoever it holds out does not, though he would have. Both are drawn for everybody, so that the truth file knows the true
effect: on whom it would have worked, not only on whom it did. The story of campaigns (`past/`) draws by the same key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

import numpy as np

from guanxi.insight.effects.assignment import BUCKETS, bucket
from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.chains import HERE, TIME, Chains, together
from guanxi.pipeline.demo.columns import NO_DAY
from guanxi.pipeline.demo.days import Span, add_months
from guanxi.pipeline.demo.lots import Accounts, Lots
from guanxi.pipeline.demo.population import PERSON, Parties
from guanxi.pipeline.demo.shapes import FEN
from guanxi.pipeline.demo.streams import Streams
from guanxi.pipeline.demo.wealth import LOW

KEY = b"the demo's story of campaigns"
TREATED = "treated"
LEAST = 500 * FEN  # what somebody puts away at least because of a campaign
FIRST_DAY, LAST_DAY = 2, 41  # of the campaign: when the deposits are opened
TERMS = (2, 4)  # one year, three years
Rows = TypeVar("Rows", Accounts, Lots)


@dataclass(frozen=True)
class Trial:
    """A campaign of the story: when it began, who was drawn with which share held out, and how often it works.

    `works`: the chance that somebody it could move (money on demand to put away) opens a time deposit because of it.
    """

    name: str
    days_ago: int  # before the first morning after the business date
    days: int  # how long it ran
    horizon_days: int
    managed: bool  # for customers of managers, else for those nobody keeps
    holders: bool  # for those who had a time deposit, else for those who had none
    holdout: Decimal
    hoped: Decimal
    works: float

    def began(self, today: date) -> date:
        """The first day."""
        return today - timedelta(days=self.days_ago)

    def ended(self, today: date) -> date:
        """The last day."""
        return self.began(today) + timedelta(days=self.days)


SEASON = (
    Trial("三季度定期到期承接", 120, 58, 60, True, True, Decimal("0.1"), Decimal("0.08"), 0.14),
    Trial("存款到期短信回访", 105, 45, 60, False, True, Decimal("0.4"), Decimal("0.08"), 0.26),
    Trial("活期转存短信提醒", 98, 45, 60, False, False, Decimal("0.4"), Decimal("0.04"), 0.0),
)


def unit(customer_no: str) -> str:
    """What the story draws by: the customer's number, known before the store has given a key."""
    return f"customer:{customer_no}"


def held_out(trial: Trial, customer_no: str) -> bool:
    """Whether the draw holds this customer out, as `drawing.arms_of` with KEY and the campaign's name does."""
    return bucket(KEY, trial.name, unit(customer_no)) < int(trial.holdout * BUCKETS)


@dataclass
class Planted:
    """What was planted, one row a customer a campaign could have drawn."""

    trial: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # position in SEASON
    party: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    control: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    opens: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # if treated; NO_DAY: never
    amount: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def plant(
    people: Parties,
    chains: Chains,
    put_away: Accounts,
    lots: Lots,
    over: Span,
    streams: Streams,
    morning: int,
) -> tuple[Chains, Accounts, Lots, Planted]:
    """The season's deposits added to what is put away; `morning` is the day the story is told on (days since 1970).

    Campaigns that began before the history, or within its first month, plant nothing.
    """
    rng = streams.of("campaigns")
    planted = [
        _of_trial(number, trial, people, chains, morning - trial.days_ago, rng)
        for number, trial in enumerate(SEASON)
        if morning - trial.days_ago > over.first + 30
    ]
    told = (
        Planted(*(np.concatenate(column) for column in zip(*planted, strict=True))) if planted else Planted()
    )
    rows = np.flatnonzero(~told.control & (told.opens != NO_DAY))
    if not len(rows):
        return chains, put_away, lots, told
    made = _deposits(told, rows, len(chains), len(put_away.chain))
    more, accounts, terms = made
    return together(chains, more), _after(put_away, accounts), _after(lots, terms), told


def _of_trial(
    number: int, trial: Trial, people: Parties, chains: Chains, began: int, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Who could be drawn, whom the draw holds out, and what each would do if treated."""
    everyone = len(people)
    moved, day = rng.random(everyone) < trial.works, began + rng.integers(FIRST_DAY, LAST_DAY, everyone)
    share = 0.15 + 0.25 * rng.random(everyone)
    holds = np.zeros(everyone, bool)
    holds[chains.party[(chains.family == TIME) & (chains.origin < began)]] = True
    band = people.band > LOW if trial.managed else people.band == LOW
    party = np.flatnonzero((people.kind == PERSON) & band & (holds == trial.holders) & (people.since < began))
    held = np.bincount(
        chains.party, weights=np.where(chains.leaves == HERE, chains.amount, 0), minlength=everyone
    )
    amount = ((people.aum - held) * share).astype(np.int64) // LEAST * LEAST
    # Who leaves, comes back or stands twice in the files has a story of his own.
    twice = (people.duplicate_of >= 0) | np.isin(np.arange(everyone), people.duplicate_of)
    able = people.has("steady", "growing") & ~twice & (amount >= LEAST) & moved
    control = np.array([held_out(trial, f"{number:010d}") for number in people.number[party].tolist()], bool)
    opens = np.where(able, day, NO_DAY)[party]
    return np.full(len(party), number), party, control, opens, np.where(able, amount, 0)[party]


def _deposits(told: Planted, rows: np.ndarray, chain: int, account: int) -> tuple[Chains, Accounts, Lots]:
    """New money of these rows, each on an account of its own, numbered from `chain` and `account` on."""
    count = len(rows)
    opened, numbers = told.opens[rows], chain + np.arange(count)
    never, place = np.full(count, HERE), account + np.arange(count)
    term = np.where(rows % 2 == 0, *TERMS)
    yes, no = np.ones(count, bool), np.zeros(count, bool)
    return (
        Chains(told.party[rows], np.full(count, TIME), told.amount[rows], opened, never, np.full(count, -1)),
        Accounts(
            numbers,
            opened,
            np.full(count, NO_DAY),
            opened,
            add_months(opened, shapes.TIME_TERMS[term]),
            term,
            no,
        ),
        Lots(place, numbers, opened, opened, never, yes, no, yes),
    )


def _after(first: Rows, then: Rows) -> Rows:
    """The rows of one after the other's."""
    return type(first)(*(np.concatenate([value, vars(then)[name]]) for name, value in vars(first).items()))
