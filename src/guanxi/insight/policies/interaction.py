"""Contacts (客户跟进): outcomes by channel with the usual next step, promises, and when an intent is a deal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract import FAMILIES

CONTACT_CHANNELS = {
    "call": "电话",
    "visit": "上门拜访",
    "branch": "网点面谈",
    "wecom": "企业微信",
    "letter": "信函",
    "email": "邮件",
}
NO_STEP = ""
MOST_DAYS = 366


@dataclass(frozen=True)
class NextStep:
    """What may be promised after a contact; it becomes a promise with a due date."""

    step: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class Outcome:
    """How a contact may end, on which channels, and what is filled in as the next step (none when empty)."""

    outcome: str
    label_zh: str
    label_en: str
    reached: bool  # the customer was spoken to or has answered
    channels: tuple[str, ...]
    next_step: str = NO_STEP
    next_days: int = 0
    intent: bool = False  # asks which product, and about how much


@dataclass(frozen=True)
class InteractionPolicy(Policy):
    """What the contact form offers, the days around a promise, and the window in which a deal answers an intent."""

    kind: ClassVar[str] = "interaction"

    outcomes: tuple[Outcome, ...]
    next_steps: tuple[NextStep, ...]
    intent_families: tuple[str, ...]
    late_days: int  # a contact is written down at most so many days afterwards
    promise_warn_days: int  # a promise is on the list so many days before it is due
    promise_grace_days: int  # after so many days past its due date it counts as broken
    match_days: int  # 系统核实成交: a new holding within so many days of the contact …
    match_share: Decimal  # … of at least this share of the amount spoken of

    def outcome(self, code: str) -> Outcome | None:
        """The outcome with this code."""
        return next((one for one in self.outcomes if one.outcome == code), None)

    def outcomes_on(self, channel: str) -> tuple[Outcome, ...]:
        """What a contact on this channel may end with, in the policy's order."""
        return tuple(one for one in self.outcomes if channel in one.channels)

    def problems(self, language: str = "zh") -> list[str]:
        """Codes twice or unknown, channels without an outcome, days out of range."""
        found = Findings(language)
        steps = [one.step for one in self.next_steps]
        codes = [one.outcome for one in self.outcomes]
        once = len(set(codes)) == len(codes) and len(set(steps)) == len(steps) and all((*codes, *steps))
        found.need(
            once,
            "结果与下一步的代码不能为空或重复",
            "codes of outcomes and steps must be unique and not empty",
        )
        for one in self.outcomes:
            _check_outcome(one, steps, found)
        for channel, zh in CONTACT_CHANNELS.items():
            found.need(bool(self.outcomes_on(channel)), f"{zh}没有可选结果", f"{channel} has no outcome")
        for family in self.intent_families:
            found.need(family in FAMILIES, f"没有产品大类 {family}", f"there is no family {family}")
        days = (self.late_days, self.promise_warn_days, self.promise_grace_days, self.match_days)
        found.need(
            all(0 <= number <= MOST_DAYS for number in days),
            "天数须在 0 到 366 之间",
            "days must be 0 to 366",
        )
        found.need(0 <= self.match_share <= 1, "比例须在 0 到 100% 之间", "shares must be 0 to 100 %")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.interaction (one row) and policy.interaction_outcome."""
        return {
            "policy.interaction": PolicyTable(
                (
                    ("promise_grace_days", "INTEGER"),
                    ("match_days", "INTEGER"),
                    ("match_share", "DECIMAL(9,8)"),
                ),
                ((self.promise_grace_days, self.match_days, self.match_share),),
            ),
            "policy.interaction_outcome": PolicyTable(
                (("outcome", "VARCHAR"), ("reached", "BOOLEAN")),
                tuple((one.outcome, one.reached) for one in self.outcomes),
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """Each outcome with its next step, then the days."""
        said = [self._outcome_words(one, language) for one in self.outcomes]
        families = listed(self.intent_families, FAMILY_LABELS, language)
        share = percent(self.match_share)
        return [
            *said,
            speak(
                language,
                f"补登：联系后 {self.late_days} 天内可登记。",
                f"Late entry: within {self.late_days} days of the contact.",
            ),
            speak(
                language,
                f"承诺：提前 {self.promise_warn_days} 天提醒，超过到期日 {self.promise_grace_days} 天未兑现即为失约。",
                f"Promises: shown {self.promise_warn_days} days before they are due, broken when not kept "
                f"{self.promise_grace_days} days after.",
            ),
            speak(
                language,
                f"系统核实成交：联系后 {self.match_days} 天内新增同一产品大类（{families}），"
                f"金额不少于意向的 {share}。",
                f"Deal in the ledger: a new holding of the same family ({families}) within {self.match_days} days of "
                f"the contact, of at least {share} of the amount spoken of.",
            ),
        ]

    def _outcome_words(self, one: Outcome, language: str) -> str:
        channels = listed(one.channels, CONTACT_CHANNELS, language)
        steps = {step.step: speak(language, step.label_zh, step.label_en) for step in self.next_steps}
        label = speak(language, one.label_zh, one.label_en)
        if one.next_step == NO_STEP:
            return speak(
                language, f"{label}（{channels}）：无下一步。", f"{label} ({channels}): no next step."
            )
        step = steps.get(one.next_step, one.next_step)
        return speak(
            language,
            f"{label}（{channels}）：下一步{step}，{one.next_days} 天内。",
            f"{label} ({channels}): next, {step.lower()} within {one.next_days} days.",
        )


def _check_outcome(one: Outcome, steps: list[str], found: Findings) -> None:
    for channel in one.channels:
        found.need(channel in CONTACT_CHANNELS, f"没有联系方式 {channel}", f"there is no channel {channel}")
    found.need(
        one.next_step == NO_STEP or one.next_step in steps,
        f"{one.label_zh}：没有下一步 {one.next_step}",
        f"{one.outcome}: there is no step {one.next_step}",
    )
    found.need(
        0 <= one.next_days <= MOST_DAYS,
        f"{one.label_zh}：天数须在 0 到 366 之间",
        f"{one.outcome}: days must be 0 to 366",
    )
