"""What counts as leaving (流失标签), and how the scorer that foresees it is trained and judged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan

LABELS = {"asset_loss": "资产流失", "exit": "销户离行", "dormant": "睡眠", "tier_drop": "等级下降"}


@dataclass(frozen=True)
class ChurnPolicy(Policy):
    """Lines of the four labels, and the training schedule. A label is judged 2 to 4 months after the features end."""

    kind: ClassVar[str] = "churn"

    loss_base: Decimal  # 资产流失: mean average of three months at least this ...
    loss_share: Decimal  # ... and down to this share of it, and still so a month later
    exit_base: Decimal  # 离行: from at least this ...
    exit_below: Decimal  # ... to less than this, two months
    dormant_days: int  # 睡眠: no customer-initiated posting
    train_label: str  # the label the scorer learns
    train_every_months: int  # training inside the night; 0: only by `guanxi train`
    test_months: int  # the last labelled months judge, and train nothing
    calibration_months: int  # the months before them calibrate
    capacity: int  # customers a manager can call in a month, for precision at capacity
    drift_limit: Decimal  # PSI above this: the rule serves
    reason_share: Decimal  # reasons are worked out for this share of customers with the highest chance
    child_age: int = 14  # children below it are neither scored nor learnt from (PIPL 28 and 31)

    def problems(self, language: str = "zh") -> list[str]:
        """Lines out of order, numbers out of range."""
        found = Findings(language)
        found.need(
            0 < self.loss_share < 1, "流失占比须在 0 到 100% 之间", "the share lost must be 0 to 100 %"
        )
        found.need(
            0 < self.reason_share <= 1,
            "说明理由的占比须在 0 到 100% 之间",
            "the share with reasons must be 0 to 100 %",
        )
        found.need(
            0 <= self.exit_below < self.exit_base,
            "离行金额须低于基数",
            "the line of an exit must be below its base",
        )
        found.need(
            self.train_label in LABELS,
            f"没有标签 {self.train_label}",
            f"there is no label {self.train_label}",
        )
        counts = (self.dormant_days, self.test_months, self.calibration_months, self.capacity)
        found.need(
            all(count >= 1 for count in counts),
            "天数、月数与人数至少为 1",
            "days, months and counts must be at least 1",
        )
        found.need(
            self.train_every_months >= 0, "训练周期不能为负", "months between trainings cannot be negative"
        )
        found.need(
            0 <= self.child_age <= 18, "儿童年龄须在 0 到 18 岁之间", "the age of children must be 0 to 18"
        )
        found.need(self.drift_limit > 0, "漂移上限须大于 0", "the limit of drift must be above 0")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.churn, one row."""
        money, share = "DECIMAL(18,2)", "DECIMAL(9,8)"
        row: tuple[tuple[str, str, object], ...] = (
            ("loss_base", money, self.loss_base),
            ("loss_share", share, self.loss_share),
            ("exit_base", money, self.exit_base),
            ("exit_below", money, self.exit_below),
            ("dormant_days", "INTEGER", self.dormant_days),
            ("train_label", "VARCHAR", self.train_label),
            ("capacity", "INTEGER", self.capacity),
            ("drift_limit", "DECIMAL(12,8)", self.drift_limit),
            ("reason_share", share, self.reason_share),
            ("child_age", "INTEGER", self.child_age),
        )
        return {
            "policy.churn": PolicyTable(
                tuple((name, kind) for name, kind, _ in row), (tuple(value for _, _, value in row),)
            )
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """The four labels and the schedule."""
        base, share, exit_base = (
            yuan(self.loss_base, language),
            percent(self.loss_share),
            yuan(self.exit_base, language),
        )
        below, limit = yuan(self.exit_below, language), f"{self.drift_limit.normalize():f}"
        return [
            speak(
                language,
                f"资产流失：三个月日均均值不低于 {base}元，三个月后降至 {share} 以下且次月未回。",
                f"Asset loss: a three-month mean of at least {base}, three months later at most {share} of it and not "
                "back a month after.",
            ),
            speak(
                language,
                f"离行：基数不低于 {exit_base}元，连续两个月日均低于 {below}元。",
                f"Exit: a base of at least {exit_base} and two months below {below}.",
            ),
            speak(
                language,
                f"睡眠：{self.dormant_days} 天无主动交易。等级下降：所持等级低于此前。",
                f"Dormant: {self.dormant_days} days without a posting of one's own. Tier drop: a lower tier held.",
            ),
            speak(
                language,
                f"模型：学习“{LABELS.get(self.train_label, self.train_label)}”，"
                f"每 {self.train_every_months} 个月训练一次，最近 {self.test_months} 个月只用于检验；"
                f"漂移（PSI）超过 {limit} 时改用规则；未满 {self.child_age} 周岁的不参与评分和训练。",
                f"Model: learns {self.train_label.replace('_', ' ')}, trained every {self.train_every_months} months, "
                f"judged on the last {self.test_months}, unseen; with drift (PSI) above {limit} the rule serves. "
                f"Nobody below {self.child_age} is scored or learnt from.",
            ),
        ]
