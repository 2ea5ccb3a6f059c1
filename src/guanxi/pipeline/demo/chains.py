"""Money put away: chains of deposits, wealth products, funds and insurance, each a sum that stays or leaves.

A chain is one sum in one family from its coming (`origin`) to its leaving (`leaves`, or still here). `lots` cuts it
into terms: a deposit with 约定转存 and a wealth series keep one account, other deposits a new account per term.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.columns import NO_DAY
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.population import Parties
from guanxi.pipeline.demo.shapes import BAND_EDGES, FAMILIES, FEN, STORY, WAN
from guanxi.pipeline.demo.streams import Streams, pick
from guanxi.pipeline.demo.wealth import LOW, VIP

LONG_BEFORE = 1_900  # days: older than the longest term
HERE = 1 << 30  # leaves never
TIME, WEALTH, FUND, INSURANCE = range(len(FAMILIES))


@dataclass
class Chains:
    """Sums put away, one row each; days since 1970, amounts in fen."""

    party: np.ndarray
    family: np.ndarray
    amount: np.ndarray
    origin: np.ndarray
    leaves: np.ndarray
    reason: np.ndarray  # position in shapes.REASONS for money that left; -1

    def __len__(self) -> int:
        return len(self.party)


def together(*parts: Chains) -> Chains:
    """Several groups of chains as one."""
    return Chains(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Chains)))


def chains_of(people: Parties, over: Span, streams: Streams) -> Chains:
    """Everything put away by everyone, and what was put away once and has left."""
    here = _present(people, over, streams.of("holdings"))
    gone = _departures(people, over, streams.of("departures"))
    moved = _last_day(people, here, over, streams.of("last day"))
    return together(here, gone, moved)


def _present(people: Parties, over: Span, rng: Generator) -> Chains:
    """What is held at the business date: by band and area, whole 万 mostly, the rest stays on demand."""
    owners = np.flatnonzero((people.band >= 0) & (people.aum >= 3_000 * FEN) & ~people.has("dormant", "lost"))
    mix_band = np.searchsorted(np.array(BAND_EDGES), people.aum[owners], side="right")
    share, holders = shapes.MIX[mix_band].copy(), shapes.HOLDERS[mix_band].copy()
    shift = np.where(people.area[owners] == 2, shapes.TOWNSHIP_SHIFT, 0.0)
    moved = np.minimum(shift, share[:, WEALTH])
    share[:, TIME] += moved
    share[:, WEALTH] -= moved
    holders[:, WEALTH] *= np.where(shift > 0, 0.35, 1.0)
    holds = rng.random(holders.shape) < holders
    given = np.where(holders > 0, share / np.maximum(holders, 1e-9), 0.0) * np.exp(
        rng.normal(0, 0.25, share.shape)
    )
    given = np.where(holds, given, 0.0)
    total = given.sum(axis=1)
    given *= np.where(total > 0.96, 0.96 / np.maximum(total, 1e-9), 1.0)[:, None]
    parts = [_rounded(rng, people.aum[owners] * given[:, family], family) for family in range(len(FAMILIES))]
    made = [_split(owners, amount, family, rng) for family, amount in enumerate(parts)]
    party, family, amount = (np.concatenate(column) for column in zip(*made, strict=True))
    origin = _origins(people, party, over, rng)
    return Chains(party, family, amount, origin, np.full(len(party), HERE), np.full(len(party), -1))


def _rounded(rng: Generator, amount: np.ndarray, family: int) -> np.ndarray:
    """Down to whole 万 (most time deposits), whole thousands, or whole 万 for wealth from 1万."""
    whole = rng.random(len(amount)) < (shapes.WHOLE_WAN if family == TIME else 0.9)
    unit = np.where(whole & (amount >= WAN), WAN, 1_000 * FEN)
    least = {TIME: 1_000 * FEN, WEALTH: WAN, FUND: 1_000 * FEN, INSURANCE: 5_000 * FEN}[family]
    rounded = (amount // unit * unit).astype(np.int64)
    return np.where(rounded >= least, rounded, 0)


def _split(owners: np.ndarray, amount: np.ndarray, family: int, rng: Generator) -> tuple[np.ndarray, ...]:
    """One sum into one to eight pieces of whole 万 (deposits), one to three (wealth), else one."""
    most = {TIME: 8, WEALTH: 3}.get(family, 1)
    # Who can puts 20万 and more together: from there on it is a large certificate (大额存单).
    typical = np.where(amount >= 20 * WAN, 32 * WAN, 12 * WAN) if family == TIME else 18 * WAN
    pieces = 1 + rng.poisson(np.minimum(amount / typical, 6.0))
    pieces = np.where(amount > 0, np.minimum(np.minimum(pieces, most), np.maximum(amount // WAN, 1)), 0)
    party, sums = [], []
    for place in range(most):
        has = pieces > place
        even = amount // np.maximum(pieces, 1) // WAN * WAN
        part = np.where(place == pieces - 1, amount - even * (pieces - 1), even)
        keep = has & (part > 0)
        party.append(owners[keep])
        sums.append(part[keep])
    party_all = np.concatenate(party)
    return party_all, np.full(len(party_all), family), np.concatenate(sums)


def _origins(people: Parties, party: np.ndarray, over: Span, rng: Generator) -> np.ndarray:
    """When each sum came: before history for most, in it for the growing, after their first day for all."""
    rows = len(party)
    length = over.until - over.first
    inside = over.first + (rng.random(rows) * max(length - 10, 1)).astype(np.int64)
    # New money comes at an even pace, so that no month of a short history looks unlike the others.
    fresh = shapes.NEW_MONEY_A_MONTH * over.months
    origin = np.where(rng.random(rows) >= fresh, over.first - LONG_BEFORE, inside)
    growing = np.isin(people.story[party], [STORY["growing"]]) & (rng.random(rows) < 0.4)
    origin = np.where(growing, over.until - rng.integers(10, 200, rows), origin)
    back = np.isin(people.story[party], [STORY["won_back"]])
    origin = np.where(back, people.back_on[party], origin)
    came: np.ndarray = np.maximum(origin, people.since[party])
    return came


def _departures(people: Parties, over: Span, rng: Generator) -> Chains:
    """Sums that were here and left: a leaver's main sum on the planned day, and what else a story lets go."""
    until = over.until
    months = max(over.months, 7)
    # Story: days before the business date (None: as planned), and how much of today's wealth it was.
    windows: dict[str, tuple[tuple[int, int] | None, float, float]] = {
        "leaving": (None, 0.7, 2.6),
        "going": ((4, 28), 0.12, 0.28),
        "lost": (None, 0.0, 0.0),
        "won_back": ((min(470, months * 20 + 20), min(640, months * 28)), 0.8, 1.5),
        "departed": (None, 0.0, 0.0),
    }
    parts = []
    for story, (days, low, high) in windows.items():
        planned = people.leaves_on != NO_DAY
        who = np.flatnonzero(people.has(story) & (planned if days is None else people.since < until - 500))
        ratio = np.where(people.band[who] == VIP, 0.6, 1.0) * (low + rng.random(len(who)) * (high - low))
        amount = people.aum[who] * ratio
        if high == 0.0:  # they hold nothing now: what they had once
            amount = np.minimum(np.exp(rng.normal(np.log(35_000), 0.9, len(who))), 1_500_000) * FEN
        if story in ("leaving", "lost"):
            amount = np.maximum(amount, 14_000 * FEN)
        leaves = people.leaves_on[who]
        if days is not None:
            leaves = until - rng.integers(days[0], max(days[1], days[0] + 1), len(who))
        parts.append(_gone(rng, who, amount, leaves, people))
    return together(*parts)


