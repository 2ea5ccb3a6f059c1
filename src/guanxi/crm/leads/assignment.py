"""Leads to managers at the least cost under each one's limit; whoever brought a lead has it first (优先领认原则).

Cost of a pair: distance × its weight (地理位置就近原则) + the industry's weight where it is not the manager's own
(行业归类原则); a manager's n-th lead costs n × the weight of load. First as many leads as possible find somebody, then
the total cost is least: a transport problem, which HiGHS solves as a linear programme with whole-numbered corners.
Rows are put in order of their keys first, so the same leads and managers give the same answer in whatever order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Why(StrEnum):
    """Why a lead found nobody: the first of these that holds."""

    NO_ROLE = "no_role"  # nobody works leads of this kind
    TOO_FAR = "too_far"  # somebody does, but none near enough
    RESTING = "resting"  # all those near let it go lately
    FULL = "full"  # all who could have it are at their limit


@dataclass(frozen=True)
class LeadRow:
    """A lead to be given out; `first` the manager who brought it, `resting` those who let it go lately."""

    key: int
    kind: str
    unit: int
    industry: str = ""
    first: int | None = None
    resting: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Manager:
    """Who may take leads: kinds worked, outlets, industries known, leads in hand, the limit of these."""

    key: int
    kinds: frozenset[str]
    units: frozenset[int]
    industries: frozenset[str] = frozenset()
    in_hand: int = 0
    limit: int = 0


@dataclass(frozen=True)
class Weights:
    """The policy's weights, whole numbers, and how far a lead may travel (0 outlet, 1 branch, 2 bank)."""

    distance: int
    industry: int
    load: int
    farthest: int


@dataclass(frozen=True)
class Proposal:
    """Lead → manager, those among them by first claim, and lead → why nobody."""

    given: Mapping[int, int]
    by_claim: frozenset[int]
    left: Mapping[int, Why]


def distance(lead_unit: int, units: frozenset[int], parents: Mapping[int, int | None]) -> int:
    """0 at the same outlet, 1 under the same parent, else 2."""
    if lead_unit in units:
        return 0
    parent = parents.get(lead_unit)
    return 1 if parent is not None and any(parents.get(unit) == parent for unit in units) else 2


def cost(lead: LeadRow, manager: Manager, parents: Mapping[int, int | None], weights: Weights) -> int | None:
    """The pair's own cost without load; None where the pair may not be."""
    steps = distance(lead.unit, manager.units, parents)
    if lead.kind not in manager.kinds or steps > weights.farthest or manager.key in lead.resting:
        return None
    strange = bool(lead.industry) and lead.industry not in manager.industries
    return weights.distance * steps + weights.industry * strange


def propose(
    leads: Sequence[LeadRow],
    managers: Sequence[Manager],
    parents: Mapping[int, int | None],
    weights: Weights,
) -> Proposal:
    """Who should have which lead. `parents`: unit → parent. Every lead is in `given` or in `left`."""
    order = sorted(managers, key=lambda one: one.key)
    load = {one.key: one.in_hand for one in order}
    limits = {one.key: one.limit for one in order}
    known = {one.key: one for one in order}
    given: dict[int, int] = {}
    for lead in sorted(leads, key=lambda one: one.key):  # the older lead is claimed first
        first = known.get(lead.first) if lead.first is not None else None
        if first and cost(lead, first, parents, weights) is not None and load[first.key] < first.limit:
            given[lead.key] = first.key
            load[first.key] += 1
    claimed = frozenset(given)
    rest = [lead for lead in sorted(leads, key=lambda one: one.key) if lead.key not in given]
    costs = {
        (lead.key, one.key): price
        for lead, one in product(rest, order)
        if (price := cost(lead, one, parents, weights)) is not None and load[one.key] < one.limit
    }
    given |= _cheapest(costs, load, limits, weights.load)
    left = {lead.key: _why(lead, order, parents, weights.farthest) for lead in rest if lead.key not in given}
    return Proposal(given, claimed, left)


def _why(lead: LeadRow, managers: Sequence[Manager], parents: Mapping[int, int | None], farthest: int) -> Why:
    fitting = [one for one in managers if lead.kind in one.kinds]
    near = [one for one in fitting if distance(lead.unit, one.units, parents) <= farthest]
    if not fitting:
        return Why.NO_ROLE
    if not near:
        return Why.TOO_FAR
    return Why.RESTING if all(one.key in lead.resting for one in near) else Why.FULL


def _cheapest(
    costs: Mapping[tuple[int, int], int], load: Mapping[int, int], limits: Mapping[int, int], step: int
) -> dict[int, int]:
    """The cheapest largest assignment over these pairs: lead → manager.

    Variables: one a pair, and one a free place of a manager with its rising price. A pair also earns more than any
    detour could cost, so no lead stays behind that could be placed.
    """
    if not costs:
        return {}
    pairs = sorted(costs)
    leads, managers = sorted({lead for lead, _one in pairs}), sorted({one for _lead, one in pairs})
    places = [
        (one, load[one] + number)
        for one in managers
        for number in range(1, min(limits[one] - load[one], len(leads)) + 1)
    ]
    prices = [costs[pair] for pair in pairs] + [step * number for _one, number in places]
    earned = 1 + 2 * (len(leads) + 1) * max(prices)
    bonus = [earned] * len(pairs) + [0] * len(places)
    rows: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for at, (lead, one) in enumerate(pairs):
        rows.setdefault(("lead", lead), []).append((at, 1.0))
        rows.setdefault(("manager", one), []).append((at, 1.0))
    for at, (one, _number) in enumerate(places, start=len(pairs)):
        rows[("manager", one)].append((at, -1.0))
    found = _solved([price - more for price, more in zip(prices, bonus, strict=True)], rows)
    return {pair[0]: pair[1] for pair, taken in zip(pairs, found, strict=False) if taken > 0.5}


def _solved(
    prices: Sequence[int], rows: Mapping[tuple[str, int], Sequence[tuple[int, float]]]
) -> Sequence[float]:
    """The corner of least price: all variables 0 to 1, a lead at most once, a manager's leads on as many places."""
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # its own stubs
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("solver", "simplex")
    for at, price in enumerate(prices):
        solver.addVar(0.0, 1.0)
        solver.changeColCost(at, float(price))
    for (what, _key), entries in rows.items():
        places = [at for at, _sign in entries]
        signs = [sign for _at, sign in entries]
        solver.addRow(0.0, 1.0 if what == "lead" else 0.0, len(places), places, signs)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"the assignment has no answer: {solver.getModelStatus()}")
    return list(solver.getSolution().col_value)
