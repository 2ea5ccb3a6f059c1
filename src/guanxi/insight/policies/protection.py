"""Protection of personal information (个人信息保护): contracts with processors, where data may go, assessments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak

MOST_DAYS, MOST_MONTHS, LEAST_YEARS, MOST_YEARS = 366, 24, 3, 30
ASSESSED = {"campaign": "营销活动", "model": "模型", "interface": "接口令牌"}
"""What may wait for an impact assessment: campaigns, models that serve, tokens of the API."""
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class ProtectionPolicy(Policy):
    """Where data may go, and when contracts and supervision are spoken of."""

    kind: ClassVar[str] = "protection"

    home_country: str  # ISO 3166, two letters; every other place is abroad, Hong Kong, Macao and Taiwan too
    contract_notice_days: int  # a contract's end is spoken of so many days before
    supervision_months: int  # a processor is looked at again after so many months
    assessed: tuple[str, ...] = ()  # kinds of activities that begin only with an impact assessment in force
    assessment_months: int = 12  # an assessment counts so long from its approval
    assessment_years: int = 3  # reports and records are kept so long at least (PIPL 56)

    def problems(self, language: str = "zh") -> list[str]:
        """No country; numbers out of range."""
        found = Findings(language)
        found.need(
            _COUNTRY.fullmatch(self.home_country) is not None,
            "所在国家须为两位大写字母代码，如 CN",
            "the country is a code of two capital letters, such as CN",
        )
        found.need(
            1 <= self.contract_notice_days <= MOST_DAYS,
            f"合同到期提示天数须在 1 到 {MOST_DAYS} 之间",
            f"a contract's end is spoken of 1 to {MOST_DAYS} days before",
        )
        found.need(
            1 <= self.supervision_months <= MOST_MONTHS,
            f"监督周期须在 1 到 {MOST_MONTHS} 个月之间",
            f"supervision comes every 1 to {MOST_MONTHS} months",
        )
        found.need(
            len(set(self.assessed)) == len(self.assessed) and set(self.assessed) <= set(ASSESSED),
            "须经影响评估的活动只能从营销活动、模型、接口中选择，各选一次",
            "what is assessed is chosen among campaigns, models and interfaces, each once",
        )
        found.need(
            1 <= self.assessment_months <= MOST_MONTHS,
            f"影响评估有效期须在 1 到 {MOST_MONTHS} 个月之间",
            f"an assessment counts for 1 to {MOST_MONTHS} months",
        )
        found.need(
            LEAST_YEARS <= self.assessment_years <= MOST_YEARS,
            f"影响评估报告和处理记录须保存 {LEAST_YEARS} 到 {MOST_YEARS} 年",
            f"assessments are kept {LEAST_YEARS} to {MOST_YEARS} years",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Where data may go, then what is spoken of when."""
        return [
            speak(
                language,
                f"个人信息只发往 {self.home_country} 境内；合同到期前 {self.contract_notice_days} 天起提示，"
                f"每 {self.supervision_months} 个月监督一次受托处理者。",
                f"Personal information goes to no place outside of {self.home_country}; a contract's end is spoken of "
                f"{self.contract_notice_days} days before, and processors are supervised every "
                f"{self.supervision_months} months.",
            ),
            *self._assessed_in_words(language),
        ]

    def _assessed_in_words(self, language: str) -> list[str]:
        if not self.assessed:
            return [speak(language, "没有活动须先经影响评估。", "Nothing waits for an impact assessment.")]
        return [
            speak(
                language,
                f"{'、'.join(ASSESSED[one] for one in self.assessed)}须先经个人信息保护影响评估；评估 "
                f"{self.assessment_months} 个月内有效，报告和处理记录保存 {self.assessment_years} 年。",
                f"Without an impact assessment in force nothing begins of: {', '.join(self.assessed)}; "
                f"one counts for {self.assessment_months} months and is kept {self.assessment_years} years.",
            )
        ]
