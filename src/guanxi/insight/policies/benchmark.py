"""Benchmarks (同业参考值): figures of others that a bank enters, each with source, date and definition.

And which answers of its surveys speak of the same thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak
from guanxi.insight.workbench.three import FIGURES, POINTS

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Benchmark:
    """One figure of others: a share from 0 to 1, or points for NPS; the range where the source gives one."""

    code: str
    figure: Decimal
    as_of: str  # the month it speaks of, 2026-06
    source_zh: str
    source_en: str
    definition_zh: str
    definition_en: str
    is_invented: bool  # made up for a demonstration; said wherever it is shown
    range_low: Decimal | None = None
    range_high: Decimal | None = None

    def source(self, language: str) -> str:
        """Where it is from."""
        return speak(language, self.source_zh, self.source_en)

    def definition(self, language: str) -> str:
        """What it counts."""
        return speak(language, self.definition_zh, self.definition_en)


@dataclass(frozen=True)
class Asked:
    """A question of a survey, by its Chinese words, and those of its choices that count."""

    code: str
    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class BenchmarkPolicy(Policy):
    """What the bank's own figures are set beside."""

    kind: ClassVar[str] = "benchmark"

    benchmarks: tuple[Benchmark, ...]
    questions: tuple[Asked, ...]

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown figures, values out of range, figures without a source, twice the same."""
        found = Findings(language)
        for one in self.benchmarks:
            _check(one, found)
        for asked in self.questions:
            found.need(asked.code in FIGURES, f"没有指标 {asked.code}", f"there is no figure {asked.code}")
            found.need(
                bool(asked.answers and asked.question.strip()),
                f"{asked.code}：须写明问题和计入的选项",
                f"{asked.code}: a question and the answers that count are needed",
            )
        for codes in ([one.code for one in self.benchmarks], [one.code for one in self.questions]):
            found.need(len(codes) == len(set(codes)), "同一指标重复", "a figure stands twice")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Each figure with its source, then what of the surveys counts."""
        if not self.benchmarks and not self.questions:
            return [speak(language, "尚未录入同业参考值。", "No figures of others are entered yet.")]
        said = [
            f"{speak(language, *FIGURES[one.code])} · {value_in_words(one.code, one.figure)} · "
            f"{one.source(language)} · {one.as_of}"
            for one in self.benchmarks
            if one.code in FIGURES
        ]
        return said + [
            speak(
                language,
                f"{FIGURES[one.code][0]}：问卷“{one.question}”答{'、'.join(one.answers)}的占比。",
                f"{FIGURES[one.code][1]}: share answering {', '.join(one.answers)} to “{one.question}”.",
            )
            for one in self.questions
            if one.code in FIGURES
        ]


def value_in_words(code: str, value: Decimal) -> str:
    """38 points, or 62%."""
    return f"{value.normalize():f}" if code in POINTS else percent(value)


def _check(one: Benchmark, found: Findings) -> None:
    found.need(one.code in FIGURES, f"没有指标 {one.code}", f"there is no figure {one.code}")
    least, most = (Decimal(-100), Decimal(100)) if one.code in POINTS else (Decimal(0), Decimal(1))
    numbers = [number for number in (one.range_low, one.figure, one.range_high) if number is not None]
    found.need(
        all(least <= number <= most for number in numbers) and numbers == sorted(numbers),
        f"{one.code}：取值须在 {least} 到 {most} 之间，且下限不高于上限",
        f"{one.code}: values must be {least} to {most}, the lower first",
    )
    found.need(
        _MONTH.fullmatch(one.as_of) is not None,
        f"{one.code}：时点写作 2026-06",
        f"{one.code}: as_of is 2026-06",
    )
    texts = (one.source_zh, one.source_en, one.definition_zh, one.definition_en)
    found.need(
        all(text.strip() for text in texts),
        f"{one.code}：须写明来源与口径",
        f"{one.code}: source and definition are needed",
    )
