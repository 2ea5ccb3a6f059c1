"""Which numbers are one person: groups of linked numbers, and the reasons to stop a group. Plain values in and out.

Links come in three strengths. What a person decided counts always; equal valid identifiers next; the model last. A
group that breaks a rule is not cut somewhere: it falls back to the stronger links alone, and is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

Pair = tuple[str, str]


class Strength(IntEnum):
    """By whose word two numbers are linked; the smaller the stronger."""

    PERSON = 0
    IDENTIFIER = 1
    MODEL = 2


@dataclass(frozen=True)
class Limits:
    """How large and how loose one person may be (policy.identity)."""

    most_members: int
    least_linked: float


@dataclass(frozen=True)
class Evidence:
    """What a night knows: links by strength, pairs told apart by a person, pairs that look alike at all, valid
    identifiers by number as (kind, token).
    """

    links: Mapping[Pair, Strength]
    apart: frozenset[Pair]
    alike: frozenset[Pair]
    identifiers: Mapping[str, tuple[str, str]]


@dataclass
class Groups:
    """Persons of several numbers with the weakest strength they stand on, and the groups that were stopped."""

    merged: list[tuple[tuple[str, ...], Strength]] = field(default_factory=list)
    stopped: list[tuple[tuple[str, ...], str]] = field(default_factory=list)


def pair(one: str, other: str) -> Pair:
    """Two numbers as a pair, the smaller first."""
    return (one, other) if one <= other else (other, one)


def group(evidence: Evidence, limits: Limits) -> Groups:
    """Every number linked to another stands in exactly one merged group or in none."""
    found = Groups()
    for members in components(evidence.links):
        _settle(members, evidence, limits, Strength.MODEL, found)
    return found


def components(links: Iterable[Pair]) -> list[tuple[str, ...]]:
    """Connected numbers, each group in order, groups by their first number."""
    leader: dict[str, str] = {}

    def find(number: str) -> str:
        while leader.setdefault(number, number) != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for one, other in links:
        first, second = sorted((find(one), find(other)))
        leader[second] = first
    groups: dict[str, list[str]] = {}
    for number in sorted(leader):
        groups.setdefault(find(number), []).append(number)
    return [tuple(groups[first]) for first in sorted(groups)]


def _settle(
    members: tuple[str, ...], evidence: Evidence, limits: Limits, strength: Strength, found: Groups
) -> None:
    """Keep a group that breaks no rule; else list it and look at what the stronger links alone make of it."""
    inside = _inside(members, evidence.links, strength)
    reason = _reason(members, inside, evidence, limits, strength)
    if not reason:
        found.merged.append((members, max(inside.values())))
        return
    if not any(set(members) <= set(listed) for listed, _ in found.stopped):
        found.stopped.append((members, reason))
    if strength is Strength.PERSON:
        return  # persons contradict each other: nothing merges until one of them changes a word
    stronger = Strength(strength - 1)
    for part in components(_inside(members, evidence.links, stronger)):
        _settle(part, evidence, limits, stronger, found)


def _inside(
    members: Sequence[str], links: Mapping[Pair, Strength], strength: Strength
) -> dict[Pair, Strength]:
    some = set(members)
    if len(members) <= 40:
        pairs = ((one, other) for place, one in enumerate(members) for other in members[place + 1 :])
        known = {key: links[key] for key in pairs if key in links}
    else:
        known = {key: kind for key, kind in links.items() if key[0] in some and key[1] in some}
    return {key: kind for key, kind in known.items() if kind <= strength}


def _reason(
    members: Sequence[str],
    inside: Mapping[Pair, Strength],
    evidence: Evidence,
    limits: Limits,
    strength: Strength,
) -> str:
    """Why these numbers may not become one person; "" when they may. A person's word is held to one rule alone: what
    somebody told apart never merges.
    """
    some = set(members)
    if any(one in some and other in some for one, other in evidence.apart):
        return "apart"
    if strength is Strength.PERSON:
        return ""
    if len(members) > limits.most_members:
        return "many"
    pairs = [(one, other) for place, one in enumerate(members) for other in members[place + 1 :]]
    held = {number: evidence.identifiers[number] for number in members if number in evidence.identifiers}
    if _conflicts(held, inside):
        return "conflict"
    linked = sum(1 for key in pairs if key in inside or key in evidence.alike)
    return "loose" if linked < limits.least_linked * len(pairs) else ""


def _conflicts(held: Mapping[str, tuple[str, str]], inside: Mapping[Pair, Strength]) -> bool:
    """Whether two valid identifiers of one kind differ, unless a person said these numbers are one."""
    said = components(key for key, kind in inside.items() if kind is Strength.PERSON)
    side = {number: place for place, numbers in enumerate(said) for number in numbers}
    numbers = list(held)
    for place, one in enumerate(numbers):
        for other in numbers[place + 1 :]:
            differ = held[one][0] == held[other][0] and held[one][1] != held[other][1]
            if differ and (one not in side or side[one] != side.get(other)):
                return True
    return False
