"""What a product is on a day, whom it suits in which grade, and what changed from one version to the next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Protocol

from guanxi.insight.policies.suitability import CUSTOMER_GRADES, SuitabilityPolicy
from guanxi.insight.suitability import Answer, Investor, Offer, product_grade, suitable

SaleState = Literal["on_sale", "coming", "ended"]


class Version(Protocol):
    """A dated state of the terms: `ProductVersion`."""

    known_on: date
    terms: dict[str, str]


@dataclass(frozen=True)
class Fit:
    """For each customer grade C1-C5, whether a product of `grade` may be offered to an adult with a valid
    questionnaire, to one of the age of special care, and to a professional investor."""

    grade: str
    adult: Mapping[str, Answer]
    senior: Mapping[str, Answer]
    professional: Answer

    @property
    def suits(self) -> list[str]:
        """The customer grades that it fits."""
        return [grade for grade, answer in self.adult.items() if answer != "unsuitable"]

    @property
    def confirms(self) -> bool:
        """Whether older customers need a second person's word."""
        return "confirm" in self.senior.values()


@dataclass(frozen=True)
class Change:
    """One field of the terms that a night saw otherwise than before; None: not delivered."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Step:
    """A version with what it changed; the first one known changes nothing."""

    known_on: date
    changes: tuple[Change, ...]
    is_first: bool


def sale_state(offer: Offer, day: date) -> SaleState:
    """On sale on that day, before its first day of sale, or after the last one."""
    if offer.sold_from is not None and day < offer.sold_from:
        return "coming"
    return "ended" if offer.sold_to is not None and day > offer.sold_to else "on_sale"


def fit_of(offer: Offer, day: date, policy: SuitabilityPolicy) -> Fit:
    """Whom a product suits by its grade, asked of the one rule as if it were on sale."""
    always = replace(offer, sold_from=None, sold_to=None)

    def answer(grade: str, age: int, *, professional: bool = False) -> Answer:
        born = date(day.year - age, 1, 1)
        return suitable(Investor(grade, day, born, professional), always, day, policy).answer

    return Fit(
        product_grade(always, policy),
        {grade: answer(grade, policy.adult_age) for grade in CUSTOMER_GRADES},
        {grade: answer(grade, policy.senior_age) for grade in CUSTOMER_GRADES},
        answer(CUSTOMER_GRADES[-1], policy.adult_age, professional=True),
    )


def history(versions: Iterable[Version]) -> list[Step]:
    """The versions, newest first, each with what it changed against the one before."""
    rising = sorted(versions, key=lambda version: version.known_on)
    return list(reversed(list(_steps(rising))))


def _steps(rising: Sequence[Version]) -> Iterator[Step]:
    before: Mapping[str, str] | None = None
    for version in rising:
        changed = () if before is None else tuple(_changes(before, version.terms))
        yield Step(version.known_on, changed, before is None)
        before = version.terms


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in (*after, *(name for name in before if name not in after)):
        if before.get(name) != after.get(name):
            yield Change(name, before.get(name), after.get(name))
