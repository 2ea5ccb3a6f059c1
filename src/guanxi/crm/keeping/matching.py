"""A balanced proposal for the pool (建议分配): who might keep whom. Plain values in, plain values out.

The order is the bank's: whoever brought the deposits (揽存人), the main outlet, the outlet of the payroll company's
manager, then load. Of all proposals that leave the fewest customers without a keeper, the one with the best reasons is
taken, and of these the one whose fullest keeper is least full (minutes a month, those he has already included). A
linear programme with whole numbers finds it (HiGHS, one thread); the same pool gives the same proposal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BROUGHT, MAIN_OUTLET, PAYROLL_OUTLET, LOAD = 0, 1, 2, 3
REASONS = {BROUGHT: "brought", MAIN_OUTLET: "main_outlet", PAYROLL_OUTLET: "payroll_outlet", LOAD: "load"}
MOST_LEVEL = LOAD
_EXACT = {
    "output_flag": False, "threads": 1, "random_seed": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-9, "mip_max_nodes": 20_000,
}  # fmt: skip
"""To the optimum, and the same way each time; a pool too large for so many nodes gets the best found by then."""


@dataclass(frozen=True)
class Waiting:
    """A customer of the pool: `key` orders, `minutes` a month he costs; hints are None where nothing is known."""

    key: int
    minutes: int
    unit: int
    brought_by: int | None = None
    main_outlet: int | None = None
    payroll_outlet: int | None = None


@dataclass(frozen=True)
class Candidate:
    """Somebody who may keep customers: units of his posts, minutes and customers he has, and his limits.

    `preference`: 0 for the role that the policy names first; a later role is worth a whole level less.
    """

    key: int
    units: frozenset[int]
    minutes: int
    customers: int
    minutes_limit: int
    customers_limit: int
    preference: int = 0


@dataclass(frozen=True)
class Choice:
    """The proposal for one customer: nobody when all who might are full or there is none; `reason` is a code."""

    customer: int
    keeper: int | None
    reason: str


def level_of(customer: Waiting, keeper: Candidate) -> int | None:
    """How good a reason there is for this keeper, 0 the best; None when he has no post where the customer belongs."""
    if customer.unit not in keeper.units:
        return None
    if customer.brought_by == keeper.key:
        return BROUGHT
    if customer.main_outlet in keeper.units:
        return MAIN_OUTLET
    return PAYROLL_OUTLET if customer.payroll_outlet in keeper.units else LOAD


def cost_of(customer: Waiting, keeper: Candidate) -> int | None:
    """The level with the role's preference added; None where there is no level."""
    level = level_of(customer, keeper)
    return None if level is None else level + (keeper.preference if level > BROUGHT else 0)


def propose(customers: Sequence[Waiting], keepers: Sequence[Candidate]) -> list[Choice]:
    """The proposal, in the order of the customers' keys, whatever order they come in."""
    waiting = sorted(customers, key=lambda one: one.key)
    able = sorted(keepers, key=lambda one: one.key)
    pairs = [
        (row, column, cost)
        for row, customer in enumerate(waiting)
        for column, keeper in enumerate(able)
        if (cost := cost_of(customer, keeper)) is not None
    ]
    chosen = dict(_solved(waiting, able, pairs)) if pairs else {}
    return [_choice(customer, able, chosen.get(row), keepers) for row, customer in enumerate(waiting)]


def _choice(
    customer: Waiting, able: Sequence[Candidate], column: int | None, keepers: Sequence[Candidate]
) -> Choice:
    if column is not None:
        keeper = able[column]
        level = level_of(customer, keeper)
        assert level is not None
        return Choice(customer.key, keeper.key, REASONS[level])
    here = any(customer.unit in keeper.units for keeper in keepers)
    return Choice(customer.key, None, "all_full" if here else "nobody_here")


def _solved(
    waiting: Sequence[Waiting], able: Sequence[Candidate], pairs: Sequence[tuple[int, int, int]]
) -> list[tuple[int, int]]:
    """Pairs (customer, keeper) of the cheapest proposal."""
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in _EXACT.items():
        solver.setOptionValue(name, value)
    fullest = solver.addVariable(lb=float(max(one.minutes for one in able)))
    picks = [solver.addBinary() for _ in pairs]
    for row in range(len(waiting)):
        mine = [pick for pick, pair in zip(picks, pairs, strict=True) if pair[0] == row]
        if mine:
            solver.addConstr(solver.qsum(mine) <= 1)
    for column, keeper in enumerate(able):
        mine = [
            (pick, waiting[pair[0]].minutes)
            for pick, pair in zip(picks, pairs, strict=True)
            if pair[1] == column
        ]
        if mine:
            load = solver.qsum([pick * minutes for pick, minutes in mine])
            solver.addConstr(load <= max(keeper.minutes_limit - keeper.minutes, 0))
            solver.addConstr(
                solver.qsum([pick for pick, _ in mine]) <= max(keeper.customers_limit - keeper.customers, 0)
            )
            solver.addConstr(load - fullest <= -keeper.minutes)
    # Three aims in one sum of whole numbers: a customer more is worth more than any reasons, a reason than any minutes.
    minute = max(one.minutes for one in able) + sum(one.minutes for one in waiting) + 1
    worst = (MOST_LEVEL + max(one.preference for one in able) + 1) * len(waiting) + 1
    gain = [pick * float(minute * (cost - worst)) for pick, (_, _, cost) in zip(picks, pairs, strict=True)]
    solver.minimize(solver.qsum(gain) + fullest)
    values = solver.getSolution().col_value
    return [
        (row, column) for pick, (row, column, _) in zip(picks, pairs, strict=True) if values[pick.index] > 0.5
    ]
