"""Leads (线索): how long one is protected, how many one may hold or open, how they are given out, the plan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.access import ROLE_NAMES, ROLES
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak, yuan

MOST_DAYS, MOST_LEADS, MOST_POINTS, MOST_WEIGHT = 366, 1_000, 1_000, 1_000


@dataclass(frozen=True)
class Named:
    """A code with its words: an industry, a stage, a reason."""

    code: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class PlanStep:
    """What is done for a prospect so many days after conversion began (前 90 天培育计划)."""

    day: int
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class MapStep:
    """A step of the battle map (公关作战图): how many days after conversion began it is due, filled in beforehand."""

    map_day: int


@dataclass(frozen=True)
class LeadPolicy(Policy):
    """Days, limits, weights and words of the lead flow; no step of the night reads them."""

    kind: ClassVar[str] = "lead"

    claim_days: int  # after a claim, until feedback is due
    repair_days: int  # to supply what is missing
    conversion_days: int  # in conversion, without any act
    rest_days: int  # who let a lead go may not have it again for so long
    open_leads: int  # one person holds at most so many
    details_a_day: int  # published leads of nobody opened a day
    hand_ins_a_day: int
    calls_a_minute: int  # of one web form
    verify_days: int  # a holding within so many days after the hand-in counts as its success (系统核实成交)
    verify_amount: Decimal  # … of at least so much in all
    erase_days: int  # personal values of a lead that ended without a customer are erased
    distance_weight: int
    industry_weight: int
    load_weight: int
    farthest: int  # 0: the lead's own outlet; 1: outlets under the same parent; 2: the whole bank
    person_roles: tuple[str, ...]
    company_roles: tuple[str, ...]
    accepted_points: int
    converted_points: int
    sold_points: int
    map_days: tuple[MapStep, ...]
    plan: tuple[PlanStep, ...]
    industries: tuple[Named, ...]
    stages: tuple[Named, ...]  # an opportunity's, in order
    win_reasons: tuple[Named, ...]
    loss_reasons: tuple[Named, ...]

    def roles_for(self, kind: str) -> tuple[str, ...]:
        """The roles that work a lead of this kind (person or company)."""
        return self.person_roles if kind == "person" else self.company_roles

    def problems(self, language: str = "zh") -> list[str]:
        """Days, limits and weights out of range, codes twice, roles that do not exist, empty lists."""
        found = Findings(language)
        self._check_numbers(found)
        self._check_lists(found)
        for role in (*self.person_roles, *self.company_roles):
            found.need(role in ROLES, f"没有岗位 {role}", f"there is no role {role}")
        return found.said

    def _check_numbers(self, found: Findings) -> None:
        days = (
            *(self.claim_days, self.repair_days, self.conversion_days, self.verify_days, self.erase_days),
            *(one.day for one in self.plan),
            *(step.map_day for step in self.map_days),
        )
        found.need(
            all(1 <= day <= MOST_DAYS for day in days), "天数须在 1 到 366 之间", "days must be 1 to 366"
        )
        found.need(
            0 <= self.rest_days <= MOST_DAYS,
            "再次认领的间隔须在 0 到 366 天之间",
            "rest must be 0 to 366 days",
        )
        limits = (self.open_leads, self.details_a_day, self.hand_ins_a_day, self.calls_a_minute)
        found.need(
            all(1 <= limit <= MOST_LEADS for limit in limits),
            "上限须在 1 到 1,000 之间",
            "limits must be 1 to 1,000",
        )
        weights = (self.distance_weight, self.industry_weight, self.load_weight)
        found.need(
            all(0 <= weight <= MOST_WEIGHT for weight in weights),
            "权重须在 0 到 1,000 之间",
            "weights must be 0 to 1,000",
        )
        found.need(
            0 <= self.farthest <= 2, "最远范围须为 0、1 或 2", "the farthest distance must be 0, 1 or 2"
        )
        points = (self.accepted_points, self.converted_points, self.sold_points)
        found.need(
            all(0 <= point <= MOST_POINTS for point in points),
            "积分须在 0 到 1,000 之间",
            "points must be 0 to 1,000",
        )
        found.need(self.verify_amount >= 0, "成交金额不能为负", "the amount of a deal cannot be negative")

    def _check_lists(self, found: Findings) -> None:
        for said, rows in (
            ("行业", self.industries),
            ("商机阶段", self.stages),
            ("赢单原因", self.win_reasons),
            ("丢单原因", self.loss_reasons),
        ):
            codes = [one.code for one in rows]
            found.need(
                bool(codes) and all(codes) and len(set(codes)) == len(codes),
                f"{said}的代码不能为空或重复",
                "codes must be unique and not empty",
            )
        steps = [one.day for one in self.plan]
        found.need(steps == sorted(set(steps)), "计划的天数须由小到大且不重复", "the plan's days must rise")
        found.need(bool(self.map_days), "作战图至少一步", "the battle map needs a step")

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Protection, limits, giving out, plan and credit, one sentence each."""
        return [*self._time_words(language), *self._share_words(language), *self._plan_words(language)]

    def _time_words(self, language: str) -> list[str]:
        return [
            speak(
                language,
                f"保护期：认领后 {self.claim_days} 天内反馈，退回后 {self.repair_days} 天内补充，"
                f"转化中 {self.conversion_days} 天无动作即自动回池，原客户经理 {self.rest_days} 天内不得再领。",
                f"Protection: feedback within {self.claim_days} days of a claim, repair within {self.repair_days}; "
                f"{self.conversion_days} days of conversion without an act return it to the pool, and who held it "
                f"may not have it again for {self.rest_days} days.",
            ),
            speak(
                language,
                f"上限：每人在手线索不超过 {self.open_leads} 条，每日查看未认领线索详情不超过 {self.details_a_day} 条，"
                f"每人每日提交不超过 {self.hand_ins_a_day} 条，网页表单每分钟不超过 {self.calls_a_minute} 次。",
                f"Limits: at most {self.open_leads} leads in hand, {self.details_a_day} unclaimed leads opened and "
                f"{self.hand_ins_a_day} handed in a person and day, {self.calls_a_minute} calls of a form a minute.",
            ),
            speak(
                language,
                f"系统核实成交：提交后 {self.verify_days} 天内本人成为客户"
                f"且持有不少于 {yuan(self.verify_amount, language)}元；"
                f"终止的线索 {self.erase_days} 天后删除姓名与联系方式。",
                f"Deal in the ledger: within {self.verify_days} days of the hand-in the person is a customer with at "
                f"least {yuan(self.verify_amount, language)}; name and number of an ended lead are erased after "
                f"{self.erase_days} days.",
            ),
        ]

    def _share_words(self, language: str) -> list[str]:
        near = (
            ("本网点", "the same outlet"),
            ("同一上级机构", "the same branch"),
            ("全行", "the whole bank"),
        )[self.farthest]
        persons = "、".join(ROLE_NAMES.get(role, (role, role))[0] for role in self.person_roles)
        companies = "、".join(ROLE_NAMES.get(role, (role, role))[0] for role in self.company_roles)
        return [
            speak(
                language,
                f"分派：提供人优先；再按距离（权重 {self.distance_weight}）、行业（{self.industry_weight}）、"
                f"在手量（{self.load_weight}）求总成本最低，最远到{near[0]}；"
                f"个人线索由{persons}承接，企业线索由{companies}承接。",
                f"Giving out: who brought it first; then the least total of distance ({self.distance_weight}), "
                f"industry ({self.industry_weight}) and load ({self.load_weight}), as far as {near[1]}; persons to "
                f"{', '.join(self.person_roles)}, companies to {', '.join(self.company_roles)}.",
            ),
            speak(
                language,
                f"贡献积分：采用 {self.accepted_points} 分，进入转化 {self.converted_points} 分，"
                f"成交 {self.sold_points} 分。",
                f"Credit: {self.accepted_points} when accepted, {self.converted_points} in conversion, "
                f"{self.sold_points} when sold.",
            ),
        ]

    def _plan_words(self, language: str) -> list[str]:
        map_days = "、".join(str(step.map_day) for step in self.map_days)
        steps_zh = "；".join(f"第 {one.day} 天{one.label_zh}" for one in self.plan)
        steps_en = "; ".join(f"day {one.day}: {one.label_en}" for one in self.plan)
        stages = [speak(language, one.label_zh, one.label_en) for one in self.stages]
        return [
            speak(
                language,
                f"作战图各步默认在第 {map_days} 天完成。",
                f"Steps of the battle map are due after {', '.join(str(step.map_day) for step in self.map_days)} days.",
            ),
            speak(language, f"前 90 天计划：{steps_zh}。", f"First 90 days: {steps_en}."),
            speak(
                language,
                f"商机阶段：{' → '.join(stages)}。",
                f"Stages of an opportunity: {' → '.join(stages)}.",
            ),
        ]
