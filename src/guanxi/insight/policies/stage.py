"""The life-cycle stages (生命周期) as ordered rules: lines, shares, months and days that the first match is made on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract import CUSTOMERS, FAMILIES

MEASURES = ("daily_average", "aum", "deposits_average", "deposits")
KINDS = CUSTOMERS.column("kind").values


@dataclass(frozen=True)
class StagePolicy(Policy):
    """Stages in order: potential, lost, won back, declining, trial, growing, mature (everyone else)."""

    kind: ClassVar[str] = "stage"

    measures: dict[str, str]  # customer kind → the figure its stage is judged on
    base_floor: Decimal  # a share of less than this is noise
    lost_share: Decimal  # below this share of the base ...
    lost_ceiling: Decimal  # ... and below this amount: lost
    won_back_share: Decimal  # at least this share of the old base again
    won_back_months: int  # how long won_back is kept
    declining_share: Decimal  # at most this share of the base
    asleep_days: int  # without a customer-initiated posting
    resting_families: tuple[str, ...]  # held unmatured, they excuse sleep
    trial_days: int
    growing_days: int
    growth_share: Decimal
    growth_amount: Decimal
    new_family_days: int

    def problems(self, language: str = "zh") -> list[str]:
        """Measures and families that do not exist; shares, amounts and days out of range or order."""
        found = Findings(language)
        for kind in KINDS:
            measure = self.measures.get(kind)
            found.need(
                measure in MEASURES,
                f"客户类型 {kind} 的衡量口径须为 {'、'.join(MEASURES)} 之一",
                f"customer kind {kind}: the measure must be one of {', '.join(MEASURES)}",
            )
        for kind in sorted(set(self.measures) - set(KINDS)):
            found.need(False, f"没有客户类型 {kind}", f"there is no customer kind {kind}")
        for family in self.resting_families:
            found.need(family in FAMILIES, f"没有产品大类 {family}", f"there is no family {family}")
        self._range_problems(found)
        return found.said

    def _range_problems(self, found: Findings) -> None:
        shares = (self.lost_share, self.won_back_share, self.declining_share, self.growth_share)
        found.need(
            all(0 < share < 1 for share in shares),
            "各占比须大于 0 且小于 1",
            "shares must lie between 0 and 1",
        )
        found.need(
            self.lost_share < self.won_back_share,
            "挽回占比须高于流失占比",
            "the share for won back must be above the share for lost",
        )
        found.need(
            self.lost_share < self.declining_share,
            "衰退占比须高于流失占比",
            "the share for declining must be above the share for lost",
        )
        found.need(
            0 <= self.lost_ceiling <= self.base_floor,
            "流失金额上限不能高于基数下限",
            "the ceiling for lost cannot be above the floor of the base",
        )
        found.need(self.growth_amount >= 0, "增长金额不能为负", "the growth amount cannot be negative")
        found.need(
            1 <= self.trial_days < self.growing_days,
            "考察期须短于发展期",
            "the trial must be shorter than the growing time",
        )
        days = (self.won_back_months, self.asleep_days, self.new_family_days)
        found.need(
            all(value >= 1 for value in days), "月数与天数至少为 1", "months and days must be at least 1"
        )

    def tables(self) -> dict[str, PolicyTable]:
        """policy.stage (one row), policy.stage_measure, policy.stage_resting."""
        money, share = "DECIMAL(18,2)", "DECIMAL(9,8)"
        setting: tuple[tuple[str, str, object], ...] = (
            ("base_floor", money, self.base_floor),
            ("lost_share", share, self.lost_share),
            ("lost_ceiling", money, self.lost_ceiling),
            ("won_back_share", share, self.won_back_share),
            ("won_back_months", "INTEGER", self.won_back_months),
            ("declining_share", share, self.declining_share),
            ("asleep_days", "INTEGER", self.asleep_days),
            ("trial_days", "INTEGER", self.trial_days),
            ("growing_days", "INTEGER", self.growing_days),
            ("growth_share", share, self.growth_share),
            ("growth_amount", money, self.growth_amount),
            ("new_family_days", "INTEGER", self.new_family_days),
        )
        return {
            "policy.stage": PolicyTable(
                tuple((name, kind) for name, kind, _ in setting), (tuple(value for _, _, value in setting),)
            ),
            "policy.stage_measure": PolicyTable(
                (("kind", "VARCHAR"), ("measure", "VARCHAR")), tuple(sorted(self.measures.items()))
            ),
            "policy.stage_resting": PolicyTable(
                (("family", "VARCHAR"),), tuple((family,) for family in sorted(set(self.resting_families)))
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """The ordered rules, one sentence a stage."""
        floor, ceiling = yuan(self.base_floor, language), yuan(self.lost_ceiling, language)
        lost, back, down = (
            percent(self.lost_share),
            percent(self.won_back_share),
            percent(self.declining_share),
        )
        resting = listed(self.resting_families, FAMILY_LABELS, language)
        return [
            speak(language, "潜在：没有开过账户。", "Potential: never had an account."),
            speak(
                language,
                f"流失：账户全部销户；或基数（前 4 至 6 个月均值）不低于 {floor}元，"
                f"连续 2 个完整月低于其 {lost} 且低于 {ceiling}元。",
                f"Lost: all accounts closed; or a base (mean of 4 to 6 months ago) of at least {floor}, and 2 closed "
                f"months below {lost} of it and below {ceiling}.",
            ),
            speak(
                language,
                f"挽回：曾流失，回到原基数的 {back} 以上，保留 {self.won_back_months} 个月。",
                f"Won back: was lost, has {back} of the old base again; kept for {self.won_back_months} months.",
            ),
            speak(
                language,
                f"衰退：基数不低于 {floor}元，连续 2 个月不高于其 {down}；"
                f"或 {self.asleep_days} 天无主动交易且没有未到期的{resting}（睡眠）。",
                f"Declining: a base of at least {floor} and 2 months at or below {down} of it; or asleep, "
                f"{self.asleep_days} days without a posting of his own and nothing unmatured ({resting}).",
            ),
            speak(
                language,
                f"考察：开户 {self.trial_days} 天以内。",
                f"Trial: a customer for at most {self.trial_days} days.",
            ),
            self._growing_words(language),
            speak(language, "成熟：其余客户。", "Mature: everyone else."),
        ]

    def _growing_words(self, language: str) -> str:
        up, by = percent(self.growth_share), yuan(self.growth_amount, language)
        return speak(
            language,
            f"发展：开户 {self.growing_days} 天以内；或 3 个月增长不低于 {up} 且不低于 {by}元；"
            f"或 {self.new_family_days} 天内新增产品大类。",
            f"Growing: a customer for at most {self.growing_days} days; or up by {up} and {by} in 3 months; or a new "
            f"product family within {self.new_family_days} days.",
        )
