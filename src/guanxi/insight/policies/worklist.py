"""The day's list (今日必办): what a person can do in a day, what a task takes, when it is due, and who gets care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.completeness import FACTS as RECORD_FACTS
from guanxi.insight.policies.access import ROLE_NAMES, ROLES
from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.filling import Added
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract import FAMILIES

ORIGINS: Mapping[str, tuple[str, str]] = {
    "warning": ("流失预警", "Early warning"),
    "maturity": ("到期", "Maturity"),
    "reminder": ("账户提醒", "Account reminder"),
    "birthday": ("生日", "Birthday"),
    "anniversary": ("纪念日", "Anniversary"),
    "festival": ("节日", "Festival"),
    "promise": ("承诺", "Promise"),
    "visit": ("定期联系", "Visit due"),
    "playbook": ("经营方案", "Playbook"),
    "campaign": ("营销名单", "Campaign"),
    "offer": ("下一步建议", "Suggested next step"),
    "complaint": ("投诉回访", "Complaint"),
    "profile": ("资料补全", "Profile gap"),
    "retention": ("挽留任务", "Retention"),
    "lead": ("线索", "Lead"),
    "handover": ("客户移交", "Hand-over"),
    "planning": ("理财规划", "Wealth planning"),
    "coaching": ("辅导", "Coaching"),
    "manual": ("手工添加", "Entered by hand"),
}
FACTS: Mapping[str, tuple[str, str]] = {
    code: RECORD_FACTS[code] for code in ("phone", "risk", "occupation", "document_ends")
}
HIGHEST_URGENCY = 3


@dataclass(frozen=True)
class RoleDay:
    """What one person of a role can do in a day."""

    role: str
    tasks: int
    minutes_a_day: int


@dataclass(frozen=True)
class OriginRule:
    """How tasks of one origin are weighed: `stake_share` of the money named counts as at stake."""

    origin: str
    minutes_each: int  # usual time of one
    urgency_level: int  # 0 can wait … 3 today
    stake_share: Decimal
    lead_days: int  # shown so many days before it is due
    lapse_days: int  # given up so many days after it was due


@dataclass(frozen=True)
class DueStep:
    """A task due within so many days is at least so urgent."""

    within_days: int
    urgency_level: int


@dataclass(frozen=True)
class UrgencyWeight:
    """What an urgency multiplies the money at stake by."""

    urgency_level: int
    weight: int


@dataclass(frozen=True)
class Festival:
    """A day to greet customers on; a lunar one by the month and day of the Chinese calendar (农历)."""

    code: str
    label_zh: str
    label_en: str
    lunar: bool
    month: int
    day: int


@dataclass(frozen=True)
class SnoozeReason:
    """Why a task may be put off."""

    code: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class WorklistPolicy(Policy):
    """Capacity, times, urgency and care. Amounts in the base currency."""

    kind: ClassVar[str] = "worklist"
    added: ClassVar[tuple[Added, ...]] = (
        Added(
            "origins",
            {
                "origin": "reminder",
                "minutes_each": 3,
                "urgency_level": 1,
                "stake_share": "0.02",
                "lead_days": 45,
                "lapse_days": 20,
            },
            since="0.1.0",
            by="origin",
        ),
        Added(
            "origins",
            {
                "origin": "offer",
                "minutes_each": 6,
                "urgency_level": 1,
                "stake_share": "0.1",
                "lead_days": 7,
                "lapse_days": 7,
            },
            since="0.1.0",
            by="origin",
        ),
        Added(
            "origins",
            {
                "origin": "anniversary",
                "minutes_each": 3,
                "urgency_level": 0,
                "stake_share": "0.01",
                "lead_days": 5,
                "lapse_days": 3,
            },
            since="0.1.0",
            by="origin",
        ),
        Added(
            "origins",
            {
                "origin": "playbook",
                "minutes_each": 10,
                "urgency_level": 0,
                "stake_share": "0.1",
                "lead_days": 3,
                "lapse_days": 14,
            },
            since="0.1.0",
            by="origin",
        ),
    )

    roles: tuple[RoleDay, ...]
    origins: tuple[OriginRule, ...]
    due_steps: tuple[DueStep, ...]
    urgency_weights: tuple[UrgencyWeight, ...]  # of urgency 0, 1, 2, 3, in this order
    least_stake: Decimal  # what a task without money at stake counts as
    reasons_shown: int  # tasks of one customer told in one row
    snooze_reasons: tuple[SnoozeReason, ...]
    snooze_days: int  # put off for at most
    campaign_most: int  # tasks for one keeper from one segment
    # what the night opens
    maturity_days: int
    maturity_amount: Decimal
    maturity_families: tuple[str, ...]
    birthday_tiers: tuple[str, ...]
    festival_tiers: tuple[str, ...]
    greeting_festivals: tuple[Festival, ...]
    complaint_follow_days: int
    act_days: int  # a warning or complaint is acted on within so many days of being shown
    profile_facts: tuple[str, ...]
    profile_days: int  # once done or given up, not asked again for so long

    def day_of(self, roles: frozenset[str]) -> RoleDay | None:
        """The widest day among these roles; None when none of them has a list."""
        days = [day for day in self.roles if day.role in roles]
        return max(days, key=lambda day: (day.tasks, day.minutes_a_day, day.role), default=None)

    def rule_of(self, origin: str) -> OriginRule:
        """How an origin is weighed; raises KeyError for one the policy does not know."""
        for rule in self.origins:
            if rule.origin == origin:
                return rule
        raise KeyError(origin)

    def problems(self, language: str = "zh") -> list[str]:
        """Codes that do not exist or stand twice, numbers out of range."""
        found = Findings(language)
        self._role_problems(found)
        self._origin_problems(found)
        self._festival_problems(found)
        self._number_problems(found)
        for family in self.maturity_families:
            found.need(family in FAMILIES, f"没有产品大类 {family}", f"there is no family {family}")
        for fact in self.profile_facts:
            found.need(fact in FACTS, f"没有资料项 {fact}", f"there is no fact {fact}")
        found.need(bool(self.snooze_reasons), "须至少有一个暂缓原因", "name at least one reason to put off")
        return found.said

    def _role_problems(self, found: Findings) -> None:
        roles = [day.role for day in self.roles]
        for role in roles:
            found.need(role in ROLES, f"没有岗位 {role}", f"there is no role {role}")
        found.need(len(roles) == len(set(roles)), "同一岗位出现两次", "a role stands twice")
        found.need(
            all(1 <= day.tasks <= 100 and 1 <= day.minutes_a_day <= 600 for day in self.roles),
            "每日件数须在 1 到 100 之间，分钟数须在 1 到 600 之间",
            "tasks a day must be 1 to 100 and minutes 1 to 600",
        )

    def _origin_problems(self, found: Findings) -> None:
        found.need(
            sorted(rule.origin for rule in self.origins) == sorted(ORIGINS),
            f"来源须为且仅为 {'、'.join(ORIGINS)}",
            f"the origins must be exactly {', '.join(ORIGINS)}",
        )
        for rule in self.origins:
            found.need(
                1 <= rule.minutes_each <= 480 and 0 <= rule.urgency_level <= HIGHEST_URGENCY
                and 0 < rule.stake_share <= 1 and 0 <= rule.lead_days <= 366 and 0 <= rule.lapse_days <= 366,
                f"{rule.origin}：分钟数 1 到 480，紧急程度 0 到 3，计入比例大于 0 且不超过 100%，天数 0 到 366",
                f"{rule.origin}: minutes 1 to 480, urgency 0 to 3, a share above 0 and at most 100 %, days 0 to 366",
            )  # fmt: skip

    def _festival_problems(self, found: Findings) -> None:
        codes = [festival.code for festival in self.greeting_festivals]
        found.need(len(codes) == len(set(codes)), "同一节日出现两次", "a festival stands twice")
        for festival in self.greeting_festivals:
            found.need(
                1 <= festival.month <= 12 and 1 <= festival.day <= (30 if festival.lunar else 31),
                f"{festival.label_zh}：没有这一天",
                f"{festival.label_en}: there is no such day",
            )

    def _number_problems(self, found: Findings) -> None:
        weights = [one.weight for one in self.urgency_weights]
        found.need(
            [one.urgency_level for one in self.urgency_weights] == list(range(HIGHEST_URGENCY + 1))
            and all(weight >= 1 for weight in weights)
            and weights == sorted(weights),
            "紧急程度 0 到 3 须各有一个权重，为正整数且不递减",
            "urgency 0 to 3 must have one weight each, positive and not falling",
        )
        days = [step.within_days for step in self.due_steps]
        found.need(
            days == sorted(set(days)) and all(0 <= step.urgency_level <= HIGHEST_URGENCY for step in self.due_steps),
            "到期档须按天数递增，紧急程度 0 到 3",
            "due steps must rise in days, urgency 0 to 3",
        )  # fmt: skip
        counts = (
            self.snooze_days, self.campaign_most, self.maturity_days, self.complaint_follow_days, self.act_days,
            self.profile_days, self.reasons_shown,
        )  # fmt: skip
        found.need(
            all(1 <= number <= 366 for number in counts),
            "天数与件数须在 1 到 366 之间",
            "days and counts must be 1 to 366",
        )
        found.need(
            self.least_stake > 0 and self.maturity_amount >= 0,
            "最低计入金额须大于 0，到期金额不能为负",
            "the least amount must be above 0 and no amount negative",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Capacity, weights, what the night opens, putting off; one sentence each."""
        return [
            *self._capacity_words(language),
            *self._weight_words(language),
            *self._night_words(language),
            *self._care_words(language),
        ]

    def _capacity_words(self, language: str) -> list[str]:
        return [
            speak(
                language,
                f"{zh}：每日今日必办最多 {day.tasks} 件、{day.minutes_a_day} 分钟。",
                f"{en}: at most {day.tasks} tasks and {day.minutes_a_day} minutes a day.",
            )
            for day in self.roles
            for zh, en in [ROLE_NAMES.get(day.role, (day.role, day.role))]
        ]

    def _weight_words(self, language: str) -> list[str]:
        steps = speak(language, "、", ", ").join(
            speak(
                language,
                f"{step.within_days} 天内 {step.urgency_level}",
                f"{step.within_days} days {step.urgency_level}",
            )
            for step in self.due_steps
        )
        weights = " / ".join(str(one.weight) for one in self.urgency_weights)
        least = yuan(self.least_stake, language)
        order = speak(
            language,
            f"排序：须当日办的（紧急程度 3 且已到期）在前；其余按涉及金额（不足 {least}元按 {least}元计）"
            f"× 紧急权重（{weights}）÷ 分钟数；到期越近越紧急：{steps}。",
            f"Order: what cannot wait (urgency 3, due by today) first; then money at stake (at least {least}) × "
            f"weight of urgency ({weights}) ÷ minutes; due sooner is more urgent: {steps}.",
        )
        rules = [
            speak(
                language,
                f"{ORIGINS[rule.origin][0]}：{rule.minutes_each} 分钟，紧急程度 {rule.urgency_level}，金额按 "
                f"{percent(rule.stake_share)} 计，提前 {rule.lead_days} 天列入，逾期 {rule.lapse_days} 天后失效。",
                f"{ORIGINS[rule.origin][1]}: {rule.minutes_each} minutes, urgency {rule.urgency_level}, "
                f"{percent(rule.stake_share)} of the money counts, shown {rule.lead_days} days ahead, given up "
                f"{rule.lapse_days} days after.",
            )
            for rule in self.origins
            if rule.origin in ORIGINS
        ]
        return [order, *rules]

    def _night_words(self, language: str) -> list[str]:
        families = listed(self.maturity_families, FAMILY_LABELS, language)
        amount = yuan(self.maturity_amount, language)
        facts = speak(language, "、", ", ").join(
            speak(language, *FACTS.get(one, (one, one))) for one in self.profile_facts
        )
        return [
            speak(
                language,
                f"到期：{families}在 {self.maturity_days} 天内到期且不少于 {amount}元、未约定转存的列为任务。",
                f"Maturities: {families} of at least {amount} within {self.maturity_days} days, not rolled over.",
            ),
            speak(
                language,
                f"预警与投诉列示后 {self.act_days} 天内办理；投诉 {self.complaint_follow_days} 天内回访；"
                f"资料缺失（{facts}）每 {self.profile_days} 天最多提醒一次。",
                f"Warnings and complaints are acted on within {self.act_days} days of being shown. "
                f"Complaints are followed up for {self.complaint_follow_days} days; missing facts ({facts}) are "
                f"asked for at most every {self.profile_days} days.",
            ),
        ]

    def _care_words(self, language: str) -> list[str]:
        feasts = speak(language, "、", ", ").join(
            speak(language, one.label_zh, one.label_en) for one in self.greeting_festivals
        )
        why = speak(language, "、", ", ").join(
            speak(language, one.label_zh, one.label_en) for one in self.snooze_reasons
        )
        birthday, festival = self._tiers_in_words(language)
        return [
            speak(
                language,
                f"生日问候：{birthday}；节日问候（{feasts}）：{festival}。",
                f"Birthday greetings: {birthday}; greetings on {feasts}: {festival}.",
            ),
            speak(
                language,
                f"暂缓最多 {self.snooze_days} 天，原因：{why}；"
                f"一位客户的任务合为一行，最多显示 {self.reasons_shown} 条理由；"
                f"一个客群每人最多派 {self.campaign_most} 件。",
                f"Put off for at most {self.snooze_days} days because: {why}; tasks of one customer are one row with "
                f"at most {self.reasons_shown} reasons; a segment gives one keeper at most {self.campaign_most} tasks.",
            ),
        ]

    def _tiers_in_words(self, language: str) -> tuple[str, str]:
        joint = speak(language, "、", ", ")
        return joint.join(self.birthday_tiers), joint.join(self.festival_tiers)
