"""Wealth planning (理财规划): shares by risk grade, what is too much in one place, how long a proposal holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.suitability import CUSTOMER_GRADES, PRODUCT_GRADES
from guanxi.insight.staging.contract import FAMILIES

GROUPS = {"liquid": "活钱", "steady": "稳健", "growth": "成长", "protection": "保障"}


@dataclass(frozen=True)
class GroupFamily:
    """A product family counted under a group of the allocation."""

    allocation: str
    family: str


@dataclass(frozen=True)
class Allocation:
    """The share of a customer's money that a group should have at a risk grade."""

    grade: str
    allocation: str
    share_low: Decimal
    share_high: Decimal


@dataclass(frozen=True)
class PlanningPolicy(Policy):
    """Groups, ranges by risk grade, limits of concentration, days of the ladder, validity of a proposal."""

    kind: ClassVar[str] = "planning"

    group_families: tuple[GroupFamily, ...]
    allocations: tuple[Allocation, ...]
    one_product_share: Decimal  # more of the wealth in one product is pointed out
    insured_amount: Decimal  # deposits in one bank above it are pointed out (存款保险)
    ladder_days: tuple[str, ...]
    valid_days: int  # a proposal holds for so long
    answer_days: int  # a planner answers within
    recording_grade: str = (
        ""  # from this product grade on the sale is recorded in sound and picture (双录); "": never
    )
    recording_age: int = 0  # and for a customer of this age or older; 0: never
    recording_families: tuple[str, ...] = ()  # of the families that either rule is about
    recording_prefix: str = ""  # the number of a recording: this, then yyyymmdd,
    recording_serial: int = 6  # then so many digits

    def steps(self) -> tuple[int, ...]:
        """The rungs of the maturity ladder, in days."""
        return tuple(int(text) for text in self.ladder_days)

    def group_of(self, family: str) -> str:
        """The group a family is counted under; empty for one that is no wealth."""
        return next((row.allocation for row in self.group_families if row.family == family), "")

    def ranges(self, grade: str | None) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Lowest and highest share by group for a risk grade; empty without a grade."""
        return {
            row.allocation: (row.share_low, row.share_high) for row in self.allocations if row.grade == grade
        }

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown codes, ranges that cannot hold together, numbers out of range."""
        found = Findings(language)
        families = [row.family for row in self.group_families]
        found.need(len(families) == len(set(families)), "同一产品大类出现两次", "a family stands twice")
        for family in families:
            found.need(family in FAMILIES, f"没有产品大类 {family}", f"there is no family {family}")
        for code in (
            *(row.allocation for row in self.group_families),
            *(row.allocation for row in self.allocations),
        ):
            found.need(code in GROUPS, f"没有代码 {code}", f"there is no code {code}")
        for grade in CUSTOMER_GRADES:
            self._range_problems(grade, found)
        found.need(
            0 < self.one_product_share <= 1 and self.insured_amount > 0,
            "集中度须大于 0 且不超过 100%，金额须大于 0",
            "the share must be above 0 and at most 100 %, the amount above 0",
        )
        days = [text for text in self.ladder_days if not text.isdigit()]
        found.need(
            not days and list(self.steps()) == sorted(set(self.steps())),
            "到期阶梯须为递增天数",
            "the ladder's days must rise",
        )
        found.need(
            1 <= self.valid_days <= 366 and 1 <= self.answer_days <= 60,
            "有效期须在 1 到 366 天、答复期须在 1 到 60 天之间",
            "validity must be 1 to 366 days, the answer 1 to 60",
        )
        self._recording_problems(found)
        return found.said

    def _recording_problems(self, found: Findings) -> None:
        for family in self.recording_families:
            found.need(family in FAMILIES, f"没有产品大类 {family}", f"there is no family {family}")
        found.need(
            self.recording_grade in ("", *PRODUCT_GRADES),
            f"没有产品等级 {self.recording_grade}",
            f"there is no product grade {self.recording_grade}",
        )
        prefix = self.recording_prefix
        found.need(
            0 <= self.recording_age <= 120
            and 1 <= self.recording_serial <= 12
            and len(prefix) <= 12
            and (not prefix or (prefix.isascii() and prefix.isalnum())),
            "双录年龄须在 0 到 120 岁、流水号须为 1 到 12 位、前缀须为不超过 12 位的字母数字",
            "a recording's age must be 0 to 120, its serial 1 to 12 digits, its prefix at most 12 letters or digits",
        )

    def _range_problems(self, grade: str, found: Findings) -> None:
        rows = [row for row in self.allocations if row.grade == grade]
        whole = sum((row.share_low for row in rows), Decimal(0)) <= 1 <= sum(row.share_high for row in rows)
        each = all(0 <= row.share_low <= row.share_high <= 1 for row in rows)
        complete = sorted(row.allocation for row in rows) == sorted(GROUPS)
        found.need(
            whole and each and complete,
            f"{grade} 的配置区间须齐全且能合计为 100%",
            f"the ranges of {grade} must be complete and able to make 100 %",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Each grade's ranges, the limits, and how long a proposal holds."""
        return [
            *(self._grade_words(grade, language) for grade in CUSTOMER_GRADES),
            *(self._group_words(code, language) for code in GROUPS),
            speak(
                language,
                f"单一产品超过资产 {percent(self.one_product_share)}，"
                f"或存款超过 {yuan(self.insured_amount)}元，予以提示。",
                f"Pointed out: more than {percent(self.one_product_share)} in one product, or deposits above "
                f"{yuan(self.insured_amount, language)}.",
            ),
            speak(
                language,
                f"到期阶梯 {'、'.join(self.ladder_days)} 天；建议书有效 {self.valid_days} 天；"
                f"理财师 {self.answer_days} 天内答复。",
                f"Maturity ladder of {', '.join(self.ladder_days)} days; a proposal holds {self.valid_days} days; a "
                f"planner answers within {self.answer_days}.",
            ),
            self._recording_words(language),
        ]

    def _recording_words(self, language: str) -> str:
        if not self.recording_families or not (self.recording_grade or self.recording_age):
            return speak(language, "建议书不要求双录编号。", "No proposal asks for a recording's number.")
        families = "、".join(FAMILY_LABELS.get(family, family) for family in self.recording_families)
        zh = [f"产品等级 {self.recording_grade} 及以上"] if self.recording_grade else []
        en = [f"a product of {self.recording_grade} or above"] if self.recording_grade else []
        zh += [f"客户年满 {self.recording_age} 岁"] if self.recording_age else []
        en += [f"a customer of {self.recording_age} or older"] if self.recording_age else []
        form = f"{self.recording_prefix}yyyymmdd + {self.recording_serial}"
        return speak(
            language,
            f"须填双录编号：{families}，{'，或'.join(zh)}；编号为 {form} 位流水号。",
            f"A recording's number is asked for ({', '.join(self.recording_families)}): {' or '.join(en)}; "
            f"it is {form} digits.",
        )

    def _grade_words(self, grade: str, language: str) -> str:
        told = [
            f"{speak(language, GROUPS[code], code)} {percent(low)}-{percent(high)}"
            for code, (low, high) in self.ranges(grade).items()
        ]
        return speak(language, f"{grade}：{'、'.join(told)}。", f"{grade}: {', '.join(told)}.")

    def _group_words(self, code: str, language: str) -> str:
        families = [row.family for row in self.group_families if row.allocation == code]
        zh = "、".join(FAMILY_LABELS.get(family, family) for family in families)
        return speak(language, f"{GROUPS[code]}：{zh}。", f"{code}: {', '.join(families)}.")
