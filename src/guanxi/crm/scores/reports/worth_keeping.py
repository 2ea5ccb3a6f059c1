"""挽留测算: what it is worth to keep a few more customers of a tier each year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

YEAR = 12
ONE = Decimal(1)


@dataclass(frozen=True)
class Cell:
    """A segment and tier: customers, what one brings in a month (fen), the share of them lost in a month."""

    segment: str
    tier_rank: int
    customers: int
    losses: int
    monthly_fen: int
    loss_rate: Decimal


@dataclass(frozen=True)
class Gain:
    """A tier at a retention some points higher; amounts in fen for all its customers.

    `retention`, `raised`: the share kept over a year, now and then (never above all); `kept`: customers more kept in a
    year; `year_fen`: contribution more in the first year; `horizon_fen`: over the policy's months, discounted.
    """

    cell: Cell
    retention: Decimal
    raised: Decimal
    kept: Decimal
    year_fen: int
    horizon_fen: int


def months_worth(stays: Decimal, months: int, counts: Decimal = ONE) -> Decimal:
    """Σ (stays · counts)^t for t = 1 … months: how many months' contribution a customer is expected to bring."""
    each = stays * counts
    return Decimal(months) if each == ONE else each * (ONE - each**months) / (ONE - each)


def gain_of(cell: Cell, points: Decimal, months: int, discount_rate: Decimal) -> Gain:
    """The cell when `points` of a hundred more are kept over a year, with the series of score.lifetime.

    The points are spread evenly over the months: stays' = (stays^12 + points / 100)^(1/12).
    """
    stays = ONE - cell.loss_rate
    retention = stays**YEAR
    raised = min(retention + points / 100, ONE)
    stays_then = raised ** (ONE / YEAR) if raised < ONE else ONE
    counts = (ONE + discount_rate) ** (-ONE / YEAR)
    whole = Decimal(cell.customers) * Decimal(cell.monthly_fen)
    year = whole * (months_worth(stays_then, YEAR) - months_worth(stays, YEAR))
    horizon = whole * (months_worth(stays_then, months, counts) - months_worth(stays, months, counts))
    kept = Decimal(cell.customers) * (raised - retention)
    return Gain(cell, retention, raised, kept, round(year), round(horizon))


def gains(cells: Iterable[Cell], points: Decimal, months: int, discount_rate: Decimal) -> list[Gain]:
    """Every tier, the highest first; those without customers are left out."""
    order = sorted((cell for cell in cells if cell.customers), key=lambda cell: -cell.tier_rank)
    return [gain_of(cell, points, months, discount_rate) for cell in order]


def total(found: Sequence[Gain]) -> tuple[int, Decimal, int, int]:
    """Customers, customers more kept, and both amounts of all tiers together."""
    return (
        sum(gain.cell.customers for gain in found),
        sum((gain.kept for gain in found), Decimal(0)),
        sum(gain.year_fen for gain in found),
        sum(gain.horizon_fen for gain in found),
    )
