"""How a customer's contribution (贡献度) is counted: priced families, expected loss, surtax, cost to serve."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies import words
from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract import ACCOUNTS, FAMILIES

LOAN_CLASSES = ACCOUNTS.column("loan_class").values
SIDES = ("deposit", "loan")
DAYS_OF_A_YEAR = (360, 365, 366)


@dataclass(frozen=True)
class PricedFamily:
    """A product family (产品大类) that earns a margin against the transfer price.

    `priced_as` names the family of the price list (empty: its own); `has_term` prices at origination by tenor, else at
    each month's start; `default_rate` stands for an account without a rate (none: such an account has no margin).
    """

    family: str
    side: str
    has_term: bool
    day_basis: int = 360
    priced_as: str = ""
    default_rate: Decimal | None = None


@dataclass(frozen=True)
class LoanClass:
    """A five-grade class (五级分类): default probability, and whether interest still counts as income."""

    loan_class: str
    pd: Decimal
    earns: bool


@dataclass(frozen=True)
class ContributionPolicy(Policy):
    """Margins on daily balances against FTP, plus fees, minus expected loss, surtax and the cost to serve."""

    kind: ClassVar[str] = "contribution"

    families: tuple[PricedFamily, ...]
    loan_classes: tuple[LoanClass, ...]
    default_pd: Decimal  # a loan without class and without the customer's own pd
    default_lgd: Decimal
    surtax_share: Decimal  # of loan margin plus fees
    service_cost_year: Decimal  # yuan a year for each customer with an open account

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown or doubled families and classes; bases, rates and shares out of range."""
        found = Findings(language)
        self._family_problems(found)
        self._loss_problems(found)
        found.need(0 <= self.surtax_share < 1, "附加税占比须在 0 到 1 之间", "surtax share must be 0 to 1")
        found.need(self.service_cost_year >= 0, "服务成本不能为负", "the cost to serve cannot be negative")
        return found.said

    def _family_problems(self, found: Findings) -> None:
        names = [entry.family for entry in self.families]
        found.need(len(names) == len(set(names)), "同一产品大类出现两次", "a product family stands twice")
        for entry in self.families:
            name = entry.family
            known = name in FAMILIES and (entry.priced_as or name) in FAMILIES
            found.need(known, f"没有产品大类 {name}", f"there is no family {name} (or its price list)")
            found.need(
                entry.side in SIDES, f"{name}：须为存款或贷款", f"{name}: side must be deposit or loan"
            )
            found.need(
                entry.day_basis in DAYS_OF_A_YEAR,
                f"{name}：计息天数须为 360、365 或 366",
                f"{name}: day basis 360, 365 or 366",
            )
            found.need(
                entry.default_rate is None or abs(entry.default_rate) < 1,
                f"{name}：缺省利率应写成小数，如 0.0155",
                f"{name}: a default rate is written as 0.0155",
            )

    def _loss_problems(self, found: Findings) -> None:
        names = [entry.loan_class for entry in self.loan_classes]
        found.need(
            sorted(names) == sorted(LOAN_CLASSES),
            "五级分类须各出现一次",
            "each of the five loan classes stands once",
        )
        shares = [*(entry.pd for entry in self.loan_classes), self.default_pd, self.default_lgd]
        found.need(
            all(0 <= share <= 1 for share in shares),
            "违约概率与损失率须在 0 到 1 之间",
            "pd and lgd must be 0 to 1",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """policy.contribution, policy.contribution_family, policy.contribution_loan_class."""
        share = "DECIMAL(9,8)"
        return {
            "policy.contribution": PolicyTable(
                (
                    ("default_pd", share),
                    ("default_lgd", share),
                    ("surtax_share", share),
                    ("service_cost_year", "DECIMAL(18,2)"),
                ),
                ((self.default_pd, self.default_lgd, self.surtax_share, self.service_cost_year),),
            ),
            "policy.contribution_family": PolicyTable(
                (
                    ("family", "VARCHAR"),
                    ("side", "VARCHAR"),
                    ("has_term", "BOOLEAN"),
                    ("day_basis", "INTEGER"),
                    ("priced_as", "VARCHAR"),
                    ("default_rate", "DECIMAL(18,8)"),
                ),
                tuple(
                    (f.family, f.side, f.has_term, f.day_basis, f.priced_as or f.family, f.default_rate)
                    for f in self.families
                ),
            ),
            "policy.contribution_loan_class": PolicyTable(
                (("loan_class", "VARCHAR"), ("pd", share), ("earns", "BOOLEAN")),
                tuple((entry.loan_class, entry.pd, entry.earns) for entry in self.loan_classes),
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """Margins, loss, surtax and cost, one sentence each."""
        sides = {
            side: listed((f.family for f in self.families if f.side == side), FAMILY_LABELS, language)
            for side in SIDES
        }
        stopped = listed(
            (c.loan_class for c in self.loan_classes if not c.earns), words.LOAN_CLASSES, language
        )
        loss, tax = percent(self.default_pd * self.default_lgd), percent(self.surtax_share)
        cost = yuan(self.service_cost_year, language)
        return [
            speak(
                language,
                f"存款（{sides['deposit']}）按“内部资金转移价格 − 执行利率”计收益，以日积数计。",
                f"Deposits ({sides['deposit']}) earn the transfer price less their rate, on daily balances.",
            ),
            speak(
                language,
                f"贷款（{sides['loan']}）按“执行利率 − 内部资金转移价格”计收益；{stopped}类不再计收益。",
                f"Loans ({sides['loan']}) earn their rate less the transfer price; classed {stopped}: nothing.",
            ),
            speak(
                language,
                f"预期损失按客户的违约概率与损失率；没有时按五级分类，再没有按每年 {loss}。",
                f"Expected loss by the customer's own pd and lgd, else by loan class, else {loss} a year.",
            ),
            speak(
                language,
                f"附加税为贷款收益与手续费之和的 {tax}；有账户的客户每年服务成本 {cost} 元。",
                f"Surtax is {tax} of loan margin plus fees; a customer with an account costs {cost} a year to serve.",
            ),
            speak(
                language,
                "缺少转移价格、利率或余额的账户不计收益并逐户列明，该客户的贡献度不予计算。",
                "An account without transfer price, rate or balance is named, and its holder has no contribution.",
            ),
        ]
