"""A rule as a tree, and reading one from a payload that anybody may have written.

A payload is {"all": [...]}, {"any": [...]}, {"not": {...}} or {"fact": "aum", "is": "at_least", "values": ["500000"]}.
What is unknown of a customer fulfils no condition, so `not` takes in those of whom it is unknown: a rule and its
opposite part the customers in two.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from guanxi.insight.segments.facts import BY_CODE, Fact, Kind

Value = str | int | Decimal | date
MOST_LEVELS, MOST_CONDITIONS, MOST_VALUES, LONGEST = 10, 60, 500, 100
MOST_DAYS = 3_660
GREATEST = 10**12
_MONEY = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,2})?")
_NUMBER = re.compile(r"-?[0-9]{1,12}")
_DAY = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_TIER = re.compile(r"[a-z][a-z0-9_]{0,30}\.[0-9]{1,2}")


@dataclass(frozen=True)
class Leaf:
    """One condition: a fact, what is asked of it, and the values asked for."""

    fact: str
    asks: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Group:
    """Conditions of which all or any must hold."""

    joins: Literal["all", "any"]
    parts: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a rule."""

    part: Rule


Rule = Leaf | Group | Not


@dataclass(frozen=True)
class Problem:
    """What is wrong and where: the path of steps from the root, and the sentence in both languages."""

    path: tuple[int, ...]
    zh: str
    en: str

    def says(self, language: str) -> str:
        """The sentence."""
        return self.zh if language.startswith("zh") else self.en


