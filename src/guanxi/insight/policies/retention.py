"""Retention (挽留): days to act, what may be offered by whom, and the words for why and where to customers leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.access import ROLE_NAMES, ROLES
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.warning import DESTINATIONS

RATE, FEE, GIFT, SERVICE, PRODUCT = "rate", "fee", "gift", "service", "product"
OFFERS = {RATE: "利率上浮", FEE: "费用减免", GIFT: "礼品", SERVICE: "专属服务", PRODUCT: "适配产品"}
MONEY_OFFERS = (FEE, GIFT)
"""Offers whose amounts are money and add up over a case; a rate is in basis points, the others are counted."""
SAVED, LOST, FALSE_ALARM = "saved", "lost", "false_alarm"
OUTCOMES = {SAVED: "挽留成功", LOST: "流失", FALSE_ALARM: "误报"}
MOST_DAYS = 366


@dataclass(frozen=True)
class Authority:
    """What one role may offer by itself in one case: basis points of a rate, yuan of money, number of the others."""

    role: str
    offer: str
    most: Decimal


@dataclass(frozen=True)
class LeavingReason:
    """One answer to why; `said_of` are the endings of a case it may be said of."""

    code: str
    label_zh: str
    label_en: str
    said_of: tuple[str, ...]


@dataclass(frozen=True)
class LeavingPlace:
    """One answer to where to. `ledger_classes`: the classes of outflow that are this answer; `bank_words`: what the
    name of the other bank must hold for it, empty when any name will do; `stays`: the money does not leave us."""

    code: str
    label_zh: str
    label_en: str
    ledger_classes: tuple[str, ...] = ()
    bank_words: tuple[str, ...] = ()
    stays: bool = False


@dataclass(frozen=True)
class RetentionPolicy(Policy):
    """Deadlines, authority limits, both taxonomies, and when the ledger judges."""

    kind: ClassVar[str] = "retention"

    case_days: int  # a case opened from a warning is to be closed within so many days
    judge_days: int  # so long after it was closed the ledger is asked
    kept_share: Decimal  # of the wealth at opening still there: kept
    report_months: int  # the autopsy looks back so far unless told
    products_asked: tuple[str, ...]  # kinds of offer that name a product and ask for suitability
    authorities: tuple[Authority, ...]
    leaving_reasons: tuple[LeavingReason, ...]
    leaving_places: tuple[LeavingPlace, ...]
    compare_months: int = 3  # worked and not worked are compared by what is left so many months later

    def limit(self, roles: Iterable[str], offer: str) -> Decimal:
        """The most that anybody holding these roles may offer in a case; 0 when nothing is said."""
        held = frozenset(roles)
        return max(
            (one.most for one in self.authorities if one.role in held and one.offer == offer),
            default=Decimal(0),
        )

    def reason(self, code: str) -> LeavingReason | None:
        """The reason of this code."""
        return next((one for one in self.leaving_reasons if one.code == code), None)

    def place(self, code: str) -> LeavingPlace | None:
        """The destination of this code."""
        return next((one for one in self.leaving_places if one.code == code), None)

    def telling_places(self) -> frozenset[str]:
        """Destinations that say something: all but those like 不清楚."""
        return frozenset(one.code for one in self.leaving_places if one.ledger_classes or one.stays)

    def places_of(self, ledger_class: str | None, bank: str | None) -> tuple[str, ...]:
        """The destinations an outflow may be: those with a word found in the other bank's name, else all of its class.

        Empty when the ledger tells no class, or one that no destination stands for.
        """
        fitting = [one for one in self.leaving_places if ledger_class in one.ledger_classes]
        named = [one.code for one in fitting if any(word in (bank or "") for word in one.bank_words)]
        open_to_any = [one.code for one in fitting]
        return tuple(named or open_to_any)

    def problems(self, language: str = "zh") -> list[str]:
        """Days and shares out of range, unknown or doubled codes, an outcome for which nothing can be said."""
        found = Findings(language)
        days = (self.case_days, self.judge_days)
        found.need(
            all(1 <= day <= MOST_DAYS for day in days), "天数须在 1 到 366 之间", "days must be 1 to 366"
        )
        found.need(
            0 < self.kept_share <= 1,
            "留存比例须大于 0 且不超过 100%",
            "the share kept must be above 0, at most 100 %",
        )
        found.need(
            1 <= self.report_months <= 36, "报表月数须在 1 到 36 之间", "months of the report must be 1 to 36"
        )
        found.need(
            1 <= self.compare_months <= 6,
            "对比月数须在 1 到 6 之间",
            "months of the comparison must be 1 to 6",
        )
        self._authority_problems(found)
        self._word_problems(found)
        return found.said

    def _authority_problems(self, found: Findings) -> None:
        for one in self.authorities:
            found.need(one.role in ROLES, f"没有岗位 {one.role}", f"there is no role {one.role}")
            found.need(one.offer in OFFERS, f"没有优惠 {one.offer}", f"there is no offer {one.offer}")
            found.need(one.most >= 0, "权限不能为负", "no limit can be negative")
        pairs = [(one.role, one.offer) for one in self.authorities]
        found.need(
            len(pairs) == len(set(pairs)),
            "同一岗位同一优惠写了两次",
            "a role's limit of an offer stands twice",
        )
        for offer in self.products_asked:
            found.need(offer in OFFERS, f"没有优惠 {offer}", f"there is no offer {offer}")

    def _word_problems(self, found: Findings) -> None:
        for words, zh in ((self.leaving_reasons, "原因"), (self.leaving_places, "去向")):
            codes = [one.code for one in words]
            found.need(len(codes) == len(set(codes)), f"{zh}代码重复", "a code stands twice")
            found.need(bool(codes), f"至少一个{zh}", "name at least one reason and one destination")
        said = {outcome for one in self.leaving_reasons for outcome in one.said_of}
        for outcome, zh in OUTCOMES.items():
            found.need(outcome in said, f"{zh}没有可选原因", f"no reason can be said of {outcome}")
        found.need(said <= set(OUTCOMES), "结果代码不存在", "there is no such outcome")
        for code in {code for one in self.leaving_places for code in one.ledger_classes}:
            found.need(code in DESTINATIONS, f"没有流出去向 {code}", f"there is no destination {code}")
        found.need(
            any(not one.stays for one in self.leaving_places),
            "至少一个去向在行外",
            "at least one destination must be outside the bank",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """policy.retention, one row: what worked and not worked are compared by."""
        columns = (("kept_share", "DECIMAL(9,8)"), ("compare_months", "INTEGER"))
        return {"policy.retention": PolicyTable(columns, ((self.kept_share, self.compare_months),))}

    def in_words(self, language: str = "zh") -> list[str]:
        """Deadline and judgement, authority by role, both taxonomies."""
        kept = percent(self.kept_share)
        and_ = speak(language, "、", ", ")
        reasons = and_.join(speak(language, one.label_zh, one.label_en) for one in self.leaving_reasons)
        places = and_.join(speak(language, one.label_zh, one.label_en) for one in self.leaving_places)
        return [
            speak(
                language,
                f"预警转挽留任务后 {self.case_days} 天内办结；结案 {self.judge_days} 天后由系统按台账核验，"
                f"资产不少于开立时的 {kept} 即为留住。",
                f"A case opened from a warning is due within {self.case_days} days; {self.judge_days} days after it is "
                f"closed the ledger judges: kept when at least {kept} of the wealth at opening is still there.",
            ),
            *self._authorities_in_words(language),
            speak(language, f"原因：{reasons}。", f"Reasons: {reasons}."),
            speak(language, f"去向：{places}。", f"Destinations: {places}."),
            speak(
                language,
                f"流失报表默认回看 {self.report_months} 个月。",
                f"The churn report looks back {self.report_months} months.",
            ),
            speak(
                language,
                f"挽留对比看 {self.compare_months} 个月后的留存，与未建任务的同类客户相比。",
                f"Those worked are compared with look-alikes nobody worked by what is left {self.compare_months} "
                "months later.",
            ),
        ]

    def _authorities_in_words(self, language: str) -> list[str]:
        said = []
        for role in dict.fromkeys(one.role for one in self.authorities):
            zh, en = ROLE_NAMES.get(role, (role, role))
            each = speak(language, "、", ", ").join(
                f"{speak(language, OFFERS.get(one.offer, one.offer), one.offer)} {_amount(one, language)}"
                for one in self.authorities
                if one.role == role
            )
            said.append(speak(language, f"{zh}每笔任务可自行给予：{each}。", f"{en}, in one case: {each}."))
        return said


def _amount(one: Authority, language: str) -> str:
    if one.offer == RATE:
        return f"{one.most.normalize():f} BP"
    if one.offer in MONEY_OFFERS:
        return f"{yuan(one.most, language)}{speak(language, '元', '')}"
    return f"{one.most.normalize():f} {speak(language, '项', 'offers')}"
