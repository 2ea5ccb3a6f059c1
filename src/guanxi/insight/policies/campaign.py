"""Campaigns (营销活动): who is held out, how long is measured, what a contact costs, what sets a campaign off."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.contact import SENDING_CHANNELS

MOST_DAYS = 730


@dataclass(frozen=True)
class ChannelCost:
    """What one message on a channel costs, in the base currency."""

    sending: str
    message_cost: Decimal


@dataclass(frozen=True)
class CampaignPolicy(Policy):
    """Limits of holding out, costs, thresholds of triggers and of under-served payroll groups.

    How sure a read-out must be, the usual horizon and the global control stand in the policy of effects.
    """

    kind: ClassVar[str] = "campaign"

    holdout_share: Decimal  # customers nobody keeps, unless the campaign says otherwise
    managed_holdout_least: Decimal
    managed_holdout_most: Decimal
    mass_holdout_most: Decimal
    horizon_most_days: int
    send_hour: int  # messages of the night go out from this hour on
    late_hours: int  # a message that could not go out in time is given up
    message_costs: tuple[ChannelCost, ...]
    hour_cost: Decimal  # of a manager's hour
    task_minutes: int
    minutes_share: Decimal  # of the day that campaigns may take in all
    task_due_days: int
    steps_most: int
    again_days: int  # a customer treated for a family is not asked for it again for so long
    trigger_inflow_amount: Decimal
    trigger_maturity_days: int
    trigger_birthday_days: int
    trigger_dormant_days: int
    group_people: int  # an employer of at least so many salaried customers is a payroll group
    group_share: Decimal  # … under-served below this share of them with the product
    referral_most: int = 0  # newcomers one customer may bring in a campaign (老带新); 0: none may be brought
    referral_days: int = 1  # within so many days of being brought a newcomer must qualify
    referral_amount: Decimal = Decimal(0)  # … with so much in accounts opened since
    referral_consent_version: str = ""
    referral_consent_zh: str = ""
    referral_consent_en: str = ""

    def cost_of(self, channel: str) -> Decimal:
        """What one message costs; 0 where the bank names none."""
        return next((one.message_cost for one in self.message_costs if one.sending == channel), Decimal(0))

    def referral_consent(self, language: str = "zh") -> str:
        """What somebody agrees to whom a customer brings."""
        return speak(language, self.referral_consent_zh, self.referral_consent_en)

    def problems(self, language: str = "zh") -> list[str]:
        """Shares, days and channels out of range."""
        found = Findings(language)
        shares = (
            *(self.holdout_share, self.managed_holdout_least, self.mass_holdout_most),
            *(self.managed_holdout_most, self.minutes_share, self.group_share),
        )
        found.need(
            all(0 < share < 1 for share in shares),
            "比例须大于 0 且小于 100%",
            "shares must be above 0 and below 100 %",
        )
        found.need(
            self.managed_holdout_least <= self.managed_holdout_most
            and self.holdout_share <= self.mass_holdout_most,
            "默认对照比例须在上下限之间",
            "the usual hold-out must lie between its limits",
        )
        days = (
            *(self.horizon_most_days, self.task_due_days, self.again_days),
            *(self.trigger_maturity_days, self.trigger_birthday_days, self.trigger_dormant_days),
            self.referral_days,
        )
        found.need(
            all(1 <= day <= MOST_DAYS for day in days), "天数须在 1 到 730 之间", "days must be 1 to 730"
        )
        counts = (self.late_hours, self.task_minutes, self.steps_most)
        found.need(
            all(1 <= one <= 120 for one in counts) and self.group_people >= 2,
            "次数与时长须在合理范围内",
            "counts and times must be in range",
        )
        found.need(
            0 <= self.send_hour <= 23, "发送时刻须在 0 到 23 点", "the hour of sending must be 0 to 23"
        )
        found.need(
            self.referral_most == 0
            or bool(self.referral_consent_version and self.referral_consent_zh and self.referral_consent_en),
            "须写明新客户同意的内容与版本",
            "the words a newcomer agrees to and their version are needed",
        )
        self._cost_problems(found)
        return found.said

    def _cost_problems(self, found: Findings) -> None:
        channels = [one.sending for one in self.message_costs]
        found.need(
            len(channels) == len(set(channels)) and all(channel in SENDING_CHANNELS for channel in channels),
            "渠道代码不存在或重复",
            "a channel does not exist or stands twice",
        )
        amounts = (self.hour_cost, self.trigger_inflow_amount, self.referral_amount)
        found.need(
            all(amount >= 0 for amount in (*amounts, *(one.message_cost for one in self.message_costs))),
            "金额不能为负",
            "no amount can be negative",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Hold-out, measuring, cost and triggers, one sentence each."""
        costs = speak(language, "、", ", ").join(
            f"{speak(language, SENDING_CHANNELS.get(one.sending, ''), one.sending)} {one.message_cost}"
            for one in self.message_costs
        )
        return [
            *self._held_words(language),
            *self._cost_words(language, costs),
            *self._set_off_words(language),
        ]

    def _held_words(self, language: str) -> list[str]:
        return [
            speak(
                language,
                f"对照组：无人管户的客户默认 {percent(self.holdout_share)}（最多 {percent(self.mass_holdout_most)}），"
                f"管户客户 {percent(self.managed_holdout_least)} 到 {percent(self.managed_holdout_most)}；"
                f"观察期最长 {self.horizon_most_days} 天。",
                f"Held out: {percent(self.holdout_share)} of customers nobody keeps (at most "
                f"{percent(self.mass_holdout_most)}), {percent(self.managed_holdout_least)} to "
                f"{percent(self.managed_holdout_most)} of kept ones; measured for at most "
                f"{self.horizon_most_days} days.",
            )
        ]

    def _cost_words(self, language: str, costs: str) -> list[str]:
        return [
            speak(
                language,
                f"成本：每条 {costs} 元；客户经理每小时 {self.hour_cost} 元，每件任务 {self.task_minutes} 分钟，"
                f"{self.task_due_days} 天内办理；营销任务最多占可用时间的 {percent(self.minutes_share)}。",
                f"Cost: {costs} a message; a manager's hour {self.hour_cost}, a task {self.task_minutes} minutes, due "
                f"within {self.task_due_days} days; campaigns take at most {percent(self.minutes_share)} of the day.",
            ),
            speak(
                language,
                f"最多 {self.steps_most} 步；消息 {self.send_hour} 点起发送，"
                f"未能按时发出的消息 {self.late_hours} 小时后作废；"
                f"同一产品大类 {self.again_days} 天内不重复营销同一客户。",
                f"At most {self.steps_most} steps; messages go out from {self.send_hour}:00, one late by "
                f"{self.late_hours} hours is given up; a customer "
                f"is not asked for the same family again within {self.again_days} days.",
            ),
        ]

    def _set_off_words(self, language: str) -> list[str]:
        return [
            speak(
                language,
                f"触发：大额流入 {yuan(self.trigger_inflow_amount, language)}元及以上；到期前 "
                f"{self.trigger_maturity_days} 天；生日前 {self.trigger_birthday_days} 天；"
                f"手机银行 {self.trigger_dormant_days} 天未登录。",
                f"Set off by: an inflow of {yuan(self.trigger_inflow_amount, language)} or more; "
                f"{self.trigger_maturity_days} days before maturity; {self.trigger_birthday_days} days before a "
                f"birthday; {self.trigger_dormant_days} days without a log-in.",
            ),
            speak(
                language,
                f"代发单位 {self.group_people} 人及以上视为代发客群，产品覆盖率低于 {percent(self.group_share)} "
                "提示为服务不足。",
                f"An employer of {self.group_people} or more is a payroll group, under-served below "
                f"{percent(self.group_share)} with the product.",
            ),
            speak(
                language,
                f"老带新：每位客户每次活动最多推荐 {self.referral_most} 人；新客户 {self.referral_days} 天内"
                f"新开账户余额合计达 {yuan(self.referral_amount, language)}元即达标，同一新客户只奖励一次。",
                f"Member gets member: a customer brings at most {self.referral_most} in a campaign; a newcomer "
                f"qualifies with {yuan(self.referral_amount, language)} in new accounts within "
                f"{self.referral_days} days, and is rewarded once.",
            ),
        ]
