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
) -> Book:
    """Lay all kinds of accounts one after another: settlement, dollars, put away, loans."""
    demand = len(settlement.party)
    family = chains.family[put_away.chain]
    amount = chains.amount[put_away.chain]
    large = (family == TIME) & (amount >= 20 * WAN) & (rng.random(len(family)) < 0.55) & (put_away.term < 5)
    product = np.select(
        [large, family == TIME, family == WEALTH, family == FUND],
        [
            FIRST_CD + put_away.term,
            FIRST_TIME + put_away.term,
            FIRST_WEALTH + put_away.term,
            FIRST_FUND + put_away.chain % FUNDS,
        ],
        FIRST_INSURANCE + put_away.chain % INSURANCES,
    )
    time_rate = shapes.TIME_RATES[put_away.term] + np.where(large, shapes.CD_EXTRA, 0.0)
    wealth_rate = shapes.WEALTH_RATES[np.minimum(put_away.term, len(shapes.WEALTH_RATES) - 1)]
    rate = np.select(
        [family == TIME, family == WEALTH, family == INSURANCE], [time_rate, wealth_rate, 0.02], 0.0
    )
    firm = people.kind[settlement.party] != PERSON
    none, lent = np.full(len(dollars), NO_DAY), len(loans.party)
    joined = np.concatenate
    return Book(
        party=joined([settlement.party, dollars, chains.party[put_away.chain], loans.party]),
        product=joined(
            [
                np.where(firm, DEMAND_FIRM, DEMAND_PERSON),
                np.full(len(dollars), DEMAND_USD),
                product,
                FIRST_LOAN + loans.product,
            ]
        ),
        usd=joined(
            [np.zeros(demand, bool), np.ones(len(dollars), bool), np.zeros(len(product) + lent, bool)]
        ),
        opened=joined([settlement.opened, people.since[dollars], put_away.opened, loans.opened]),
        closed=joined(
            [
                np.where(settlement.closed == NEVER, NO_DAY, settlement.closed),
                none,
                put_away.closed,
                np.where(loans.matures > over.until, NO_DAY, loans.matures),
            ]
        ),
        started=joined([settlement.opened, people.since[dollars], put_away.started, loans.opened]),
        matures=joined([np.full(demand, NO_DAY), none, put_away.matures, loans.matures]),
        rate=np.round(
            joined([np.full(demand + len(dollars), shapes.DEMAND_RATE), rate, RATES[loans.product]]) * SCALE
        ).astype(np.int64),
        rolls=joined([np.zeros(demand + len(dollars), bool), put_away.rolls, np.zeros(lent, bool)]),
        overdue=joined([np.full(demand + len(dollars) + len(product), -1), loans.overdue]),
        first_put_away=demand + len(dollars),
        first_loan=demand + len(dollars) + len(product),
    )
