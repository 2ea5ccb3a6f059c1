"""The four indices of a relationship (四项关系指数) and what each rests on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak

MOST_COMPLAINT_DAYS = 150  # the step reads service events of six months


@dataclass(frozen=True)
class RelationshipPolicy(Policy):
    """Each input runs from 0 to 100 points along a straight line; an index is their weighted mean.

    Loyalty: `years_full` as customer give 100 points, `asleep_after_days` without an own posting give 0, and a
    balance of `held_floor_share` of one's own six months gives 0. Dependence: `families_full` product families give
    100 points; of the money that goes out, the part that does not go to own accounts at other banks gives 0 at
    `flow_floor_share`.
    Satisfaction: the mean of what the customer answered in `answered_within_days`, and of his complaints of
    `complained_within_days`, each worth its points. `middle_from` and `high_from` part low, middle and high.
    """

    kind: ClassVar[str] = "relationship"

    years_full: int
    asleep_after_days: int
    held_floor_share: Decimal
    weight_tenure: Decimal
    weight_activity: Decimal
    weight_held: Decimal
    families_full: int
    flow_floor_share: Decimal
    weight_families: Decimal
    weight_salary: Decimal
    weight_flow: Decimal
    weight_loan: Decimal
    answered_within_days: int
    complained_within_days: int
    points_complaint_open: int
    points_complaint_settled: int
    middle_from: int
    high_from: int

    @property
    def loyalty_weights(self) -> tuple[Decimal, ...]:
        """Weights of tenure, activity and the balance held."""
        return (self.weight_tenure, self.weight_activity, self.weight_held)

    @property
    def dependence_weights(self) -> tuple[Decimal, ...]:
        """Weights of product families, salary, flow and loan."""
        return (self.weight_families, self.weight_salary, self.weight_flow, self.weight_loan)

    def problems(self, language: str = "zh") -> list[str]:
        """Weights that do not sum to 1, and lines without a span."""
        found = Findings(language)
        for weights, zh, en in (
            (self.loyalty_weights, "忠诚度", "loyalty"),
            (self.dependence_weights, "依存度", "dependence"),
        ):
            found.need(
                sum(weights) == 1 and all(weight >= 0 for weight in weights),
                f"{zh}各项权重之和须为 100%",
                f"the weights of {en} must sum to 100%",
            )
        found.need(
            1 <= self.years_full <= 50
            and 30 <= self.asleep_after_days <= 730
            and 2 <= self.families_full <= 12,
            "满分年数须在 1 到 50 之间，不动户天数须在 30 到 730 之间，产品大类须在 2 到 12 之间",
            "years must be 1 to 50, days without a posting 30 to 730, product families 2 to 12",
        )
        found.need(
            0 <= self.held_floor_share < 1 and 0 <= self.flow_floor_share < 1,
            "零分比例须小于 100%",
            "the shares that give no points must be below 100%",
        )
        found.need(
            30 <= self.answered_within_days <= 400
            and 30 <= self.complained_within_days <= MOST_COMPLAINT_DAYS,
            f"答卷有效期须在 30 到 400 天之间，投诉须在 30 到 {MOST_COMPLAINT_DAYS} 天之间",
            f"answers must count for 30 to 400 days, complaints for 30 to {MOST_COMPLAINT_DAYS}",
        )
        found.need(
            0 <= self.points_complaint_open <= self.points_complaint_settled <= 100,
            "投诉分值须在 0 到 100 之间，办结的不低于未办结的",
            "points of complaints must be 0 to 100, settled ones no fewer than open ones",
        )
        found.need(
            0 < self.middle_from < self.high_from < 100,
            "中、高的起点须递增且在 0 到 100 之间",
            "middle and high must rise between 0 and 100",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.relationship: one row, an entry a column."""
        share, whole = "DECIMAL(9,8)", "INTEGER"
        columns = (
            ("years_full", whole),
            ("asleep_after_days", whole),
            ("held_floor_share", share),
            ("weight_tenure", share),
            ("weight_activity", share),
            ("weight_held", share),
            ("families_full", whole),
            ("flow_floor_share", share),
            ("weight_families", share),
            ("weight_salary", share),
            ("weight_flow", share),
            ("weight_loan", share),
            ("answered_within_days", whole),
            ("complained_within_days", whole),
            ("points_complaint_open", whole),
            ("points_complaint_settled", whole),
            ("middle_from", whole),
            ("high_from", whole),
        )
        row = tuple(getattr(self, name) for name, _kind in columns)
        return {"policy.relationship": PolicyTable(columns, (row,))}

    def in_words(self, language: str = "zh") -> list[str]:
        """What each index rests on and what it weighs."""
        tenure, activity, held = (percent(weight) for weight in self.loyalty_weights)
        families, salary, flow, loan = (percent(weight) for weight in self.dependence_weights)
        return [
            speak(
                language,
                f"忠诚度 = 客户年限 {tenure}（{self.years_full} 年得满分）+ 活跃 {activity}"
                f"（{self.asleep_after_days} 天无主动交易得零分）+ 资产留存 {held}"
                f"（降到本人六个月均值的 {percent(self.held_floor_share)} 得零分）。",
                f"Loyalty = years as customer {tenure} (full from {self.years_full}) + activity {activity} (none after "
                f"{self.asleep_after_days} days without an own posting) + balance held {held} (none at "
                f"{percent(self.held_floor_share)} of one's own six months).",
            ),
            speak(
                language,
                f"依存度 = 产品大类 {families}（{self.families_full} 类得满分）+ 代发工资 {salary} + 资金主账户 {flow}"
                f"（流出资金未转往本人他行账户的部分，{percent(self.flow_floor_share)} 及以下得零分）+ 贷款 {loan}。",
                f"Dependence = product families {families} (full from {self.families_full}) + salary paid here "
                f"{salary} + main account {flow} (money out that does not go to own accounts elsewhere; none at "
                f"{percent(self.flow_floor_share)} or less) + loan {loan}.",
            ),
            speak(
                language,
                f"满意度 = {self.answered_within_days} 天内答卷与 {self.complained_within_days} 天内投诉的平均分"
                f"（未办结投诉 {self.points_complaint_open} 分，已办结 {self.points_complaint_settled} 分）；"
                "没有答卷也没有投诉的不评分。",
                f"Satisfaction = mean of answers of {self.answered_within_days} days and complaints of "
                f"{self.complained_within_days} days (an open one {self.points_complaint_open} points, a settled one "
                f"{self.points_complaint_settled}); with neither there is no index.",
            ),
            speak(
                language,
                f"贡献度取综合价值的贡献度百分位；没有依据的一项权重分给其余各项；"
                f"{self.middle_from} 分起为中，{self.high_from} 分起为高。",
                "Contribution is the percentile of the value card; the weight of an input not known goes to the "
                f"others; middle from {self.middle_from} points, high from {self.high_from}.",
            ),
        ]
