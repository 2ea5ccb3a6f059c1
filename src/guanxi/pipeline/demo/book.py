"""The account book of a piece: every account with its terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from guanxi.pipeline.demo import shapes
from guanxi.pipeline.demo.catalog import (
    DEMAND_FIRM,
    DEMAND_PERSON,
    DEMAND_USD,
    FIRST_CD,
    FIRST_FUND,
    FIRST_INSURANCE,
    FIRST_LOAN,
    FIRST_TIME,
    FIRST_WEALTH,
    FUNDS,
    INSURANCES,
    SCALE,
)
from guanxi.pipeline.demo.chains import FUND, INSURANCE, TIME, WEALTH, Chains
from guanxi.pipeline.demo.columns import NO_DAY
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.demand import NEVER, Settlement
from guanxi.pipeline.demo.loans import RATES, Loans
from guanxi.pipeline.demo.lots import Accounts
from guanxi.pipeline.demo.population import PERSON, Parties
from guanxi.pipeline.demo.shapes import WAN


@dataclass
class Book:
    """All accounts of a piece, one row each: settlement accounts first, then dollars, put away, loans."""

    party: np.ndarray
    product: np.ndarray
    usd: np.ndarray
    opened: np.ndarray
    closed: np.ndarray  # NO_DAY while open
    started: np.ndarray
    matures: np.ndarray
    rate: np.ndarray  # hundred-millionths
    rolls: np.ndarray
    overdue: np.ndarray  # days; -1 for what is no loan
    first_put_away: int
    first_loan: int


def book_of(
    people: Parties,
    settlement: Settlement,
    dollars: np.ndarray,
    chains: Chains,
    put_away: Accounts,
    loans: Loans,
    over: Span,
    rng: Generator,
    *,
    second: np.ndarray,
) -> Book:
    """Lay all kinds of accounts one after another: settlement, dollars, second settlement, put away, loans."""
    parts = (
        _settlement(people, settlement),
        _dollars(people, dollars),
        _part(second, np.full(len(second), DEMAND_PERSON), people.since[second]),
        _put_away(chains, put_away, rng),
        _loans(loans, over),
    )
    sizes = np.cumsum([len(part["party"]) for part in parts])
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Book(
        party=rows["party"],
        product=rows["product"],
        usd=rows["product"] == DEMAND_USD,
        opened=rows["opened"],
        closed=rows["closed"],
        started=rows["started"],
        matures=rows["matures"],
        rate=np.round(rows["rate"] * SCALE).astype(np.int64),
        rolls=rows["rolls"],
        overdue=rows["overdue"],
        first_put_away=int(sizes[2]),
        first_loan=int(sizes[3]),
    )


def _part(
    party: np.ndarray, product: np.ndarray, opened: np.ndarray, **terms: np.ndarray
) -> dict[str, np.ndarray]:
    """Rows of one kind of account; what `terms` does not say is an open account without a term."""
    count = len(party)
    usual = {
        "started": opened,
        "closed": np.full(count, NO_DAY),
        "matures": np.full(count, NO_DAY),
        "rate": np.full(count, shapes.DEMAND_RATE),
        "rolls": np.zeros(count, bool),
        "overdue": np.full(count, -1),
    }
    return {"party": party, "product": product, "opened": opened, **usual, **terms}


def _settlement(people: Parties, of: Settlement) -> dict[str, np.ndarray]:
    firm = people.kind[of.party] != PERSON
    closed = np.where(of.closed == NEVER, NO_DAY, of.closed)
    return _part(of.party, np.where(firm, DEMAND_FIRM, DEMAND_PERSON), of.opened, closed=closed)


def _dollars(people: Parties, party: np.ndarray) -> dict[str, np.ndarray]:
    return _part(party, np.full(len(party), DEMAND_USD), people.since[party])


def _put_away(chains: Chains, of: Accounts, rng: Generator) -> dict[str, np.ndarray]:
    """Deposits of 20万 and more are large certificates (大额存单) as often as not."""
    family, term = chains.family[of.chain], of.term
    whole = (family == TIME) & (chains.amount[of.chain] >= 20 * WAN) & (term < 5)
    large = whole & (rng.random(len(family)) < 0.55)
    product = np.select(
        [large, family == TIME, family == WEALTH, family == FUND],
        [FIRST_CD + term, FIRST_TIME + term, FIRST_WEALTH + term, FIRST_FUND + of.chain % FUNDS],
        FIRST_INSURANCE + of.chain % INSURANCES,
    )
    deposit = shapes.TIME_RATES[term] + np.where(large, shapes.CD_EXTRA, 0.0)
    wealth = shapes.WEALTH_RATES[np.minimum(term, len(shapes.WEALTH_RATES) - 1)]
    rate = np.select([family == TIME, family == WEALTH, family == INSURANCE], [deposit, wealth, 0.02], 0.0)
    terms = {
        "started": of.started,
        "closed": of.closed,
        "matures": of.matures,
        "rate": rate,
        "rolls": of.rolls,
    }
    return _part(chains.party[of.chain], product, of.opened, **terms)


def _loans(of: Loans, over: Span) -> dict[str, np.ndarray]:
    closed = np.where(of.matures > over.until, NO_DAY, of.matures)
    terms = {"closed": closed, "matures": of.matures, "rate": RATES[of.product], "overdue": of.overdue}
    return _part(of.party, FIRST_LOAN + of.product, of.opened, **terms)
