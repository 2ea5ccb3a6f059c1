"""Salons (沙龙活动): kinds, how many are invited, when one may come in, what follows, what guests agree to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak

MOST_DAYS, MOST_PEOPLE, MOST_MINUTES, MOST_SYMPOSIUMS = 366, 2_000, 1_440, 52


@dataclass(frozen=True)
class SalonKind:
    """What a salon is about."""

    code: str
    label_zh: str
    label_en: str

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)


@dataclass(frozen=True)
class SalonPolicy(Policy):
    """Kinds and limits of salons."""

    kind: ClassVar[str] = "salon"

    salon_kinds: tuple[SalonKind, ...]
    most_seats: int
    most_invited: int
    guests_each: int  # whom one invited customer may bring
    call_days: int  # the invitation by phone is done so many days before the salon at the latest
    opens_minutes: int  # before it begins
    closes_minutes: int  # after it has ended
    follow_days: int  # working days for the call afterwards
    knocks_a_minute: int  # of one address at the open doors
    effect_least: int  # people in a group below whom no average is shown
    consent_version: str
    consent_zh: str
    consent_en: str
    symposium_kind: str = ""  # the kind of salon that each outlet owes its customers (客户座谈会)
    symposiums_a_year: int = 0

    def salon_kind(self, code: str) -> SalonKind | None:
        """The kind of this code."""
        return next((one for one in self.salon_kinds if one.code == code), None)

    def consent(self, language: str = "zh") -> str:
        """What a guest agrees to."""
        return speak(language, self.consent_zh, self.consent_en)

    def problems(self, language: str = "zh") -> list[str]:
        """No kind, a kind twice, numbers out of range, no words of consent."""
        found = Findings(language)
        codes = [one.code for one in self.salon_kinds]
        found.need(bool(codes), "至少要有一种活动类型", "name at least one kind")
        found.need(len(codes) == len(set(codes)), "活动类型代码重复", "a kind stands twice")
        people = (self.most_seats, self.most_invited, self.knocks_a_minute, self.effect_least)
        found.need(
            all(1 <= number <= MOST_PEOPLE for number in people) and 0 <= self.guests_each <= MOST_PEOPLE,
            f"人数与次数须在 1 到 {MOST_PEOPLE} 之间，可带宾客人数可为 0",
            f"people and times must be 1 to {MOST_PEOPLE}; guests may be 0",
        )
        found.need(
            0 <= self.call_days <= MOST_DAYS and 1 <= self.follow_days <= MOST_DAYS,
            f"天数须在范围内，最多 {MOST_DAYS} 天",
            f"days must be within range, at most {MOST_DAYS}",
        )
        found.need(
            all(0 <= number <= MOST_MINUTES for number in (self.opens_minutes, self.closes_minutes)),
            f"签到时间须在活动前后 {MOST_MINUTES} 分钟内",
            f"people come in within {MOST_MINUTES} minutes before and after",
        )
        found.need(
            bool(self.consent_version and self.consent_zh and self.consent_en),
            "须写明宾客同意书的版本和文字",
            "the words of consent and their version are needed",
        )
        found.need(
            0 <= self.symposiums_a_year <= MOST_SYMPOSIUMS
            and (not self.symposiums_a_year or self.symposium_kind in codes),
            f"每年座谈会场数须在 0 到 {MOST_SYMPOSIUMS} 之间，并写明属于哪一种活动类型",
            f"symposiums a year must be 0 to {MOST_SYMPOSIUMS}, of a kind that is named",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step asks about salons."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Kinds, limits, times and the words of consent."""
        kinds = speak(language, "、", ", ").join(one.label(language) for one in self.salon_kinds)
        return [
            speak(language, f"活动类型：{kinds}。", f"Kinds: {kinds}."),
            speak(
                language,
                f"每个网点每年至少举办 {self.symposiums_a_year} 场客户座谈会。",
                f"Each outlet holds at least {self.symposiums_a_year} symposiums with its customers a year.",
            ),
            speak(
                language,
                f"每场最多 {self.most_seats} 个名额，邀约最多 {self.most_invited} 位客户，"
                f"每位客户可带 {self.guests_each} 位宾客。",
                f"At most {self.most_seats} seats, {self.most_invited} customers invited, "
                f"{self.guests_each} guests each.",
            ),
            speak(
                language,
                f"电话邀约须在活动前 {self.call_days} 天完成；开始前 {self.opens_minutes} 分钟至结束后 "
                f"{self.closes_minutes} 分钟可以签到；到场客户 {self.follow_days} 个工作日内跟进。",
                f"Calls are done {self.call_days} days before; people come in from {self.opens_minutes} minutes before "
                f"until {self.closes_minutes} after; who came is called within {self.follow_days} working days.",
            ),
            speak(
                language,
                f"报名页每个地址每分钟最多打开 {self.knocks_a_minute} 次；不足 {self.effect_least} 人的组不显示均值。",
                f"One address opens the door at most {self.knocks_a_minute} times a minute; averages of fewer than "
                f"{self.effect_least} people are not shown.",
            ),
            speak(
                language,
                f"宾客同意书 {self.consent_version}：{self.consent_zh}",
                f"Words of consent {self.consent_version}: {self.consent_en}",
            ),
        ]
