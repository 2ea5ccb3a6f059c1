"""Keeping (管户): how the pool is cleared, hand-overs, exits, and how long a tier may be set by hand.

The line of the managed scope, its notice, its share of a book and the minutes of a tier stand in the policy `scope`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak, yuan
from guanxi.insight.policies.words import listed

KEEPER_ROLES = {
    "relationship_manager": "客户经理",
    "corporate_manager": "对公客户经理",
    "planner": "理财师",
    "teller": "综合柜员",
    "lobby": "大堂经理",
}
MOST_DAYS = 732


@dataclass(frozen=True)
class KeepingPolicy(Policy):
    """Days are calendar days unless an entry's name says workdays."""

    kind: ClassVar[str] = "keeping"

    pool_workdays: int  # to assign a customer who came into scope without a keeper
    keeper_roles: tuple[str, ...]  # who may be proposed, the first most
    book_most: int  # customers of one keeper at most
    sign_workdays: int  # to sign a hand-over
    visit_workdays: int  # after it, for the joint visit
    visit_from: Decimal  # a joint visit is arranged from this much wealth; the others are told by telephone
    watch_days: int  # a book handed over is watched
    appeal_days: int  # of the notice in which the keeper may appeal
    rest_days: int  # after a customer was kept in scope he is not proposed again
    first_days: int  # of shared keeping: the first step down
    first_contact_days: int  # contact every so many days in it
    later_contact_days: int  # and afterwards
    override_days: int  # a tier set by hand at most
    protection_days: int  # a protection at most
    least_group: int  # of the fairness page: smaller groups say nothing

    def problems(self, language: str = "zh") -> list[str]:
        """Roles that keep nobody, days out of range, steps that do not go down."""
        found = Findings(language)
        for role in self.keeper_roles:
            found.need(role in KEEPER_ROLES, f"{role} 不能管户", f"{role} cannot keep customers")
        found.need(bool(self.keeper_roles), "须指明管户岗位", "name at least one role that keeps customers")
        numbers = [value for value in vars(self).values() if type(value) is int]
        found.need(
            all(1 <= value <= MOST_DAYS for value in numbers),
            f"天数与户数须在 1 到 {MOST_DAYS} 之间",
            f"days and counts must be 1 to {MOST_DAYS}",
        )
        found.need(
            self.first_contact_days <= self.later_contact_days,
            "联系频率须逐步放缓",
            "contact must step down, not up",
        )
        found.need(self.visit_from >= 0, "金额不能为负", "no amount can be negative")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night joins them; publishing and the pages read the policy itself."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """The pool, the hand-over, the exit and the tier by hand, one sentence each."""
        return [*self._keeping_words(language), *self._leaving_words(language)]

    def _keeping_words(self, language: str) -> list[str]:
        roles = listed(self.keeper_roles, KEEPER_ROLES, language)
        visit = yuan(self.visit_from, language)
        return [
            speak(
                language,
                f"新入管户范围而无管户人的，当晚进入待分配池，{self.pool_workdays} 个工作日内分配；"
                f"建议分配给{roles}，每人最多 {self.book_most} 户。",
                f"Newly in scope without a keeper: in the pool that night, to be assigned within {self.pool_workdays} "
                f"working days, to {roles}, at most {self.book_most} customers each.",
            ),
            speak(
                language,
                f"移交须在 {self.sign_workdays} 个工作日内由移交人、接收人、主管依次签收；资产不少于 {visit} 的"
                f"在 {self.visit_workdays} 个工作日内联合拜访；移交后观察 {self.watch_days} 天。",
                f"A hand-over is signed by giver, taker and supervisor within {self.sign_workdays} working days; "
                f"customers with {visit} or more are visited together within {self.visit_workdays}; the book is "
                f"watched for {self.watch_days} days.",
            ),
        ]

    def _leaving_words(self, language: str) -> list[str]:
        return [
            speak(
                language,
                f"退出告知后 {self.appeal_days} 天内管户人可申诉一次，由另一人裁定；不予退出的 {self.rest_days} 天内"
                f"不再提出。退出后网点共管：前 {self.first_days} 天每 {self.first_contact_days} 天联系一次，"
                f"此后每 {self.later_contact_days} 天一次。",
                f"The keeper may appeal once within {self.appeal_days} days of the notice, to another person; who is "
                f"kept is not proposed again for {self.rest_days} days. Afterwards the outlet keeps together: contact "
                f"every {self.first_contact_days} days for {self.first_days} days, then every "
                f"{self.later_contact_days}.",
            ),
            speak(
                language,
                f"人工调整等级最长 {self.override_days} 天，保护期最长 {self.protection_days} 天，均须另一人复核。",
                f"A tier set by hand lasts {self.override_days} days at most, a protection {self.protection_days}; a "
                "second person approves either.",
            ),
        ]
