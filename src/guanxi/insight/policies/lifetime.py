"""What a relationship may still bring (客户终身价值) and what may be held elsewhere (潜在资产)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar

from guanxi.insight.policies.base import HIGHEST, LOWEST, Findings, Policy, PolicyTable, percent, speak


@dataclass(frozen=True)
class LifetimePolicy(Policy):
    """`months`: how far ahead; `discount_rate` a year; `shrink_months`: how many months of the tier's mean a customer's
    own months are mixed with; `loss_months`: how many months of losses a tier's rate is taken from; `peers`: the
    fewest peers an estimate of potential may rest on, `peer_families` the product families that make one a peer, and
    `salary_lines` where one salary band ends and the next begins (a year's salaries; 0 is a band of its own)."""

    kind: ClassVar[str] = "lifetime"

    months: int
    discount_rate: Decimal
    shrink_months: int
    loss_months: int
    peers: int
    peer_families: int
    salary_lines: tuple[Decimal, ...]

    def problems(self, language: str = "zh") -> list[str]:
        """Numbers out of range."""
        found = Findings(language)
        found.need(12 <= self.months <= 120, "预测月数须在 12 到 120 之间", "months ahead must be 12 to 120")
        found.need(
            Decimal(0) <= self.discount_rate <= Decimal("0.3"),
            "年贴现率须在 0 到 30% 之间",
            "the discount rate must be 0 to 30% a year",
        )
        found.need(
            1 <= self.shrink_months <= 60 and 1 <= self.loss_months <= 24,
            "均值折合月数须在 1 到 60 之间，流失统计月数须在 1 到 24 之间",
            "months of the mean must be 1 to 60, months of losses 1 to 24",
        )
        found.need(
            self.peers >= 10 and 1 <= self.peer_families <= 8,
            "同类客户至少 10 户，产品大类须在 1 到 8 之间",
            "at least 10 peers, and 1 to 8 product families",
        )
        found.need(
            list(self.salary_lines) == sorted(set(self.salary_lines))
            and all(line > 0 for line in self.salary_lines),
            "薪资分档须为正数且逐档递增",
            "salary lines must be positive and rise",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.lifetime (one row) and policy.lifetime_salary_band: bands of a year's salaries with their bounds."""
        columns = (
            ("months", "INTEGER"),
            ("discount_rate", "DECIMAL(9,8)"),
            ("shrink_months", "INTEGER"),
            ("loss_months", "INTEGER"),
            ("peers", "INTEGER"),
            ("peer_families", "INTEGER"),
        )
        row = (
            self.months,
            self.discount_rate,
            self.shrink_months,
            self.loss_months,
            self.peers,
            self.peer_families,
        )
        lines = (Decimal("0.01"), *self.salary_lines, HIGHEST)
        bands = ((0, LOWEST, lines[0]), *((n, low, up) for n, (low, up) in enumerate(pairwise(lines), 1)))
        bounds = (("band", "INTEGER"), ("lower_bound", "DECIMAL(18,2)"), ("upper_bound", "DECIMAL(18,2)"))
        return {
            "policy.lifetime": PolicyTable(columns, (row,)),
            "policy.lifetime_salary_band": PolicyTable(bounds, bands),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """How the future is counted, and who is a peer."""
        return [
            speak(
                language,
                f"终身价值：未来 {self.months} 个月的贡献，按年 {percent(self.discount_rate)} 贴现；"
                f"本人月均贡献与同等级均值（折合 {self.shrink_months} 个月）加权；"
                f"流失率取同等级最近 {self.loss_months} 个月。",
                f"Lifetime value: contribution of the next {self.months} months at {percent(self.discount_rate)} "
                f"a year; one's own monthly mean is mixed with {self.shrink_months} months of the tier's; "
                f"the rate of loss is that of the tier in the last {self.loss_months} months.",
            ),
            speak(
                language,
                f"潜在资产：同年龄段、同城乡、同薪资档且持有不少于 {self.peer_families} 类产品的客户，"
                f"不少于 {self.peers} 户才给出区间。",
                f"Potential: customers of the same age band, area and salary band who hold at least "
                f"{self.peer_families} families; a range is given from {self.peers} of them on.",
            ),
        ]