def _gone(rng: Generator, who: np.ndarray, amount: np.ndarray, leaves: np.ndarray, people: Parties) -> Chains:
    whole = np.maximum(amount // WAN * WAN, 5_000 * FEN).astype(np.int64)
    family = np.where((whole >= 5 * WAN) & (rng.random(len(who)) < 0.12), WEALTH, TIME)
    drawn = pick(rng, shapes.REASON_WEIGHTS, len(who))
    reason = np.where(people.leave_reason[who] >= 0, people.leave_reason[who], drawn)
    return Chains(who, family, whole, people.since[who], leaves, reason)


def _last_day(people: Parties, here: Chains, over: Span, rng: Generator) -> Chains:
    """Large movements on the business date itself: sums that leave, and among those held some that came that day."""
    room = np.flatnonzero((people.band > LOW) & people.has("steady", "growing", "going"))
    room = rng.permutation(room)
    out = np.sort(room[: max(2, len(room) // 140)])
    amount = np.maximum(people.aum[out] * (0.3 + 0.5 * rng.random(len(out))), 55_000 * FEN) // WAN * WAN + WAN
    large = (here.amount >= 6 * WAN) & (here.family == TIME)
    able = room[max(2, len(room) // 140) :]
    able = able[np.isin(able, here.party[large])]
    big = large & np.isin(here.party, able[: max(1, len(room) // 400)])
    here.origin[big] = over.until
    reason = pick(rng, shapes.REASON_WEIGHTS, len(out))
    left = np.full(len(out), over.until)
    return Chains(out, np.full(len(out), TIME), amount.astype(np.int64), people.since[out], left, reason)
