"""Managed scope (管户范围): who is kept by a person, how one leaves it, and what keeping costs in minutes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import KIND_LABELS, KINDS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.tier import DAILY_AVERAGE, MONTH_END, RESIDENT_NAMES, RESIDENT_TYPES
from guanxi.insight.policies.words import RELATIONS, listed
from guanxi.insight.staging.contract import RELATIONS as RELATION_ROWS

BASES = (DAILY_AVERAGE, MONTH_END)
RELATION_KINDS = RELATION_ROWS.column("kind").values


@dataclass(frozen=True)
class Service:
    """Minutes a month that one customer of this tier costs his keeper."""

    scheme: str
    tier: str  # the tier's code
    minutes: int


@dataclass(frozen=True)
class ScopePolicy(Policy):
    """In at once when the line is reached; out only slowly, with notice, and never many of one book at a time."""

    kind: ClassVar[str] = "scope"

    basis: str
    customer_kinds: tuple[str, ...]
    enter_from: Decimal  # the line, in the base currency
    exit_months: int  # closed months below before one may leave
    notice_days: int
    book_share: Decimal  # at most this share of a keeper's book leaves in a quarter
    keep_with_loan: bool
    keep_business: tuple[str, ...]  # customer types that stay as business owners
    keep_family: tuple[str, ...]  # relations to somebody in scope that keep one in
    capacity_minutes: int  # what one keeper can give in a month
    services: tuple[Service, ...]

    def minutes(self, scheme: str, tier: str) -> int:
        """Minutes a month for a customer of this tier; 0 when none are set."""
        return next((one.minutes for one in self.services if (one.scheme, one.tier) == (scheme, tier)), 0)

    def problems(self, language: str = "zh") -> list[str]:
        """A line that is none, times and shares out of range, unknown or doubled kinds."""
        found = Findings(language)
        found.need(self.basis in BASES, f"没有口径 {self.basis}", f"there is no basis {self.basis}")
        found.need(self.enter_from > 0, "管户起点须大于 0", "the line must be above 0")
        found.need(
            self.enter_from == self.enter_from.quantize(Decimal("0.01")),
            "管户起点须精确到分",
            "the line must be given to the fen",
        )
        found.need(
            1 <= self.exit_months <= 24,
            "退出期须在 1 到 24 个月之间",
            "months before an exit must be 1 to 24",
        )
        found.need(
            0 <= self.notice_days <= 365, "提前告知须在 0 到 365 天之间", "the notice must be 0 to 365 days"
        )
        found.need(
            0 <= self.book_share <= 1, "每季退出比例须在 0 到 100% 之间", "the share must be 0 to 100 %"
        )
        found.need(self.capacity_minutes > 0, "每月可用分钟数须大于 0", "a keeper's minutes must be above 0")
        self._code_problems(found)
        tiers = [(one.scheme, one.tier) for one in self.services]
        found.need(
            len(tiers) == len(set(tiers)), "同一等级的服务时间出现两次", "a tier's minutes stand twice"
        )
        found.need(
            all(one.minutes >= 0 for one in self.services), "服务时间不能为负", "minutes must not be negative"
        )
        return found.said

    def _code_problems(self, found: Findings) -> None:
        sets = (
            (self.customer_kinds, KINDS),
            (self.keep_business, RESIDENT_TYPES),
            (self.keep_family, RELATION_KINDS),
        )
        for codes, known in sets:
            for code in codes:
                found.need(code in known, f"没有代码 {code}", f"there is no code {code}")
        found.need(bool(self.customer_kinds), "须指明客户类型", "name at least one customer kind")

    def tables(self) -> dict[str, PolicyTable]:
        """policy.scope (one row), policy.scope_kind, policy.scope_business, policy.scope_family."""
        text = "VARCHAR"
        return {
            "policy.scope": PolicyTable(
                (
                    ("basis", text),
                    ("enter_from", "DECIMAL(18,2)"),
                    ("exit_months", "INTEGER"),
                    ("notice_days", "INTEGER"),
                    ("book_share", "DECIMAL(9,8)"),
                    ("keep_with_loan", "BOOLEAN"),
                ),
                (
                    (
                        self.basis,
                        self.enter_from,
                        self.exit_months,
                        self.notice_days,
                        self.book_share,
                        self.keep_with_loan,
                    ),
                ),
            ),
            "policy.scope_kind": PolicyTable(
                (("customer_kind", text),), tuple((kind,) for kind in self.customer_kinds)
            ),
            "policy.scope_business": PolicyTable(
                (("resident_type", text),), tuple((kind,) for kind in self.keep_business)
            ),
            "policy.scope_family": PolicyTable(
                (("kind", text),), tuple((kind,) for kind in self.keep_family)
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """Who enters, who stays, who leaves, and what a customer of each tier costs in minutes."""
        kinds = listed(self.customer_kinds, KIND_LABELS, language)
        measure = speak(
            language,
            *(
                ("月末时点 AUM", "month-end AUM")
                if self.basis == MONTH_END
                else ("月日均 AUM", "daily average AUM")
            ),
        )
        lines = [
            speak(
                language,
                f"{kinds}：{measure} ≥ {yuan(self.enter_from, language)} 即纳入管户。",
                f"{kinds}: in managed scope from {yuan(self.enter_from, language)} {measure}.",
            ),
            speak(
                language,
                f"连续 {self.exit_months} 个完整月低于起点才可退出，提前 {self.notice_days} 天告知，"
                f"每季最多退出一本管户的 {percent(self.book_share)}。",
                f"Out only after {self.exit_months} closed months below, with {self.notice_days} days' notice, at most "
                f"{percent(self.book_share)} of a book a quarter.",
            ),
        ]
        if self._reasons(language):
            reasons = speak(language, "、", ", ").join(self._reasons(language))
            lines.append(speak(language, f"以下情形不退出：{reasons}。", f"Kept in all the same: {reasons}."))
        return [*lines, *self._services_in_words(language)]

    def _reasons(self, language: str) -> list[str]:
        said = [speak(language, "有贷款余额", "a loan")] if self.keep_with_loan else []
        if self.keep_business:
            kinds = listed(self.keep_business, RESIDENT_NAMES, language)
            said.append(speak(language, f"经营者（{kinds}）", f"a business ({kinds})"))
        if self.keep_family:
            kin = listed(self.keep_family, RELATIONS, language)
            said.append(speak(language, f"家人在管（{kin}）", f"family in scope ({kin})"))
        return said

    def _services_in_words(self, language: str) -> list[str]:
        told = [
            speak(
                language,
                f"每位管户人每月可用 {self.capacity_minutes:,} 分钟。",
                f"A keeper has {self.capacity_minutes:,} minutes a month.",
            )
        ]
        if self.services:
            each = speak(language, "、", ", ").join(f"{one.tier} {one.minutes}" for one in self.services)
            told.append(
                speak(language, f"每户每月服务分钟数：{each}。", f"Minutes a customer a month: {each}.")
            )
        return told
