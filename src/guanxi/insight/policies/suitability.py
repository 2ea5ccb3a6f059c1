"""Which grades of product may be offered to whom (适当性): five customer grades against five product grades.

Follows the rule of 2025 on suitability of financial products: a product above the customer's grade is unsuitable, an
expired questionnaire counts as none, professional investors have a line of their own, and from a certain age on the
riskier products need special confirmation by a second person.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak

CUSTOMER_GRADES = ("C1", "C2", "C3", "C4", "C5")
PRODUCT_GRADES = ("R1", "R2", "R3", "R4", "R5")
UNASSESSED, EXPIRED = "none", "expired"
"""What stands for a customer's grade when there is no questionnaire, or one that no longer counts."""
UNGRADED, FREE = "none", "free"
"""What stands for a product's grade when it lacks one it needs, and when its family needs none (deposits, cards)."""
FAMILIES = ("structured", "wealth", "fund", "insurance", "bond", "metal", "trust")

LICENCES = {"fund": "基金销售从业资格", "insurance": "保险销售执业登记", "wealth": "理财从业资格"}
"""Qualifications that a seller may have to hold."""
LICENCES_EN = {
    "fund": "Fund qualification",
    "insurance": "Insurance registration",
    "wealth": "Wealth qualification",
}
MOST_WARN_DAYS = 366

Row = tuple[str, bool, bool, str, str, str]


