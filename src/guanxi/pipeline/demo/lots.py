"""Terms of what is put away: chains cut into lots, lots held on accounts, lots into balance events.

Wealth products mature on Tuesdays to Thursdays, are paid a day later and bought again after days of raising: the money
stands in transit (在途) between, so that balance plus transit stays flat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.chains import FUND, HERE, INSURANCE, TIME, WEALTH, Chains
from guanxi.pipeline.demo.columns import NO_DAY
from guanxi.pipeline.demo.days import Span, add_months, as_date, weekday
from guanxi.pipeline.demo.streams import pick


@dataclass
class Lots:
    """Held terms, one row each: `account` counts the chains' accounts from 0."""

    account: np.ndarray
    chain: np.ndarray
    arrives: np.ndarray  # frozen for the purchase from this day
    start: np.ndarray
    end: np.ndarray  # first day no longer held; HERE while it lasts
    fresh: np.ndarray  # the account's first
    final: np.ndarray  # the account's last, and the money has gone
    first_of_chain: np.ndarray


@dataclass
class Accounts:
    """Accounts of the chains, one row each."""

    chain: np.ndarray
    opened: np.ndarray
    closed: np.ndarray  # NO_DAY while open
    started: np.ndarray
    matures: np.ndarray  # NO_DAY: none
    term: np.ndarray  # position in the family's terms
    rolls: np.ndarray


def terms_of(chains: Chains, over: Span, rng: Generator) -> tuple[Accounts, Lots]:
    """Cut every chain into its terms, from the last one back to its origin or to history's first day."""
    term = np.where(
        chains.family == TIME,
        pick(rng, shapes.TIME_WEIGHTS, len(chains)),
        np.where(chains.family == WEALTH, pick(rng, shapes.WEALTH_WEIGHTS, len(chains)), 0),
    )
    rolls = (chains.family == TIME) & (rng.random(len(chains)) < shapes.ROLLS_OVER) & (chains.leaves == HERE)
    steps = _Steps(chains, term, rng)
    start, end, matures = steps.last(over)
    return _collect(chains, steps, term, rolls, (start, end, matures), over)


