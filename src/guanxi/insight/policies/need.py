"""What would help a customer next (下一需求): families looked at, how peers are counted, what is held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract import FAMILIES


@dataclass(frozen=True)
class NeedPolicy(Policy):
    """`window_days`: how far back someone counts as having newly taken a family; `cell_weight`: customers of the
    whole bank mixed into each cell of peers, and with fewer than `least_peers` the whole bank is shown instead;
    `complaint_days`: an open or young complaint stops every offer; the rest says when a reason of the customer's own is
    named. Amounts in the base currency."""

    kind: ClassVar[str] = "need"

    families: tuple[str, ...]
    at_most: int
    window_days: int
    cell_weight: int
    least_peers: int
    complaint_days: int
    maturing_days: int
    idle_amount: Decimal
    idle_share: Decimal

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown families and numbers out of range."""
        found = Findings(language)
        found.need(
            bool(self.families) and set(self.families) <= set(FAMILIES),
            "产品大类须取自数据文件约定的大类",
            "families must be those of the input contract",
        )
        found.need(
            1 <= self.at_most <= 3,
            "每位客户最多展示 1 到 3 项",
            "1 to 3 needs may be shown of a customer",
        )
        found.need(
            28 <= self.window_days <= 366
            and 1 <= self.maturing_days <= 180
            and 0 <= self.complaint_days <= 366,
            "观察天数须在 28 到 366 之间，到期天数 1 到 180，投诉天数 0 到 366",
            "the window must be 28 to 366 days, maturities 1 to 180, complaints 0 to 366",
        )
        found.need(
            self.cell_weight >= 1 and self.least_peers >= 10,
            "折合客户数至少为 1，同类客户至少 10 户",
            "at least 1 customer must be mixed in, and at least 10 peers asked for",
        )
        found.need(
            self.idle_amount > 0 and 0 < self.idle_share <= 1,
            "活期金额须为正数，占比须在 0 到 1 之间",
            "the idle amount must be positive, its share 0 to 1",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.need (one row) and policy.need_family."""
        row: Mapping[str, tuple[str, object]] = {
            "at_most": ("INTEGER", self.at_most),
            "window_days": ("INTEGER", self.window_days),
            "cell_weight": ("INTEGER", self.cell_weight),
            "least_peers": ("INTEGER", self.least_peers),
            "complaint_days": ("INTEGER", self.complaint_days),
            "maturing_days": ("INTEGER", self.maturing_days),
            "idle_amount": ("DECIMAL(18,2)", self.idle_amount),
            "idle_share": ("DECIMAL(9,8)", self.idle_share),
        }
        columns = tuple((name, kind) for name, (kind, _) in row.items())
        families = tuple((family,) for family in self.families)
        return {
            "policy.need": PolicyTable(columns, (tuple(value for _, value in row.values()),)),
            "policy.need_family": PolicyTable((("family", "VARCHAR"),), families),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """What is looked at, what holds an offer back, and which reasons are named."""
        families = listed(self.families, FAMILY_LABELS, language)
        idle = yuan(self.idle_amount, language)
        return [
            speak(
                language,
                f"只看客户尚未持有的大类：{families}；按同年龄段、同城乡、同等级客户"
                f" {self.window_days} 天内的新持有率排序，最多 {self.at_most} 项，只给适当且在售的产品。",
                f"Looks at families not held yet: {families}; ordered by how many peers of the same age band, area and "
                f"tier took one within {self.window_days} days; at most {self.at_most}, suitable and on sale only.",
            ),
            speak(
                language,
                f"有未办结投诉或 {self.complaint_days} 天内投诉过的客户不推荐。",
                f"Nothing is offered while a complaint is open or younger than {self.complaint_days} days.",
            ),
            speak(
                language,
                f"附带说明：{self.maturing_days} 天内有到期；"
                f"活期不少于 {idle}元且占资产 {percent(self.idle_share)} 以上。",
                f"Also said: something matures within {self.maturing_days} days; demand deposits of at least {idle} "
                f"that are {percent(self.idle_share)} or more of AUM.",
            ),
        ]
