"""Account reminders (账户提醒): how long before a card expires or a debit is made, and from which gap on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak, yuan

MOST_DAYS = 366


@dataclass(frozen=True)
class ReminderPolicy(Policy):
    """Days ahead; the amount is in the account's own currency."""

    kind: ClassVar[str] = "reminder"

    card_days: int  # a card is spoken of so many days before its last day …
    card_past_days: int  # … and so many after it
    ahead_days: int  # an instalment or direct debit is looked at so many days before its day
    short_amount: Decimal  # reminded when at least this much is lacking

    def problems(self, language: str = "zh") -> list[str]:
        """Days or amounts out of range."""
        found = Findings(language)
        found.need(
            1 <= self.card_days <= MOST_DAYS and 1 <= self.ahead_days <= MOST_DAYS,
            f"提前天数须在 1 到 {MOST_DAYS} 之间",
            f"days ahead must be 1 to {MOST_DAYS}",
        )
        found.need(
            0 <= self.card_past_days <= MOST_DAYS,
            f"过期后天数须在 0 到 {MOST_DAYS} 之间",
            f"days after expiry must be 0 to {MOST_DAYS}",
        )
        found.need(self.short_amount > 0, "缺口金额须大于 0", "the gap must be above 0")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.reminder_limit (one row)."""
        columns = (
            ("card_days", "INTEGER"),
            ("card_past_days", "INTEGER"),
            ("ahead_days", "INTEGER"),
            ("short_amount", "DECIMAL(18,2)"),
        )
        row = (self.card_days, self.card_past_days, self.ahead_days, self.short_amount)
        return {"policy.reminder_limit": PolicyTable(columns, (row,))}

    def in_words(self, language: str = "zh") -> list[str]:
        """Both reminders, one sentence each."""
        short = yuan(self.short_amount, language)
        return [
            speak(
                language,
                f"卡片到期：到期前 {self.card_days} 天至到期后 {self.card_past_days} 天提醒换卡。",
                f"Card expiry: from {self.card_days} days before to {self.card_past_days} days after it.",
            ),
            speak(
                language,
                f"余额不足：{self.ahead_days} 天内有扣款且扣款账户缺口不少于 {short} 的提醒。",
                f"Low balance: a debit within {self.ahead_days} days whose paying account lacks at least {short}.",
            ),
        ]