class _Steps:
    """Moves from a term to the one before it, all chains at once."""

    def __init__(self, chains: Chains, term: np.ndarray, rng: Generator) -> None:
        self.chains = chains
        self.months = shapes.TIME_TERMS[np.where(chains.family == TIME, term, 0)]
        self.length = shapes.WEALTH_TERMS[np.where(chains.family == WEALTH, term, 0)]
        self.rng = rng

    def last(self, over: Span) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Start, end and maturity of each chain's last term."""
        family, rng = self.chains.family, self.rng
        here = self.chains.leaves == HERE
        rows = len(self.chains)
        start = self._time_start(over)
        matures = add_months(start, self.months)
        # Wealth: the term now running, or in one of sixteen cases still being raised on the business date.
        raising = rng.random(rows) < 0.06
        run_out = midweek(over.until + 1 + (rng.random(rows) * self.length).astype(np.int64) + 4)
        run_out = np.where(raising, midweek(over.until + self.length + 6), run_out)
        wealth_end = np.where(here, run_out, midweek(np.minimum(self.chains.leaves, over.until)))
        wealth_start = np.maximum(wealth_end - self.length, self.chains.origin + 1)
        start = np.where(family == WEALTH, wealth_start, start)
        matures = np.where(family == WEALTH, wealth_end, matures)
        # Insurance begun on any day of five years, more of it five years ago, when it sold well: it matures now.
        soon = rng.random(rows) < 0.12
        insured = np.where(soon, rng.integers(1_736, 1_826, rows), rng.integers(1, 1_826, rows))
        begun = np.where(family == INSURANCE, insured, rng.integers(30, 1_500, rows))
        lasting = np.maximum(self.chains.origin, over.until - begun)
        open_ended = (family == FUND) | (family == INSURANCE)
        start = np.where(open_ended, lasting, start)
        matures = np.where(
            family == FUND, NO_DAY, np.where(family == INSURANCE, add_months(start, 60), matures)
        )
        end = np.where(here, HERE, np.where(family == WEALTH, wealth_end, self.chains.leaves))
        return start, end, matures

    def _time_start(self, over: Span) -> np.ndarray:
        chains, rng = self.chains, self.rng
        rows = len(chains)
        oldest = np.maximum(add_months(np.full(rows, over.until), -self.months) + 1, chains.origin)
        start = oldest + (rng.random(rows) * (over.until - oldest + 1)).astype(np.int64)
        winter = _new_year(start, rng)
        inside = (winter >= oldest) & (winter <= over.until)
        start = np.where(inside & (rng.random(rows) < 0.45), winter, np.minimum(start, over.until))
        # Money that left: most at maturity, some broken off early (提前支取).
        ended = np.minimum(chains.leaves, over.until)
        early = rng.random(rows) < 2 * shapes.EARLY_A_YEAR
        due = add_months(ended, -self.months)
        broken = ended - (1 + rng.random(rows) * (ended - due - 1)).astype(np.int64)
        gone = np.maximum(np.where(early, broken, due), chains.origin)
        return np.where(chains.leaves == HERE, start, np.minimum(gone, ended - 1))

    def before(self, who: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Start and end of the term before, for the chains `who` whose present term starts at `start`."""
        wealth = self.chains.family[who] == WEALTH
        ended = midweek(start - 1 - self.rng.integers(0, 3, len(who)))
        end = np.where(wealth, ended, start)
        earlier = np.where(wealth, ended - self.length[who], add_months(start, -self.months[who]))
        return earlier, end


def _collect(
    chains: Chains,
    steps: _Steps,
    term: np.ndarray,
    rolls: np.ndarray,
    last: tuple[np.ndarray, np.ndarray, np.ndarray],
    over: Span,
) -> tuple[Accounts, Lots]:
    start, end, matures = last
    rows = len(chains)
    one_account = rolls | (chains.family == WEALTH)
    accounts = [(np.arange(rows), start, matures, end)]
    lots = [(np.arange(rows), np.arange(rows), start, end)]
    account, known = np.arange(rows), rows
    who = np.flatnonzero((chains.family == TIME) | (chains.family == WEALTH))
    opened = start.copy()
    now = start[who]
    while len(who):
        earlier, ended = steps.before(who, now)
        keep = (now > over.first) & (earlier >= chains.origin[who])
        who, earlier, ended = who[keep], earlier[keep], ended[keep]
        opened[who] = np.where(one_account[who], earlier, opened[who])
        fresh = ~one_account[who]
        account[who[fresh]] = known + np.arange(int(fresh.sum()))
        known += int(fresh.sum())
        accounts.append((who[fresh], earlier[fresh], ended[fresh], ended[fresh]))
        cut = ~rolls[who]  # a deposit that rolls over is one lot on one account
        lots.append((account[who[cut]], who[cut], earlier[cut], ended[cut]))
        now = earlier
    wealth = chains.family == WEALTH
    held = _lots(lots, chains, opened, rolls, over, steps.rng)
    made = _accounts(accounts, one_account, wealth, opened, term, rolls)
    made.opened[held.account[held.fresh]] = held.arrives[held.fresh]
    return made, held


def _accounts(
    made: Sequence[tuple[np.ndarray, ...]],
    one_account: np.ndarray,
    wealth: np.ndarray,
    opened: np.ndarray,
    term: np.ndarray,
    rolls: np.ndarray,
) -> Accounts:
    chain, started, matures, closed = (np.concatenate(column) for column in zip(*made, strict=True))
    begin, rows = started.copy(), len(one_account)
    begin[:rows] = np.where(one_account, opened, started[:rows])
    return Accounts(
        chain=chain,
        opened=begin,
        closed=np.where(
            closed == HERE, NO_DAY, closed + wealth[chain]
        ),  # wealth is paid the day after it matures
        started=started,
        matures=matures,
        term=term[chain],
        rolls=rolls[chain],
    )


def _lots(
    made: Sequence[tuple[np.ndarray, ...]],
    chains: Chains,
    opened: np.ndarray,
    rolls: np.ndarray,
    over: Span,
    rng: Generator,
) -> Lots:
    account, chain, start, end = (np.concatenate(column) for column in zip(*made, strict=True))
    start = np.where(rolls[chain], opened[chain], start)
    order = np.lexsort((start, chain))
    account, chain, start, end = account[order], chain[order], start[order], end[order]
    same_before = np.concatenate([[False], account[1:] == account[:-1]])
    same_after = np.concatenate([account[1:] == account[:-1], [False]])
    first = np.concatenate([[True], chain[1:] != chain[:-1]])
    raised = np.where((chains.family[chain] == WEALTH) & ~same_before, rng.integers(1, 6, len(chain)), 0)
    arrives = np.maximum(np.minimum(start - raised, over.until), np.minimum(chains.origin[chain], start))
    return Lots(account, chain, arrives, start, end, ~same_before, ~same_after & (end != HERE), first)


def midweek(day: np.ndarray) -> np.ndarray:
    """The Tuesday, Wednesday or Thursday on the day or next before it."""
    back: np.ndarray = np.array([4, 0, 0, 0, 1, 2, 3])[weekday(day)]
    moved: np.ndarray = day - back
    return moved


def _new_year(day: np.ndarray, rng: Generator) -> np.ndarray:
    """A day of January or February of the same year: most deposits are made after the harvest and the bonus."""
    years, back = np.unique(day // 366, return_inverse=True)
    first = np.array([_january(int(value) * 366 + 183) for value in years])
    moved: np.ndarray = first[back] + rng.integers(0, 58, len(day))
    return moved


def _january(day: int) -> int:
    return day - as_date(day).timetuple().tm_yday + 1