class RuleRefused(ValueError):
    """A payload that is no sound rule; `problems` says why."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__("; ".join(problem.en for problem in found))
        self.problems = found


# What may be asked of each kind, and how many values it takes: (at least, at most).
ASKS: Mapping[Kind, Mapping[str, tuple[int, int]]] = {
    Kind.CODE: {"one_of": (1, MOST_VALUES), "missing": (0, 0)},
    Kind.TEXT: {"one_of": (1, MOST_VALUES), "missing": (0, 0)},
    Kind.UNIT: {"within": (1, MOST_VALUES)},
    Kind.TIER: {"one_of": (1, MOST_VALUES), "at_least": (1, 1), "at_most": (1, 1), "missing": (0, 0)},
    Kind.NUMBER: {
        "at_least": (1, 1),
        "at_most": (1, 1),
        "between": (2, 2),
        "one_of": (1, MOST_VALUES),
        "missing": (0, 0),
    },
    Kind.MONEY: {"at_least": (1, 1), "at_most": (1, 1), "between": (2, 2), "missing": (0, 0)},
    Kind.DAY: {
        "next_days": (1, 1),
        "last_days": (1, 1),
        "before": (1, 1),
        "after": (1, 1),
        "between": (2, 2),
        "missing": (0, 0),
    },
    Kind.FLAG: {"yes": (0, 0), "no": (0, 0)},
    Kind.SET: {"any_of": (1, MOST_VALUES), "all_of": (1, MOST_VALUES)},
    Kind.EVENT: {"done": (1, 1), "not_done": (1, 1), "never": (0, 0)},
}
COUNTED_IN_DAYS = ("next_days", "last_days", "done", "not_done")


def read_rule(payload: Any, facts: Mapping[str, Fact] = BY_CODE) -> Rule:
    """The rule a payload says; raises RuleRefused, whatever the payload is."""
    reader = _Reader(facts)
    rule = reader.read(payload, ())
    if reader.found or rule is None:
        raise RuleRefused(reader.found)
    return rule


def problems(payload: Any, facts: Mapping[str, Fact] = BY_CODE) -> list[Problem]:
    """Everything wrong with a payload; empty for a sound one."""
    reader = _Reader(facts)
    reader.read(payload, ())
    return reader.found


def payload_of(rule: Rule) -> dict[str, Any]:
    """The same rule as a payload: reading it gives an equal rule."""
    if isinstance(rule, Not):
        return {"not": payload_of(rule.part)}
    if isinstance(rule, Group):
        return {rule.joins: [payload_of(part) for part in rule.parts]}
    return {"fact": rule.fact, "is": rule.asks, "values": [_plain(value) for value in rule.values]}


def rule_hash(rule: Rule) -> str:
    """SHA-256 over the payload: equal rules have equal hashes on any machine."""
    body = json.dumps(payload_of(rule), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def leaves(rule: Rule) -> Iterator[Leaf]:
    """All conditions of a rule."""
    if isinstance(rule, Leaf):
        yield rule
    else:
        for part in (rule.part,) if isinstance(rule, Not) else rule.parts:
            yield from leaves(part)


def _plain(value: Value) -> str | int:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


class _Unsound(Exception):  # it never leaves this file
    """One part of a payload is wrong: the sentence in both languages."""


class _Reader:
    """Reads one payload and collects what is wrong with it; stops at the limits, so that no payload costs much."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        self.found: list[Problem] = []
        self._conditions = 0

    def read(self, payload: Any, path: tuple[int, ...]) -> Rule | None:
        """The rule at this place; None where it is unsound, and `found` then says why."""
        try:
            return self._read(payload, path)
        except _Unsound as wrong:
            if len(self.found) < MOST_CONDITIONS:
                self.found.append(Problem(path, *wrong.args))
            return None

    def _read(self, payload: Any, path: tuple[int, ...]) -> Rule | None:
        if len(path) >= MOST_LEVELS:
            raise _Unsound(f"嵌套最多 {MOST_LEVELS} 层", f"at most {MOST_LEVELS} levels")
        keys = frozenset(payload) if isinstance(payload, Mapping) else frozenset()
        if keys == {"not"}:
            part = self.read(payload["not"], (*path, 0))
            return None if part is None else Not(part)
        if keys == {"all"}:
            return Group("all", self._parts(payload["all"], path))
        if keys == {"any"}:
            return Group("any", self._parts(payload["any"], path))
        if keys == {"fact", "is", "values"}:
            return self._leaf(payload["fact"], payload["is"], payload["values"])
        raise _Unsound("不是条件", "this is no condition")

    def _parts(self, listed: Any, path: tuple[int, ...]) -> tuple[Rule, ...]:
        if not isinstance(listed, list) or len(listed) > MOST_CONDITIONS:
            raise _Unsound(f"一组最多 {MOST_CONDITIONS} 个条件", f"at most {MOST_CONDITIONS} in a group")
        if not listed:
            raise _Unsound("这一组还没有条件", "this group has no condition yet")
        parts = [self.read(part, (*path, at)) for at, part in enumerate(listed)]
        return tuple(part for part in parts if part is not None)

    def _leaf(self, code: Any, asks: Any, listed: Any) -> Leaf:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise _Unsound(f"最多 {MOST_CONDITIONS} 个条件", f"at most {MOST_CONDITIONS} conditions")
        fact = self.facts.get(code) if isinstance(code, str) else None
        if fact is None:
            raise _Unsound("没有这个指标", "there is no such fact")
        counts = ASKS[fact.kind].get(asks) if isinstance(asks, str) else None
        if counts is None or not isinstance(listed, list):
            raise _Unsound(f"“{fact.zh}”不能这样问", f"“{fact.en}” cannot be asked so")
        if not counts[0] <= len(listed) <= counts[1]:
            raise _Unsound(f"“{fact.zh}”还缺少取值", f"“{fact.en}” lacks a value")
        values = tuple(_value(fact, asks, value) for value in listed)
        if asks == "between" and values[0] > values[1]:  # type: ignore[operator]  # both are of the fact's one type
            raise _Unsound(f"“{fact.zh}”的下限大于上限", f"“{fact.en}”: from is above to")
        return Leaf(fact.code, asks, values)


def _value(fact: Fact, asks: str, value: Any) -> Value:
    """The value in its own type; raises _Unsound for anything that is none."""
    if asks in COUNTED_IN_DAYS:
        days = _number(value)
        made: Value | None = days if days is not None and 0 <= days <= MOST_DAYS else None
    elif fact.kind in (Kind.CODE, Kind.SET):
        made = value if isinstance(value, str) and value in fact.values else None
    else:
        made = _READERS[fact.kind](value)
    if made is None:
        raise _Unsound(f"“{fact.zh}”的取值不对", f"“{fact.en}” cannot have this value")
    return made


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and abs(value) <= GREATEST else None


def _money(value: Any) -> Decimal | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= GREATEST:
        value = str(value)
    return Decimal(value) if isinstance(value, str) and _MONEY.fullmatch(value) else None


def _day(value: Any) -> date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    sound = isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()
    return value if sound else None


def _tier(value: Any) -> str | None:
    return value if isinstance(value, str) and _TIER.fullmatch(value) else None


_READERS: Mapping[Kind, Callable[[Any], Value | None]] = {
    Kind.TEXT: _text,
    Kind.UNIT: _text,
    Kind.TIER: _tier,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DAY: _day,
}
