"""What counts as evidence of a relation: payroll (代发工资) that makes an employer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak


@dataclass(frozen=True)
class RelationPolicy(Policy):
    """A person is an employee of the company that paid `payroll_credits` salaries within `payroll_days`."""

    kind: ClassVar[str] = "relation"

    payroll_credits: int
    payroll_days: int

    def problems(self, language: str = "zh") -> list[str]:
        """Numbers out of range."""
        found = Findings(language)
        found.need(self.payroll_credits >= 1, "代发次数至少为 1", "at least 1 salary is needed")
        found.need(
            28 <= self.payroll_days <= 366,
            "观察天数须在 28 到 366 之间",
            "days looked back must be 28 to 366",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.relation_payroll, one row."""
        columns = (("credits", "INTEGER"), ("days", "INTEGER"))
        return {"policy.relation_payroll": PolicyTable(columns, ((self.payroll_credits, self.payroll_days),))}

    def in_words(self, language: str = "zh") -> list[str]:
        """The payroll rule in one sentence."""
        return [
            speak(
                language,
                f"{self.payroll_days} 天内由同一单位代发工资不少于 {self.payroll_credits} 次，视为该单位员工。",
                f"At least {self.payroll_credits} salaries from one company within {self.payroll_days} days "
                "make an employee of it.",
            )
        ]
