"""May this product be offered to this customer on this day (适当性)? One pure function, used by whatever offers.

The decision is looked up in the policy's table, the same rows that SQL joins as `policy.suitability`, so a list made by
the night and a check made at the counter cannot differ. Law: 金融机构产品适当性管理办法 (2025 No. 7, from 2026-02-01).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from guanxi.insight.policies.suitability import (
    EXPIRED,
    FREE,
    PRODUCT_GRADES,
    UNASSESSED,
    UNGRADED,
    SuitabilityPolicy,
)

Answer = Literal["suitable", "confirm", "unsuitable"]


@dataclass(frozen=True)
class Investor:
    """What suitability asks of a customer: grade C1-C5 with the last day it counts, birth date, professional
    or not, and whether anything is offered at all."""

    risk_grade: str | None
    risk_expires_on: date | None
    birth_date: date | None
    professional: bool = False
    offers_paused: bool = False  # nothing is offered at present, on whatever ground


@dataclass(frozen=True)
class Offer:
    """What it asks of a product: family, the bank's and the issuer's grade R1-R5, first and last day of sale."""

    family: str
    risk_grade: str | None
    issuer_grade: str | None = None
    sold_from: date | None = None
    sold_to: date | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer with its reason code; `confirm`: only with special confirmation by a second person."""

    answer: Answer
    reason: str

    @property
    def may_be_offered(self) -> bool:
        """Whether a recommendation may name the product at all."""
        return self.answer != "unsuitable"


def suitable(customer: Investor, product: Offer, day: date, policy: SuitabilityPolicy) -> Verdict:
    """The verdict on `day`. A product that is not on sale is never suitable; of two grades the higher counts (孰高)."""
    if not is_on_sale(product, day):
        return Verdict("unsuitable", "not_on_sale")
    if customer.offers_paused:
        return Verdict("unsuitable", "not_offered")
    grade = product_grade(product, policy)
    if grade != FREE and _age(customer.birth_date, day, unknown=policy.adult_age) < policy.adult_age:
        return Verdict("unsuitable", "minor")
    senior = _age(customer.birth_date, day, unknown=policy.senior_age) >= policy.senior_age
    answer, reason = policy.decisions[customer_grade(customer, day), customer.professional, senior, grade]
    return Verdict(cast("Answer", answer), reason)


def is_on_sale(product: Offer, day: date) -> bool:
    """Whether the product is sold on this day; an open end has no limit."""
    begun = product.sold_from is None or product.sold_from <= day
    return begun and (product.sold_to is None or day <= product.sold_to)


def customer_grade(customer: Investor, day: date) -> str:
    """The grade that counts on this day. A grade without its last day cannot be shown to be valid: it is expired."""
    if customer.risk_grade is None:
        return UNASSESSED
    is_valid = customer.risk_expires_on is not None and day <= customer.risk_expires_on
    return customer.risk_grade if is_valid else EXPIRED


def product_grade(product: Offer, policy: SuitabilityPolicy) -> str:
    """The higher of both grades; FREE for families that need none, UNGRADED where one is needed and missing."""
    if product.family not in policy.graded_families:
        return FREE
    grades = [grade for grade in (product.risk_grade, product.issuer_grade) if grade in PRODUCT_GRADES]
    return max(grades, default=UNGRADED)


def _age(birth_date: date | None, day: date, *, unknown: int) -> int:
    """Completed years. Someone of unknown birth date is treated with the care the question asks about."""
    if birth_date is None:
        return unknown
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)
