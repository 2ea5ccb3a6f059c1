"""Measuring effects (效果评估): how sure one must be, who is held out, what counts before and after, what is tried."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak

MOST_BUCKETS = 10_000


@dataclass(frozen=True)
class EffectPolicy(Policy):
    """Levels, limits and shares of measuring and of next-best-action. Shares are 0…1, money in the base currency."""

    kind: ClassVar[str] = "effect"

    # how sure
    alpha: Decimal  # of the intervals shown
    final_alpha: Decimal  # of the verdict at the horizon, and of planning; early looks use up the rest
    power: Decimal
    ratio_limit: Decimal  # p of the sample-ratio check below which nothing is read out
    least_units: int  # per arm; below, nothing is said
    money_cap: Decimal  # quantile at which money outcomes are cut on both sides
    # how long
    horizon_days: int  # unless the campaign says otherwise
    looking_days: int  # after the horizon the night reads on for so long
    before_days: int  # how far back the covariate of before may lie
    # who is held out
    global_share: Decimal  # of the customers of the mass tiers, from marketing contacts only
    global_months: int
    managed_share: Decimal  # held out per campaign among managed customers, unless the campaign says more
    exempt_amount: Decimal  # customers with at least this AUM may be exempt, by approval
    # next-best-action
    exploration: Decimal  # share of choices made by chance among what is allowed
    shown: int  # at most so many next to a customer
    fatigue_cost: Decimal  # each contact of the last 30 days costs the choice so much
    # uplift
    uplift_rounds: int  # bootstrap rounds of Qini's interval
    uplift_least: int  # customers per arm below which nothing is learnt
    # what an offer is worth to next-best-action
    offer_margin: Decimal = Decimal("0.012")  # contribution of a year per yuan that is put away
    offer_amount: Decimal = Decimal(10000)  # yuan an offer moves when nothing of the customer's lies ready

    def global_buckets(self) -> int:
        """Buckets of 10,000 in the global control."""
        return int(self.global_share * MOST_BUCKETS)

    def problems(self, language: str = "zh") -> list[str]:
        """Levels and shares out of range."""
        found = Findings(language)
        levels = (self.alpha, self.final_alpha, self.ratio_limit)
        found.need(
            all(0 < level <= Decimal("0.2") for level in levels),
            "显著性水平与检验界限须大于 0 且不超过 0.2",
            "alpha levels and the ratio limit must be above 0 and at most 0.2",
        )
        found.need(
            self.final_alpha <= self.alpha,
            "期末水平不能高于总水平",
            "the level at the horizon cannot be above the whole",
        )
        found.need(
            Decimal("0.5") <= self.power < 1,
            "检验功效须在 0.5 与 1 之间",
            "power must be at least 0.5 and below 1",
        )
        found.need(
            Decimal("0.9") <= self.money_cap <= 1,
            "金额截断分位须在 0.9 与 1 之间",
            "the quantile of the cut must lie between 0.9 and 1",
        )
        shares = (self.global_share, self.managed_share, self.exploration)
        found.need(
            all(0 <= share <= Decimal("0.5") for share in shares),
            "比例须在 0 与 50% 之间",
            "shares must lie between 0 and 50 %",
        )
        days = (self.horizon_days, self.looking_days, self.before_days)
        found.need(all(1 <= day <= 366 for day in days), "天数须在 1 到 366 之间", "days must be 1 to 366")
        found.need(
            1 <= self.global_months <= 24,
            "全局对照月数须在 1 到 24 之间",
            "months of the global control must be 1 to 24",
        )
        counts = (self.least_units, self.shown, self.uplift_rounds, self.uplift_least)
        found.need(all(n >= 1 for n in counts), "数量须至少为 1", "counts must be at least 1")
        amounts = (self.exempt_amount, self.fatigue_cost, self.offer_margin, self.offer_amount)
        found.need(all(amount >= 0 for amount in amounts), "金额不能为负", "no amount can be negative")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.effect: one row."""
        money = ("exempt_amount", "fatigue_cost", "offer_amount")
        row = [
            (name, "INTEGER" if type(value) is int else "DECIMAL(18,2)" if name in money else "DECIMAL(12,8)")
            for name, value in vars(self).items()
        ]
        return {"policy.effect": PolicyTable(tuple(row), (tuple(vars(self).values()),))}

    def in_words(self, language: str = "zh") -> list[str]:
        """What is sure enough, who is held out, what is tried."""
        sure, final = percent(1 - self.alpha), percent(1 - self.final_alpha)
        kept, own, tried = (
            percent(self.global_share),
            percent(self.managed_share),
            percent(self.exploration),
        )
        power, cut = percent(self.power), percent(self.money_cap)
        return [
            speak(
                language,
                f"随时查看的区间按 {sure} 计算；到期一次性结论按 {final} 计算，样本量按 {power} 的把握测算。",
                f"Looking at any time: intervals at {sure}; the one look at the horizon at {final}; samples are "
                f"planned for {power} power.",
            ),
            speak(
                language,
                f"样本比例检验 p < {self.ratio_limit.normalize():f} 时不出结论；"
                f"每组不足 {self.least_units} 户不下结论；"
                f"金额按 {cut} 分位截断。",
                f"No read-out when the sample-ratio check says p < {self.ratio_limit.normalize():f}; nothing is "
                f"said below {self.least_units} customers per arm; money is cut at the {cut} quantile.",
            ),
            speak(
                language,
                f"全局对照组 {kept}，保留 {self.global_months} 个月，只含大众等级、只限营销触达；"
                f"管户客户每次活动留出 {own}。服务通知从不留出。",
                f"Global control: {kept} for {self.global_months} months, mass tiers and marketing contacts only; "
                f"managed customers: {own} per campaign. Service notices are never withheld.",
            ),
            speak(
                language,
                f"观察期默认 {self.horizon_days} 天，到期后继续观察 {self.looking_days} 天。",
                f"Horizon: {self.horizon_days} days unless said otherwise, read on for {self.looking_days} days more.",
            ),
            speak(
                language,
                f"下一步行动：最多 {self.shown} 项，{tried} 的选择随机探索；"
                f"每元年贡献按 {percent(self.offer_margin)} 估值。",
                f"Next best action: at most {self.shown}, {tried} of the choices by chance; a yuan put away counts for "
                f"{percent(self.offer_margin)} a year.",
            ),
        ]
