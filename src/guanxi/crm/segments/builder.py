"""The builder's form as a rule payload and back: each condition has a place (r, r.0, r.0.1, …) that names its fields.

Nothing is kept on the server while somebody edits: the page sends all its fields, one of them says what to do (add,
remove), and gets itself back with the count. What is not finished yet is a payload with problems, not an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from guanxi.insight.segments import Fact, Kind, Problem, problems
from guanxi.insight.segments.rule import ASKS, COUNTED_IN_DAYS, MOST_CONDITIONS

ROOT = "r"
DEEPEST = 4  # groups within groups on the page
FIRST = {"all": [{"fact": "state", "is": "one_of", "values": ["active"]}]}
_FIRST_ASKED = {Kind.DAY: "next_days", Kind.EVENT: "done", Kind.MONEY: "at_least", Kind.NUMBER: "at_least"}
_DAYS = "30"


@dataclass
class Node:
    """A condition or a group as the page draws it."""

    place: str
    negated: bool = False
    joins: str = ""  # all or any; empty for a condition
    parts: list[Node] = field(default_factory=list)
    fact: Fact | None = None
    asks: str = ""
    values: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def may_nest(self) -> bool:
        """Whether a group may be put into this one."""
        return self.place.count(".") < DEEPEST - 1

    @property
    def in_days(self) -> bool:
        """Whether the value is a number of days."""
        return self.asks in COUNTED_IN_DAYS

    @property
    def takes(self) -> int:
        """How many values are asked for: none, one, two (from and to), or 3 for several."""
        most = ASKS[self.fact.kind][self.asks][1] if self.fact else 0
        return min(most, 3)

    @property
    def ways(self) -> tuple[str, ...]:
        """What may be asked of the fact."""
        return tuple(ASKS[self.fact.kind]) if self.fact else ()


def payload_in(text: str) -> Any:
    """What a text of JSON says; None for anything that is none, however deep or long it is."""
    try:
        return json.loads(text) if len(text) < 200_000 else None
    except (ValueError, RecursionError):
        return None


def payload_from(form: QueryDict, facts: Mapping[str, Fact]) -> dict[str, Any]:
    """The payload that the fields of a page say, after what `do` asks for was done."""
    places = [place for place in form.getlist("node") if place.startswith(ROOT)][: 2 * MOST_CONDITIONS]
    deed, _colon, target = form.get("do", "").partition(":")
    gone = target if deed == "drop" and target != ROOT else None
    kept = [place for place in places if not _within(place, gone)]
    return _payload(form, facts, ROOT, kept, (deed, target))


def _within(place: str, top: str | None) -> bool:
    return top is not None and (place == top or place.startswith(f"{top}."))


def _payload(
    form: QueryDict, facts: Mapping[str, Fact], place: str, places: list[str], do: tuple[str, str]
) -> dict[str, Any]:
    """One node: a group when it says how it joins, else a condition."""
    joins = form.get(f"{place}-joins", "all" if place == ROOT else "")
    if joins in ("all", "any"):
        inner = [one for one in places if one.rpartition(".")[0] == place]
        parts = [_payload(form, facts, one, places, do) for one in inner]
        made: dict[str, Any] = {joins: parts + _added(do, place, facts)}
    else:
        made = _condition(form, facts, place)
    return {"not": made} if form.get(f"{place}-not") else made


def _added(do: tuple[str, str], place: str, facts: Mapping[str, Fact]) -> list[dict[str, Any]]:
    if do == ("leaf", place):
        return [_fresh(facts["aum"] if "aum" in facts else next(iter(facts.values())))]
    if do == ("group", place):
        return [{"any": []}]
    return []


def _condition(form: QueryDict, facts: Mapping[str, Fact], place: str) -> dict[str, Any]:
    """A condition; one whose fact was just changed begins anew, and so do its values when the way of asking changed."""
    fact = facts.get(form.get(f"{place}-fact", ""))
    if fact is None:
        return {"fact": form.get(f"{place}-fact", ""), "is": "", "values": []}
    if form.get(f"{place}-fact") != form.get(f"{place}-was"):
        return _fresh(fact)
    asks = form.get(f"{place}-asks", "")
    if asks not in ASKS[fact.kind]:
        return _fresh(fact)
    return {"fact": fact.code, "is": asks, "values": _values(form, place, fact, asks)}


def _values(form: QueryDict, place: str, fact: Fact, asks: str) -> list[str]:
    """What was typed or chosen, as far as this way of asking takes it."""
    given = [text.strip() for text in form.getlist(f"{place}-value")]
    if fact.kind in (Kind.MONEY, Kind.NUMBER):
        given = [text.replace(",", "").replace("\uff0c", "") for text in given]
    if fact.kind is Kind.TEXT or (fact.kind is Kind.NUMBER and asks == "one_of"):
        given = [
            part.strip()
            for text in given
            for part in text.replace("、", ",").replace("\uff0c", ",").split(",")
        ]
    if not any(given) and asks in COUNTED_IN_DAYS:
        given = [_DAYS]
    most = ASKS[fact.kind][asks][1]
    return [text for text in given if text][:most]


def _fresh(fact: Fact) -> dict[str, Any]:
    asks = _FIRST_ASKED.get(fact.kind, next(iter(ASKS[fact.kind])))
    return {"fact": fact.code, "is": asks, "values": [_DAYS] if asks in COUNTED_IN_DAYS else []}


def tree_of(payload: Any, facts: Mapping[str, Fact]) -> Node:
    """The payload as nodes to draw, each with what is wrong with it; the root is always a group."""
    if not (isinstance(payload, Mapping) and {"all", "any"} & set(payload)):
        payload = {"all": [payload] if isinstance(payload, Mapping) and payload else []}
    found: dict[tuple[int, ...], list[Problem]] = {}
    for problem in problems(payload, facts):
        found.setdefault(problem.path, []).append(problem)
    return _node(payload, facts, ROOT, (), found)


def _node(
    payload: Any,
    facts: Mapping[str, Fact],
    place: str,
    path: tuple[int, ...],
    found: Mapping[tuple[int, ...], list[Problem]],
) -> Node:
    negated = isinstance(payload, Mapping) and set(payload) == {"not"}
    wrong = list(found.get(path, ()))
    if negated:
        payload, path = payload["not"], (*path, 0)
        wrong += found.get(path, ())
    node = Node(place, negated, problems=wrong)
    if not isinstance(payload, Mapping):
        return node
    joins = next((name for name in ("all", "any") if isinstance(payload.get(name), list)), "")
    if joins:
        node.joins = joins
        parts = enumerate(payload[joins])
        node.parts = [_node(part, facts, f"{place}.{at}", (*path, at), found) for at, part in parts]
        return node
    node.fact = facts.get(str(payload.get("fact")))
    asks = str(payload.get("is"))
    node.asks = asks if node.fact and asks in ASKS[node.fact.kind] else ""
    values = payload.get("values")
    node.values = [str(value) for value in values] if isinstance(values, list) else []
    if node.fact and not node.asks:
        node.asks = next(iter(ASKS[node.fact.kind]))
    return node


def drawn(node: Node) -> Iterator[Node]:
    """The node and everything in it, as drawn."""
    yield node
    for part in node.parts:
        yield from drawn(part)
