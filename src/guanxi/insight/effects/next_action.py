"""What to do next with a customer (下一步行动): what is allowed first, then chance x value - cost - fatigue.

A small share of the choices is made by chance among what is allowed, so that what was never tried can be learnt; these
are marked, and drawn by the keyed hash so that asking twice gives the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from guanxi.insight.effects.assignment import BUCKETS, bucket

FILTERS = ("restricted", "unsuitable", "refused", "complaint", "cooled", "held_out")
"""Reasons an action is never shown, in the order they are named: a restriction on the customer, suitability, consent or
refusal, an open complaint, offered lately, held out by a campaign."""


@dataclass(frozen=True)
class Action:
    """One thing that could be done with one customer. Money in the base currency; `chance` 0…1 that it is accepted.

    `stopped`: the filters (FILTERS) it does not pass; `minutes` of a person it takes (0: no person).
    """

    party: int
    code: str
    chance: Decimal
    value: Decimal
    cost: Decimal
    minutes: int = 0
    stopped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chosen:
    """An action chosen, its points (expected net value) and whether chance chose it (explored)."""

    action: Action
    points: Decimal
    explored: bool


def points_of(action: Action, contacts: int, fatigue_cost: Decimal) -> Decimal:
    """chance x value - cost - fatigue; `contacts`: how often the customer was contacted in the last 30 days."""
    return action.chance * action.value - action.cost - contacts * fatigue_cost


def allowed(actions: Iterable[Action]) -> tuple[list[Action], Counter[str]]:
    """Those that pass every filter, and how many each filter stopped (the first in its order counts)."""
    kept, stopped = [], Counter[str]()
    for action in actions:
        unknown = action.stopped - set(FILTERS)
        if unknown:
            raise ValueError(f"there is no filter {', '.join(sorted(unknown))}")
        first = next((name for name in FILTERS if name in action.stopped), None)
        if first is None:
            kept.append(action)
        else:
            stopped[first] += 1
    return kept, stopped


def of_customer(
    actions: Sequence[Action],
    *,
    contacts: int,
    fatigue_cost: Decimal,
    shown: int,
    exploration: Decimal,
    key: bytes,
    salt: str,
) -> list[Chosen]:
    """At most `shown` actions of one customer, best first; nothing whose points are not above 0, explored ones apart.

    With probability `exploration` (by the keyed hash of the customer and `salt`) the first place is drawn evenly among
    all that is allowed. What a filter stops is never drawn.
    """
    kept, _ = allowed(actions)
    if not kept:
        return []
    ordered = sorted(kept, key=lambda one: (-points_of(one, contacts, fatigue_cost), one.code))
    worth = [
        Chosen(one, points_of(one, contacts, fatigue_cost), explored=False)
        for one in ordered
        if points_of(one, contacts, fatigue_cost) > 0
    ]
    party = f"customer:{kept[0].party}"
    if bucket(key, f"{salt}:explore", party) >= int(exploration * BUCKETS):
        return worth[:shown]
    tried = sorted(kept, key=lambda one: one.code)[bucket(key, f"{salt}:which", party) % len(kept)]
    rest = [one for one in worth if one.action is not tried]
    first = Chosen(tried, points_of(tried, contacts, fatigue_cost), explored=True)
    return [first, *rest][:shown]


def within_capacity(
    chosen: Iterable[Chosen], minutes: Mapping[int, int], keeper: Mapping[int, int]
) -> list[Chosen]:
    """What fits into people's minutes, the most points a minute first; what needs no person always fits.

    `minutes` by keeper, `keeper` by customer; a customer nobody keeps gets nothing that needs a person. Explored
    actions go first: they are few, and left out they would teach nothing.
    """
    left = dict(minutes)
    taken: list[Chosen] = []
    for one in sorted(
        chosen,
        key=lambda c: (not c.explored, -c.points / max(1, c.action.minutes), c.action.party, c.action.code),
    ):
        need = one.action.minutes
        who = keeper.get(one.action.party)
        if need and (who is None or left.get(who, 0) < need):
            continue
        if need and who is not None:
            left[who] -= need
        taken.append(one)
    return taken
