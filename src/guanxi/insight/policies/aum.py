"""What counts as wealth (AUM): product families, their components and weights, and whose wealth is counted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak
from guanxi.insight.policies.words import listed, said
from guanxi.insight.staging.contract import CUSTOMERS, FAMILIES

COMPONENTS = ("demand", "time", "structured", "wealth", "fund", "insurance", "other")
LENDING = ("loan", "card")
KINDS = CUSTOMERS.column("kind").values
FAMILY_LABELS = {
    "demand": "活期存款",
    "time": "定期存款",
    "cd": "大额存单",
    "structured": "结构性存款",
    "wealth": "理财",
    "fund": "基金",
    "insurance": "保险",
    "bond": "债券",
    "metal": "贵金属",
    "trust": "信托",
    "loan": "贷款",
    "card": "信用卡",
}
KIND_LABELS = {
    "person": "个人",
    "sole_trader": "个体工商户",
    "company": "企业",
    "government": "机关事业单位",
    "interbank": "同业",
}


@dataclass(frozen=True)
class Family:
    """One product family (产品大类) in AUM: the component it is shown under and its weight (0..2)."""

    family: str
    component: str
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class AumPolicy(Policy):
    """Families not listed do not count. Money in transit (在途资金) counts for every listed family."""

    kind: ClassVar[str] = "aum"

    families: tuple[Family, ...]
    customer_kinds: tuple[str, ...]  # whose AUM is counted; companies have deposits and loans but no AUM
    fx_stale_days: int  # a rate older than this is no rate

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown or doubled families, components and customer kinds; weights and days out of range."""
        found = Findings(language)
        names = [entry.family for entry in self.families]
        found.need(len(names) == len(set(names)), "同一产品大类出现两次", "a product family stands twice")
        found.need(bool(names), "没有任何产品大类计入 AUM", "no product family counts as AUM")
        for entry in self.families:
            found.need(
                entry.family in FAMILIES and entry.family not in LENDING,
                f"产品大类 {entry.family} 不能计入 AUM",
                f"family {entry.family} cannot count as AUM",
            )
            found.need(
                entry.component in COMPONENTS,
                f"{entry.family}：没有组成项 {entry.component}",
                f"{entry.family}: there is no component {entry.component}",
            )
            found.need(
                0 <= entry.weight <= 2,
                f"{entry.family}：权重须在 0 到 2 之间",
                f"{entry.family}: weight must be 0 to 2",
            )
        for kind in self.customer_kinds:
            found.need(kind in KINDS, f"没有客户类型 {kind}", f"there is no customer kind {kind}")
        found.need(self.fx_stale_days >= 1, "汇率有效天数至少为 1", "rates must be good for at least 1 day")
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.aum_family, policy.aum_kind, policy.aum_setting."""
        families = tuple((entry.family, entry.component, entry.weight) for entry in self.families)
        columns = (
            ("family", "VARCHAR"),
            ("component", "VARCHAR"),
            ("weight", "DECIMAL(9,8)"),
        )
        return {
            "policy.aum_family": PolicyTable(columns, families),
            "policy.aum_kind": PolicyTable(
                (("kind", "VARCHAR"),), tuple((kind,) for kind in self.customer_kinds)
            ),
            "policy.aum_setting": PolicyTable((("fx_stale_days", "INTEGER"),), ((self.fx_stale_days,),)),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """Which families count, with what weight, for whom, and how long a rate is good."""
        names = {entry.family: said(entry.family, FAMILY_LABELS, language) for entry in self.families}
        parts = [
            names[entry.family] if entry.weight == 1 else f"{names[entry.family]} × {percent(entry.weight)}"
            for entry in self.families
        ]
        kinds = listed(self.customer_kinds, KIND_LABELS, language)
        return [
            speak(
                language,
                f"计入 AUM 的产品大类：{'、'.join(parts)}；含在途资金，不含贷款。",
                f"Families counted as AUM: {', '.join(parts)}; money in transit included, loans not.",
            ),
            speak(
                language,
                f"计算 AUM 的客户类型：{kinds}；其他客户只看存款与贷款。",
                f"AUM is counted for: {kinds}; others have deposits and loans only.",
            ),
            speak(
                language,
                f"外币按当日中间价折算；超过 {self.fx_stale_days} 天的汇率视为缺失，该账户不计入并列明。",
                "Other currencies count at the day's mid rate; a rate older than "
                f"{self.fx_stale_days} days is none, and the account is refused by name.",
            ),
        ]
