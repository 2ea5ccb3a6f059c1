"""Surveys (满意度调查): what is shown, what is a low score and what follows, whom one may ask and how often."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak

MOST_DAYS, MOST_TIMES = 366, 2_000
OCCASIONS = {
    "visit": "拜访后",
    "complaint": "投诉办结后",
    "counter": "柜面办理后",
    "manual": "手工发送",
    "branch": "网点扫码",
}


@dataclass(frozen=True)
class SurveyPolicy(Policy):
    """Numbers of surveys; `survey_channels` in the order in which a link is sent."""

    kind: ClassVar[str] = "survey"

    least_answers: int  # fewer are not shown
    low_csat: int  # this and below is a low score, on 1 to 5
    low_nps: int  # this and below, on 0 to 10
    follow_workdays: int
    hold_days: int  # no marketing message for so long after a low score
    link_days: int
    rest_days: int  # between two surveys to one customer
    ask_share: Decimal  # of those an occasion gives
    asks_a_day: int
    branch_days: int  # a code in the branch counts so long
    knocks_a_minute: int
    shown_days: int  # results look back so far
    words_zh: str  # what is done with answers, shown above the questions
    words_en: str

    def words(self, language: str = "zh") -> str:
        """What is done with answers."""
        return speak(language, self.words_zh, self.words_en)

    def is_low(self, csat: int | None, nps: int | None) -> bool:
        """Whether an answer calls for somebody to ask what went wrong."""
        return (csat is not None and csat <= self.low_csat) or (nps is not None and nps <= self.low_nps)

    def problems(self, language: str = "zh") -> list[str]:
        """Numbers out of range; lines that call everybody dissatisfied."""
        found = Findings(language)
        found.need(
            1 <= self.low_csat <= 3 and 0 <= self.low_nps <= 6,
            "低分线：满意度 1 到 3，推荐意愿 0 到 6",
            "low scores: satisfaction 1 to 3, recommendation 0 to 6",
        )
        days = (self.follow_workdays, self.link_days, self.branch_days, self.shown_days)
        found.need(
            all(1 <= number <= MOST_DAYS for number in days)
            and all(0 <= number <= MOST_DAYS for number in (self.hold_days, self.rest_days)),
            f"天数须在 1 到 {MOST_DAYS} 之间",
            f"days must be 1 to {MOST_DAYS}",
        )
        found.need(
            all(
                1 <= number <= MOST_TIMES
                for number in (self.least_answers, self.asks_a_day, self.knocks_a_minute)
            ),
            f"次数须在 1 到 {MOST_TIMES} 之间",
            f"counts must be 1 to {MOST_TIMES}",
        )
        found.need(0 <= self.ask_share <= 1, "抽取比例须在 0 到 1 之间", "the share must be 0 to 1")
        found.need(bool(self.words_zh and self.words_en), "须写明答案用途", "say what answers are used for")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step asks about surveys."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """What is shown, what is low, whom one asks."""
        share = percent(self.ask_share)
        return [
            speak(
                language,
                f"不足 {self.least_answers} 份答卷不显示分数；默认看最近 {self.shown_days} 天。",
                f"Fewer than {self.least_answers} answers are not shown; the last {self.shown_days} days count.",
            ),
            speak(
                language,
                f"满意度 {self.low_csat} 分及以下或推荐意愿 {self.low_nps} 分及以下为低分：网点负责人 "
                f"{self.follow_workdays} 个工作日内回访，{self.hold_days} 天内不发营销信息。",
                f"Satisfaction of {self.low_csat} or less, or recommendation of {self.low_nps} or less, is low: "
                f"the head calls within {self.follow_workdays} working days; no marketing for {self.hold_days} days.",
            ),
            speak(
                language,
                f"服务后抽取 {share} 的客户，每天最多 {self.asks_a_day} 位，同一客户 {self.rest_days} 天内只问一次；"
                f"链接 {self.link_days} 天有效，网点二维码 {self.branch_days} 天有效，每个地址每分钟最多 "
                f"{self.knocks_a_minute} 次。",
                f"After service {share} are asked, at most {self.asks_a_day} a day, once in {self.rest_days} days; "
                f"a link counts {self.link_days} days, a branch's code {self.branch_days}, one address knocks at most "
                f"{self.knocks_a_minute} times a minute.",
            ),
            speak(language, f"答卷说明：{self.words_zh}", f"Above the questions: {self.words_en}"),
        ]
