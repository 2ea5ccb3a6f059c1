"""The value card (综合价值): weights of the four indicators, segments, and the points of risk, renown and relations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies import words
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak
from guanxi.insight.policies.words import pointed
from guanxi.insight.staging.contract import CUSTOMERS, RELATIONS

KINDS = CUSTOMERS.column("kind").values
RENOWN_KINDS = CUSTOMERS.column("renown_kind").values
RELATION_KINDS = RELATIONS.column("kind").values
RELATION_GROUPS = ("family", "employment", "control", "guarantee", "service")
BANDED_INPUTS = ("overdue_days", "pd", "expired_days")
CODED_INPUTS = ("loan_class", "grade")
MOST_POINTS = 100


@dataclass(frozen=True)
class Segment:
    """A customer kind and the segment it is ranked in, told apart further by company size or urban and rural area."""

    customer_kind: str
    name: str
    by_size: bool = False
    by_area: bool = False
    in_concentration: bool = False  # part of the 80/20 curve (二八曲线)


@dataclass(frozen=True)
class RiskBand:
    """Points once an input (days overdue, days since the credit line expired, pd) reaches `at_least`."""

    input: str
    at_least: Decimal
    points: int


@dataclass(frozen=True)
class RiskCode:
    """Points of a loan class or credit grade; a code not named has none."""

    input: str
    code: str
    points: int


@dataclass(frozen=True)
class Relation:
    """A relation kind, the group it is counted in, and what one such person or company weighs."""

    relation_kind: str
    group: str
    weight: int


@dataclass(frozen=True)
class ValuePolicy(Policy):
    """Fixed expert weights, in force for a year; they sum to 1."""

    kind: ClassVar[str] = "value"

    weight_contribution: Decimal
    weight_risk: Decimal
    weight_renown: Decimal
    weight_relatedness: Decimal
    medium_risk_from: int
    high_risk_from: int
    segments: tuple[Segment, ...]
    risk_bands: tuple[RiskBand, ...]
    risk_codes: tuple[RiskCode, ...]
    renown_points: dict[str, int]
    relations: tuple[Relation, ...]

    @property
    def weights(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Weights of contribution, risk, renown and relatedness."""
        return (self.weight_contribution, self.weight_risk, self.weight_renown, self.weight_relatedness)

    def problems(self, language: str = "zh") -> list[str]:
        """Weights that do not sum to 1; unknown or doubled kinds; points out of range or falling as risk rises."""
        found = Findings(language)
        found.need(
            sum(self.weights) == 1 and all(weight >= 0 for weight in self.weights),
            "四项权重之和须为 100%",
            "the four weights must sum to 100%",
        )
        found.need(
            0 < self.medium_risk_from < self.high_risk_from <= MOST_POINTS,
            "风险度中、高的起点须递增且不超过 100",
            "medium and high risk must rise and end by 100",
        )
        kinds = sorted(segment.customer_kind for segment in self.segments)
        found.need(
            kinds == sorted(KINDS),
            "每种客户类型须恰有一个分群",
            "each customer kind needs exactly one segment",
        )
        self._risk_problems(found)
        self._relation_problems(found)
        return found.said

    def _risk_problems(self, found: Findings) -> None:
        for band in self.risk_bands:
            found.need(
                band.input in BANDED_INPUTS,
                f"没有风险指标 {band.input}",
                f"there is no risk input {band.input}",
            )
        for name in BANDED_INPUTS:
            points = [
                band.points for band in sorted(_of(self.risk_bands, name), key=lambda band: band.at_least)
            ]
            found.need(
                points == sorted(points),
                f"{name}：风险越高分值应越高",
                f"{name}: points must not fall as the risk rises",
            )
        codes = [(entry.input, entry.code) for entry in self.risk_codes]
        found.need(len(codes) == len(set(codes)), "同一风险代码出现两次", "a risk code stands twice")
        for name, _ in codes:
            found.need(name in CODED_INPUTS, f"没有风险代码类 {name}", f"there is no coded risk input {name}")
        points = [*(band.points for band in self.risk_bands), *(entry.points for entry in self.risk_codes)]
        found.need(
            all(0 <= value <= MOST_POINTS for value in (*points, *self.renown_points.values())),
            "分值须在 0 到 100 之间",
            "points must be 0 to 100",
        )

    def _relation_problems(self, found: Findings) -> None:
        for kind in self.renown_points:
            found.need(kind in RENOWN_KINDS, f"没有知名度依据 {kind}", f"there is no ground of renown {kind}")
        names = [relation.relation_kind for relation in self.relations]
        found.need(len(names) == len(set(names)), "同一关系出现两次", "a relation stands twice")
        for relation in self.relations:
            found.need(
                relation.relation_kind in RELATION_KINDS
                and relation.group in RELATION_GROUPS
                and relation.weight >= 0,
                f"关系 {relation.relation_kind} 的分组或权重有误",
                f"relation {relation.relation_kind}: unknown kind or group, or negative weight",
            )

    def tables(self) -> dict[str, PolicyTable]:
        """policy.value (one row), _segment, _risk_band, _risk_code, _renown, _relation."""
        share, text, whole = "DECIMAL(9,8)", "VARCHAR", "INTEGER"
        indicators = ("contribution", "risk", "renown", "relatedness")
        return {
            "policy.value": PolicyTable(
                (
                    *((f"weight_{name}", share) for name in indicators),
                    ("medium_risk_from", whole),
                    ("high_risk_from", whole),
                ),
                ((*self.weights, self.medium_risk_from, self.high_risk_from),),
            ),
            "policy.value_segment": PolicyTable(
                (
                    ("kind", text),
                    ("segment", text),
                    ("by_size", "BOOLEAN"),
                    ("by_area", "BOOLEAN"),
                    ("in_concentration", "BOOLEAN"),
                ),
                tuple(
                    (s.customer_kind, s.name, s.by_size, s.by_area, s.in_concentration) for s in self.segments
                ),
            ),
            "policy.value_risk_band": PolicyTable(
                (("input", text), ("at_least", "DECIMAL(18,8)"), ("points", whole)),
                tuple((band.input, band.at_least, band.points) for band in self.risk_bands),
            ),
            "policy.value_risk_code": PolicyTable(
                (("input", text), ("code", text), ("points", whole)),
                tuple((entry.input, entry.code, entry.points) for entry in self.risk_codes),
            ),
            "policy.value_renown": PolicyTable(
                (("renown_kind", text), ("points", whole)), tuple(sorted(self.renown_points.items()))
            ),
            "policy.value_relation": PolicyTable(
                (("kind", text), ("relation_group", text), ("weight", whole)),
                tuple((entry.relation_kind, entry.group, entry.weight) for entry in self.relations),
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """Weights, the direction of risk, what renown and relations count."""
        contribution, risk, renown, relatedness = (percent(weight) for weight in self.weights)
        grounds = pointed(self.renown_points, words.RENOWN_KINDS, language)
        ties = pointed({r.relation_kind: r.weight for r in self.relations}, words.RELATIONS, language)
        return [
            speak(
                language,
                f"综合价值 = 贡献度 {contribution} + 风险度 {risk}（取反，越低越好）"
                f"+ 知名度 {renown} + 关联度 {relatedness}。",
                f"Composite = contribution {contribution} + risk {risk} (turned round: lower is better) "
                f"+ renown {renown} + relatedness {relatedness}.",
            ),
            speak(
                language,
                "各项为同一分群内的百分位；没有依据的一项不计分，其权重按比例分给其余各项。",
                "Each is a percentile within the segment; one without ground has no score and its weight is spread "
                "over the others in proportion.",
            ),
            speak(
                language,
                f"风险度：{self.medium_risk_from} 分起为中，{self.high_risk_from} 分起为高。",
                f"Risk: medium from {self.medium_risk_from} points, high from {self.high_risk_from}.",
            ),
            *(self._risk_words(name, language) for name in (*BANDED_INPUTS, *CODED_INPUTS)),
            speak(
                language,
                f"知名度须有依据、来源和登记日：{grounds}。",
                f"Renown needs ground, source and date: {grounds}.",
            ),
            speak(language, f"关联度按人数加权：{ties}。", f"Relatedness weighs each relation: {ties}."),
        ]

    def _risk_words(self, name: str, language: str) -> str:
        bands = sorted(_of(self.risk_bands, name), key=lambda band: band.at_least)
        steps = [f"≥ {band.at_least.normalize():f} → {band.points}" for band in bands]
        codes = {entry.code: entry.points for entry in self.risk_codes if entry.input == name}
        steps += [pointed(codes, words.LOAN_CLASSES, language)] if codes else []
        label = words.said(name, words.RISK_INPUTS, language)
        points = speak(language, "、", ", ").join(steps) or speak(language, "不计分", "no points")
        return speak(language, f"风险分 · {label}：{points}。", f"Risk points, {label}: {points}.")


def _of(bands: Iterable[RiskBand], name: str) -> list[RiskBand]:
    return [band for band in bands if band.input == name]
