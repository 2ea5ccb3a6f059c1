"""Early warning (流失预警): when each indicator speaks, where money goes, what a manager is shown and what not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract import FAMILIES

DESTINATIONS = {
    "own_name_bank": "他行同名",
    "third_party_wealth": "第三方理财/证券",
    "house": "购房",
    "early_repayment": "提前还贷",
    "internal": "行内划转",
    "spending": "消费",
    "other_person": "他人账户",
    "cash": "取现",
}
SIGNALS = {
    "outflow": "资金流出",
    "payroll_stopped": "代发停发",
    "payroll_batch_stopped": "单位代发整批停发",
    "matured": "到期未续",
    "log_ins_down": "登录减少",
    "complaint": "投诉",
    "debit_cancelled": "代扣解约",
    "slope": "资产下滑",
    "early_withdrawal": "提前支取",
    "closing_request": "销户申请",
    "likely": "流失可能高",
}


@dataclass(frozen=True)
class Payee:
    """A word in the name of the bank money goes to, and the class of destination it means."""

    word: str
    destination: str


@dataclass(frozen=True)
class SignalRule:
    """Whether an indicator warns at all, and how urgent it is (1 can wait … 5 today)."""

    signal: str
    urgency: int
    on: bool = True


@dataclass(frozen=True)
class WarningPolicy(Policy):
    """Thresholds and windows of the indicators (a)-(h), the way a list stays short. Amounts in the base currency."""

    kind: ClassVar[str] = "warning"

    signals: tuple[SignalRule, ...]
    payees: tuple[Payee, ...]  # the first that fits counts
    leaving: tuple[str, ...]  # destinations that count as leaving
    # (a) outflow
    outflow_posting: Decimal  # smaller postings are not looked at
    outflow_amount: Decimal
    outflow_share: Decimal  # of the customer's AUM before
    outflow_deviations: Decimal  # z against the six 30-day windows before
    outflow_spread: Decimal  # least spread taken, as a share of AUM: one quiet half-year makes no z infinite
    # (b) payroll
    payroll_cycles: int  # paid at least so often in the six months before
    payroll_grace_days: int
    festivals: tuple[str, ...]  # 春节, first days
    festival_days: int  # a pay day so near to it ...
    festival_grace_days: int  # ... has this grace
    payroll_forget_days: int  # after that the link has ended and is no news
    batch_share: Decimal  # of an employer's people missing: one warning on the company
    batch_people: int
    # (c) maturity without renewal
    matured_days: int
    matured_amount: Decimal
    matured_families: tuple[str, ...]
    renewed_share: Decimal  # put away anew or kept in transit: renewed
    # (d) log-ins
    log_in_share: Decimal
    log_in_days: int  # on at least so many days of the 90 before
    # (e) (f) (h) and what the counter sees
    complaint_days: int
    debit_days: int
    early_days: int
    closing_days: int
    # (g) AUM slope
    slope_share: Decimal  # fall over three months along the line through four averages
    slope_amount: Decimal
    # the list
    at_stake_amount: Decimal  # customers with less are counted, not listed
    likely_share: (
        Decimal  # this share of customers with the highest chance of leaving has the signal "likely"
    )
    quiet_days: int  # once listed, not again for so long ...
    worse_share: Decimal  # ... unless more is at stake by this share
    listed_days: int  # a warning listed stays on the list for so long
    budget: int  # new warnings per manager and day
    # what changed since the last run
    change_amount: Decimal
    change_share: Decimal

    def problems(self, language: str = "zh") -> list[str]:
        """Codes that do not exist, numbers out of range."""
        found = Findings(language)
        said = [rule.signal for rule in self.signals]
        found.need(
            sorted(said) == sorted(SIGNALS),
            f"信号须为且仅为 {'、'.join(SIGNALS)}",
            f"the signals must be exactly {', '.join(SIGNALS)}",
        )
        found.need(
            all(1 <= rule.urgency <= 5 for rule in self.signals),
            "紧急程度须在 1 到 5 之间",
            "urgency must be 1 to 5",
        )
        for code in (*self.leaving, *(payee.destination for payee in self.payees)):
            found.need(code in DESTINATIONS, f"没有流出去向 {code}", f"there is no destination {code}")
        for family in self.matured_families:
            found.need(family in FAMILIES, f"没有产品大类 {family}", f"there is no family {family}")
        self._range_problems(found)
        return found.said

    def _range_problems(self, found: Findings) -> None:
        numbers = {name: value for name, value in vars(self).items() if isinstance(value, int | Decimal)}
        shares = [value for name, value in numbers.items() if name.endswith(("_share", "_spread"))]
        found.need(
            all(0 < share <= 1 for share in shares),
            "比例须大于 0 且不超过 100%",
            "shares must be above 0 and at most 100 %",
        )
        found.need(
            all(value >= 0 for value in numbers.values()), "金额与倍数不能为负", "no amount can be negative"
        )
        counts = [value for value in numbers.values() if type(value) is int]
        found.need(
            all(1 <= value <= 366 for value in counts),
            "天数与次数须在 1 到 366 之间",
            "days and counts must be 1 to 366",
        )
        found.need(self.payroll_cycles <= 6, "代发次数最多 6", "at most 6 payroll cycles are looked at")
        found.need(
            max(self.matured_days, self.early_days) <= 60,
            "到期与提前支取最多回看 60 天",
            "at most 60 days are looked back",
        )
        found.need(all(_is_day(text) for text in self.festivals), "春节须为日期", "festivals must be dates")

    def tables(self) -> dict[str, PolicyTable]:
        """policy.warning (one row), and beside it _signal, _payee, _leaving, _family, _festival."""
        row = self._row()
        payees = tuple((place, said.word, said.destination) for place, said in enumerate(self.payees))
        families = tuple((family,) for family in sorted(set(self.matured_families)))
        return {
            "policy.warning": PolicyTable(
                tuple((name, kind) for name, kind, _ in row), (tuple(value for _, _, value in row),)
            ),
            "policy.warning_signal": PolicyTable(
                (("signal", "VARCHAR"), ("urgency", "INTEGER"), ("is_on", "BOOLEAN")),
                tuple((rule.signal, rule.urgency, rule.on) for rule in self.signals),
            ),
            "policy.warning_payee": PolicyTable(
                (("place", "INTEGER"), ("word", "VARCHAR"), ("destination", "VARCHAR")), payees
            ),
            "policy.warning_leaving": PolicyTable(
                (("destination", "VARCHAR"),), tuple((code,) for code in sorted(set(self.leaving)))
            ),
            "policy.warning_family": PolicyTable((("family", "VARCHAR"),), families),
            "policy.warning_festival": PolicyTable(
                (("day", "DATE"),), tuple((date.fromisoformat(text),) for text in sorted(set(self.festivals)))
            ),
        }

    def _row(self) -> list[tuple[str, str, object]]:
        """The entries that are one number each, as columns."""
        shares = ("_share", "_spread", "_deviations")
        return [
            (
                name,
                "INTEGER"
                if type(value) is int
                else "DECIMAL(12,8)"
                if name.endswith(shares)
                else "DECIMAL(18,2)",
                value,
            )
            for name, value in vars(self).items()
            if type(value) in (int, Decimal)
        ]

    def in_words(self, language: str = "zh") -> list[str]:
        """Each indicator and the list's limits, one sentence each."""
        return [*self._money_words(language), *self._habit_words(language), *self._list_words(language)]

    def _money_words(self, language: str) -> list[str]:
        went = listed(self.leaving, DESTINATIONS, language)
        families = listed(self.matured_families, FAMILY_LABELS, language)
        amount, share = yuan(self.outflow_amount, language), percent(self.outflow_share)
        matured, kept = yuan(self.matured_amount, language), percent(self.renewed_share)
        fall, by = percent(self.slope_share), yuan(self.slope_amount, language)
        return [
            speak(
                language,
                f"资金流出：30 天内流向{went}不少于 {amount}元且不少于资产的 {share}，"
                f"并高出本人前 180 天常态 {self.outflow_deviations.normalize():f} 倍标准差。",
                f"Outflow: in 30 days at least {amount} and {share} of the AUM went to {went}, more than "
                f"{self.outflow_deviations.normalize():f} standard deviations above one's own 180 days before.",
            ),
            speak(
                language,
                f"到期未续：{families}到期 {self.matured_days} 天内，不少于 {matured}元，未约定转存，"
                f"转存、续购或在途不足 {kept}。",
                f"Matured and not renewed: {families} of at least {matured} within {self.matured_days} days, not "
                f"rolled over, and less than {kept} of it put away anew or in transit.",
            ),
            speak(
                language,
                f"资产下滑：按四个月日均的趋势，三个月下降不少于 {fall} 且不少于 {by}元。",
                f"AUM slope: a fall of at least {fall} and {by} in 3 months, along the line through four averages.",
            ),
        ]

    def _habit_words(self, language: str) -> list[str]:
        batch, fewer = percent(self.batch_share), percent(self.log_in_share)
        return [
            speak(
                language,
                f"代发停发：此前代发不少于 {self.payroll_cycles} 次，过常规发薪日 {self.payroll_grace_days} 天"
                f"（春节前后 {self.festival_grace_days} 天）仍未入账；"
                f"同一单位 {batch} 以上员工停发时，只在单位提示一次。",
                f"Payroll stopped: paid at least {self.payroll_cycles} times, and nothing {self.payroll_grace_days} "
                f"days after the usual day ({self.festival_grace_days} around the Spring Festival); when {batch} of an "
                "employer's people miss it, one warning on the company.",
            ),
            speak(
                language,
                f"登录减少：近 30 天登录天数不超过前 90 天月均的 {fewer}。",
                f"Fewer log-ins: days with a log-in in 30 days at most {fewer} of the mean of the 90 days before.",
            ),
            speak(
                language,
                f"投诉未办结或 {self.complaint_days} 天内；代扣解约 {self.debit_days} 天内；"
                f"提前支取 {self.early_days} 天内；销户申请 {self.closing_days} 天内。",
                f"A complaint open or within {self.complaint_days} days; a direct debit cancelled within "
                f"{self.debit_days}; an early withdrawal within {self.early_days}; a closing request within "
                f"{self.closing_days}.",
            ),
        ]

    def _list_words(self, language: str) -> list[str]:
        least, worse = yuan(self.at_stake_amount, language), percent(self.worse_share)
        return [
            speak(
                language,
                f"清单：每位客户经理每天新增不超过 {self.budget} 条，留存 {self.listed_days} 天；"
                f"提示后 {self.quiet_days} 天内不再提示，除非涉及金额再增 {worse}；涉及金额不足 {least}元的不列入。",
                f"List: at most {self.budget} new warnings per manager and day, kept {self.listed_days} days; once "
                f"listed, quiet for {self.quiet_days} days unless {worse} more is at stake; below {least} not listed.",
            )
        ]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