@dataclass(frozen=True)
class SuitabilityPolicy(Policy):
    """`highest_product`: customer grade → the highest product grade that fits it; families not in `graded_families`
    (deposits) are open to everyone. Ages in completed years."""

    kind: ClassVar[str] = "suitability"

    highest_product: dict[str, str]
    professional_highest: str
    graded_families: tuple[str, ...]
    senior_age: int
    senior_confirmed_from: str
    adult_age: int
    licences: dict[str, str] = field(default_factory=dict)  # product family → the seller's licence
    licence_warn_days: int = 60  # a seller is told so long before a licence expires

    def problems(self, language: str = "zh") -> list[str]:
        """Missing or unknown grades, a customer who may take more risk being offered less, ages out of range."""
        found = Findings(language)
        found.need(
            tuple(sorted(self.highest_product)) == CUSTOMER_GRADES,
            "C1 至 C5 每一级都须写明可匹配的最高产品等级",
            "each customer grade C1 to C5 needs the highest product grade that fits it",
        )
        named = (*self.highest_product.values(), self.professional_highest, self.senior_confirmed_from)
        found.need(
            all(grade in PRODUCT_GRADES for grade in named),
            "产品等级须为 R1 至 R5",
            "product grades are R1 to R5",
        )
        ladder = [self.highest_product.get(grade, "") for grade in CUSTOMER_GRADES]
        found.need(
            ladder == sorted(ladder),
            "风险承受等级越高，可匹配的产品等级不得越低",
            "a higher customer grade must not fit less",
        )
        found.need(
            set(self.graded_families) <= set(FAMILIES) and bool(self.graded_families),
            f"须评级的产品大类只能取自：{'、'.join(FAMILIES)}",
            f"families that need a grade are among {', '.join(FAMILIES)}",
        )
        found.need(
            16 <= self.adult_age <= 22 and 55 <= self.senior_age <= 90,
            "成年年龄须在 16 到 22 岁之间，特别关注年龄须在 55 到 90 岁之间",
            "the adult age must be 16 to 22, the age of special care 55 to 90",
        )
        found.need(
            set(self.licences.values()) <= set(LICENCES) and set(self.licences) <= set(FAMILIES),
            "从业资格或产品大类不存在",
            "there is no such licence or family",
        )
        found.need(
            1 <= self.licence_warn_days <= MOST_WARN_DAYS,
            "资格到期提醒须在 1 到 366 天之间",
            "the warning before a licence expires must be 1 to 366 days",
        )
        return found.said

    def rows(self) -> Iterator[Row]:
        """The decision table: customer grade, professional, senior, product grade → verdict and reason code."""
        grades = (UNASSESSED, EXPIRED, *CUSTOMER_GRADES)
        products = (FREE, UNGRADED, *PRODUCT_GRADES)
        for grade, professional, senior, product in itertools.product(
            grades, (False, True), (False, True), products
        ):
            yield (grade, professional, senior, product, *self._judged(grade, professional, senior, product))

    @cached_property
    def decisions(self) -> Mapping[tuple[str, bool, bool, str], tuple[str, str]]:
        """The decision table as a look-up: its first four columns → verdict and reason."""
        return {row[:4]: row[4:] for row in self.rows()}

    def _judged(self, grade: str, professional: bool, senior: bool, product: str) -> tuple[str, str]:
        if product == FREE:
            return "suitable", "no_grade_needed"
        if product == UNGRADED:
            return "unsuitable", "product_without_grade"
        if grade == EXPIRED or (grade == UNASSESSED and not professional):
            return "unsuitable", "expired" if grade == EXPIRED else "not_assessed"
        highest = self.professional_highest if professional else self.highest_product[grade]
        if product > highest:
            return "unsuitable", "above_grade"
        if senior and product >= self.senior_confirmed_from:
            return "confirm", "senior"
        return "suitable", "professional" if professional else "within_grade"

    def tables(self) -> dict[str, PolicyTable]:
        """policy.suitability (the decision table), policy.suitability_family, policy.suitability_age (one row)."""
        columns = (
            ("customer_grade", "VARCHAR"),
            ("professional", "BOOLEAN"),
            ("senior", "BOOLEAN"),
            ("product_grade", "VARCHAR"),
            ("verdict", "VARCHAR"),
            ("reason", "VARCHAR"),
        )
        families = tuple((family,) for family in self.graded_families)
        ages = (("adult_age", "INTEGER"), ("senior_age", "INTEGER"))
        return {
            "policy.suitability": PolicyTable(columns, tuple(self.rows())),
            "policy.suitability_family": PolicyTable((("family", "VARCHAR"),), families),
            "policy.suitability_age": PolicyTable(ages, ((self.adult_age, self.senior_age),)),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """Each customer grade with what fits it, then the exceptions."""
        sep = speak(language, "、", ", ")
        pairs = sep.join(f"{grade} → {self.highest_product[grade]}" for grade in CUSTOMER_GRADES)
        return [
            speak(
                language,
                f"各风险承受等级可匹配的最高产品等级：{pairs}；专业投资者至 {self.professional_highest}。",
                f"Highest product grade that fits each customer grade: {pairs}; "
                f"professional investors up to {self.professional_highest}.",
            ),
            speak(
                language,
                "未测评或测评已过期的客户不推荐任何须评级产品；发行方与本行评级不一致时按较高者。",
                "Without a valid questionnaire no graded product is offered; where the issuer's grade and ours differ, "
                "the higher counts.",
            ),
            speak(
                language,
                f"{self.senior_age} 岁及以上客户购买 {self.senior_confirmed_from} 及以上产品，须特别确认并由第二人复核"
                f"；未满 {self.adult_age} 岁不推荐。",
                f"From {self.senior_age} years on, {self.senior_confirmed_from} and above needs special confirmation "
                f"by a second person; below {self.adult_age} nothing graded is offered.",
            ),
            *self._licences_in_words(language),
        ]

    def _licences_in_words(self, language: str) -> list[str]:
        if not self.licences:
            return []
        named = speak(language, "、", ", ").join(
            f"{family} → {speak(language, LICENCES.get(kind, kind), kind)}"
            for family, kind in self.licences.items()
        )
        return [
            speak(
                language,
                f"推介须持从业资格：{named}；到期前 {self.licence_warn_days} 天提醒本人。",
                f"Who offers needs a licence: {named}; told {self.licence_warn_days} days before it expires.",
            )
        ]
