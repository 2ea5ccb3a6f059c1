"""A rule read out in one sentence, in Chinese or English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from guanxi.insight.policies.base import speak
from guanxi.insight.segments.facts import BY_CODE, Fact, Kind
from guanxi.insight.segments.rule import Leaf, Not, Rule, Value

Names = Callable[[Fact, str], str]
"""What the bank calls its units, people and tiers: fact and code in, name out."""

ASKED: Mapping[str, tuple[str, str]] = {
    "one_of": ("为", "is"),
    "within": ("属于", "is within"),
    "any_of": ("含任一", "any of"),
    "all_of": ("同时含", "all of"),
    "at_least": ("不低于", "at least"),
    "at_most": ("不高于", "at most"),
    "between": ("介于", "between"),
    "before": ("早于", "before"),
    "after": ("晚于", "after"),
    "last_days": ("在最近几天内", "within the last days"),
    "next_days": ("在未来几天内", "within the next days"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "done": ("最近几天内有", "in the last days"),
    "not_done": ("最近几天内没有", "not in the last days"),
    "never": ("从未有过", "never"),
    "missing": ("没有数据", "is not known"),
}
"""What a builder calls each way of asking."""


def in_words(
    rule: Rule, language: str, names: Names | None = None, facts: Mapping[str, Fact] = BY_CODE
) -> str:
    """The rule as a sentence without its full stop, e.g. 资产 (AUM) 不低于 500,000 元，且年龄不低于 60 岁."""
    return _Speaker(language, names or (lambda fact, code: fact.word(code, language)), facts).say(rule)


class _Speaker:
    """One language and one bank's names."""

    def __init__(self, language: str, names: Names, facts: Mapping[str, Fact]) -> None:
        self._language = language
        self._names = names
        self._facts = facts

    def say(self, rule: Rule, *, inner: bool = False) -> str:
        if isinstance(rule, Not):
            return self._speak(f"不满足（{self.say(rule.part)}）", f"not ({self.say(rule.part)})")
        if isinstance(rule, Leaf):
            return self._leaf(rule)
        joins = self._speak("，且", " and ") if rule.joins == "all" else self._speak(" 或 ", " or ")
        said = joins.join(self.say(part, inner=True) for part in rule.parts)
        wrapped = inner and len(rule.parts) > 1
        return self._speak(f"（{said}）", f"({said})") if wrapped else said

    def _leaf(self, leaf: Leaf) -> str:
        fact = self._facts[leaf.fact]
        name = fact.name(self._language)
        if fact.kind is Kind.EVENT:
            return self._event(leaf, name)
        if fact.kind is Kind.FLAG:
            return self._flag(leaf, name)
        if leaf.asks in ("last_days", "next_days"):
            days = leaf.values[0]
            said = {
                "last_days": (f"在最近 {days} 天内", f"within the last {days} days"),
                "next_days": (f"在未来 {days} 天内", f"within the next {days} days"),
            }
            return f"{name} {self._speak(*said[leaf.asks])}"
        return " ".join(part for part in (name, self._asked(leaf), self._values(leaf, fact)) if part)

    def _event(self, leaf: Leaf, name: str) -> str:
        if leaf.asks == "never":
            return self._speak(f"从未{name}", f"never: {_lower(name)}")
        days = leaf.values[0]
        if leaf.asks == "done":
            return self._speak(f"最近 {days} 天内有{name}", f"{_lower(name)} in the last {days} days")
        return self._speak(f"最近 {days} 天没有{name}", f"not in the last {days} days: {_lower(name)}")

    def _flag(self, leaf: Leaf, name: str) -> str:
        if leaf.asks == "yes":
            return name
        return self._speak(f"非“{name}”", f"not “{_lower(name)}”")

    def _asked(self, leaf: Leaf) -> str:
        return self._speak(*ASKED[leaf.asks])

    def _values(self, leaf: Leaf, fact: Fact) -> str:
        said = [self._value(value, fact) for value in leaf.values]
        if leaf.asks == "between":
            return self._speak(" 至 ", " and ").join(said)
        return self._speak("、", ", ").join(said)

    def _value(self, value: Value, fact: Fact) -> str:
        if isinstance(value, Decimal):
            return self._speak(f"{value:,} 元", f"{value:,} yuan")
        if isinstance(value, int):
            unit = self._speak(*fact.unit)
            return f"{value:,} {unit}".strip()
        if isinstance(value, date):
            return value.isoformat()
        return self._names(fact, value)

    def _speak(self, zh: str, en: str) -> str:
        return speak(self._language, zh, en)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
