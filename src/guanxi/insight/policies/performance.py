"""Team work (团队管理): when work counts as stuck, who is coached with what, and what no figure is built on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.interaction import CONTACT_CHANNELS

MOST_DAYS = 366
MOST_MINUTES = 24 * 60
MOST_CASES = 1_000


@dataclass(frozen=True)
class ContactMinutes:
    """What one contact on a channel takes, with the way there and the writing down; nobody stamps a clock."""

    channel: str
    minutes_each: int


USUAL_MINUTES = tuple(
    ContactMinutes(channel, minutes)
    for channel, minutes in {
        "call": 8, "visit": 75, "branch": 25, "wecom": 4, "letter": 10, "email": 5,
    }.items()
)  # fmt: skip


@dataclass(frozen=True)
class PerformancePolicy(Policy):
    """Days, minutes and shares of the cockpit, the coaching queue and the evaluation; no weight and no score."""

    kind: ClassVar[str] = "performance"

    untouched_days: int  # a listed warning without a contact for so long is shown to the head
    stuck_days: int  # a task so long past its day is a stuck item of the weekly meeting
    execution_days: (
        int  # process figures look back so far, in whole weeks: both spans of a comparison are alike
    )
    review_days: int  # after advice the same figure is looked at again so much later
    joint_days: int  # a visit together is due so many working days later
    result_months: int  # results: wealth of the book now against the end of that month
    least_cases: int  # no share and no comparison on fewer cases
    least_people: int  # no median of fewer people: it would be somebody's own figure
    low_done_share: Decimal
    low_coverage_share: Decimal
    low_conversion_share: Decimal  # of what the same contacts, tier by tier, lead to with everybody
    broken_promises: int
    untouched_warnings: int
    sample_notes: int
    note_length: int  # a note shorter than this is no evidence of a visit
    visit_minutes: int  # two visits of one person closer than this are flagged
    burst_contacts: int  # so many contacts written down ...
    burst_minutes: int  # ... within so many minutes are flagged
    book_over_share: Decimal  # a book above this share of a keeper's minutes is out of balance ...
    book_under_share: Decimal  # ... and so is one below this
    dispute_days: int = 7  # a figure may be disputed so many days after the night that measured it
    dispute_answer_days: int = 5  # and is to be answered within so many working days
    growth_cap_amount: Decimal = Decimal(1_000_000)  # one customer moves an output by at most so much, yuan
    mix_prior: int = 50  # a cell of so many customers counts as much as the tier above it
    mix_customers: int = 30  # no adjusted output of a smaller book ...
    mix_people: int = 10  # ... nor among fewer people
    contact_minutes: tuple[ContactMinutes, ...] = USUAL_MINUTES

    def problems(self, language: str = "zh") -> list[str]:
        """Days, minutes, counts and shares out of range."""
        found = Findings(language)
        days = (
            self.untouched_days, self.stuck_days, self.execution_days, self.review_days, self.joint_days,
            self.dispute_days, self.dispute_answer_days,
        )  # fmt: skip
        found.need(
            all(1 <= value <= MOST_DAYS for value in days),
            "天数须在 1 到 366 之间",
            "days must be 1 to 366",
        )
        found.need(
            self.execution_days % 7 == 0,
            "过程指标的天数须为整周",
            "days of process figures must be whole weeks",
        )
        found.need(
            1 <= self.result_months <= 24, "结果月数须在 1 到 24 之间", "months of results must be 1 to 24"
        )
        self._count_problems(found)
        self._mix_problems(found)
        shares = (self.low_done_share, self.low_coverage_share, self.low_conversion_share)
        found.need(
            all(0 <= share <= 1 for share in shares), "比例须在 0 到 100% 之间", "shares must be 0 to 100 %"
        )
        found.need(
            0 <= self.book_under_share < self.book_over_share,
            "管户过少的比例须低于过多的比例",
            "the share of a small book must be below that of a large one",
        )
        return found.said

    def _count_problems(self, found: Findings) -> None:
        counts = (
            *(self.least_cases, self.broken_promises, self.untouched_warnings),
            *(self.sample_notes, self.note_length),
        )
        found.need(
            all(1 <= value <= MOST_CASES for value in counts),
            "数量须在 1 到 1,000 之间",
            "numbers must be 1 to 1,000",
        )
        found.need(
            3 <= self.least_people <= MOST_CASES,
            "少于 3 人不能显示中位数",
            "no median of fewer than 3 people may be shown",
        )
        found.need(
            2 <= self.burst_contacts <= MOST_CASES,
            "集中补录至少为 2 条",
            "contacts written down at once must be at least 2",
        )
        minutes = (self.visit_minutes, self.burst_minutes)
        found.need(
            all(1 <= value <= MOST_MINUTES for value in minutes),
            "分钟数须在 1 到 1,440 之间",
            "minutes must be 1 to 1,440",
        )

    def _mix_problems(self, found: Findings) -> None:
        found.need(
            self.growth_cap_amount > 0, "单户封顶金额须大于 0", "the cap of one customer must be above 0"
        )
        counts = (self.mix_prior, self.mix_customers, self.mix_people)
        found.need(
            all(3 <= value <= MOST_CASES for value in counts),
            "按客户结构调整的户数和人数须在 3 到 1,000 之间",
            "customers and people of the adjusted output must be 3 to 1,000",
        )
        channels = [one.channel for one in self.contact_minutes]
        found.need(
            sorted(channels) == sorted(CONTACT_CHANNELS),
            "每个联系渠道须有且仅有一个用时",
            "each channel of contacts must have its minutes once",
        )
        found.need(
            all(1 <= one.minutes_each <= MOST_MINUTES for one in self.contact_minutes),
            "联系用时须在 1 到 1,440 分钟之间",
            "minutes of a contact must be 1 to 1,440",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """What is stuck, when somebody is coached, what is flagged, and how results are told."""
        return [*self._stuck_words(language), *self._coaching_words(language), *self._fair_words(language)]

    def _stuck_words(self, language: str) -> list[str]:
        under, over = percent(self.book_under_share), percent(self.book_over_share)
        return [
            speak(
                language,
                f"预警列入清单满 {self.untouched_days} 天仍无联系，提示网点负责人；"
                f"待办逾期超过 {self.stuck_days} 天列入周例会。",
                f"A warning listed for {self.untouched_days} days without a contact is shown to the head; a task more "
                f"than {self.stuck_days} days late goes to the weekly meeting.",
            ),
            speak(
                language,
                f"管户工作量低于可用时间的 {under} 或高于 {over} 即为失衡。",
                f"A book below {under} or above {over} of a keeper's minutes is out of balance.",
            ),
        ]

    def _coaching_words(self, language: str) -> list[str]:
        done, covered, led = (
            percent(share)
            for share in (self.low_done_share, self.low_coverage_share, self.low_conversion_share)
        )
        return [
            speak(
                language,
                f"辅导：近 {self.execution_days} 天完成率低于 {done}、覆盖率低于 {covered}、失约不少于 "
                f"{self.broken_promises} 次、未处理预警不少于 {self.untouched_warnings} 条，"
                f"或成效低于同等级客户预期的 {led}；不足 {self.least_cases} 例不计。",
                f"Coaching: in {self.execution_days} days less than {done} done, less than {covered} covered, at least "
                f"{self.broken_promises} promises broken, at least {self.untouched_warnings} warnings untouched, or "
                f"less than {led} of what the same contacts lead to elsewhere; nothing on fewer than "
                f"{self.least_cases} cases.",
            ),
            speak(
                language,
                f"陪同拜访安排在 {self.joint_days} 个工作日内；辅导后 {self.review_days} 天复核同一指标；"
                f"抽查最近 {self.sample_notes} 条联系记录。",
                f"A joint visit is due within {self.joint_days} working days; the same figure is looked at "
                f"{self.review_days} days after advice; {self.sample_notes} recent notes are read.",
            ),
        ]

    def _fair_words(self, language: str) -> list[str]:
        return [
            speak(
                language,
                f"拜访记录少于 {self.note_length} 个字且无评估的不计；同一人 {self.visit_minutes} 分钟内两次拜访、"
                f"{self.burst_minutes} 分钟内补录 {self.burst_contacts} 条的予以提示。",
                f"A visit whose note has fewer than {self.note_length} signs and that has no appraisal does not count; "
                f"two visits within {self.visit_minutes} minutes, and {self.burst_contacts} contacts written down "
                f"within {self.burst_minutes} minutes, are flagged.",
            ),
            speak(
                language,
                f"结果按 {self.result_months} 个月的管户资产变动计算，并与同等级客户的全行变动比较；"
                f"少于 {self.least_people} 人不显示中位数，不做公开排名。",
                f"Results: how the wealth of the book moved in {self.result_months} months, beside customers of the "
                f"same tiers in the whole bank; no median of fewer than {self.least_people} people, and no public "
                "ranking.",
            ),
            self._mix_words(language),
            speak(
                language,
                f"考核申诉：指标产生后 {self.dispute_days} 天内可申诉，"
                f"负责人在 {self.dispute_answer_days} 个工作日内答复；任何人不手工修改指标。",
                f"A figure may be disputed within {self.dispute_days} days and is answered within "
                f"{self.dispute_answer_days} working days; nobody changes a figure by hand.",
            ),
        ]

    def _mix_words(self, language: str) -> str:
        cap = yuan(self.growth_cap_amount, language)
        return speak(
            language,
            f"单位产出按客户结构调整：与他人管户的同类客户比较，单户最多计 {cap} 元；管户不足 {self.mix_customers} 户、"
            f"可比人员不足 {self.mix_people} 人时显示数据不足；每次联系的用时按渠道设定。",
            f"Output per hour is adjusted for the customers kept: held against the like of them in others' books, one "
            f"customer counts with at most {cap} yuan; below {self.mix_customers} customers or among fewer than "
            f"{self.mix_people} people it says not enough data; minutes of a contact are set by channel.",
        )
