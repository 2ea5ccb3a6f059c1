"""Products by day and grade: the state of sale, whom one suits against the one rule, what versions changed."""

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from guanxi.crm.catalog.rules import Change, fit_of, history, sale_state
from guanxi.insight.policies.suitability import FAMILIES, PRODUCT_GRADES, SuitabilityPolicy
from guanxi.insight.suitability import Investor, Offer, is_on_sale, suitable

DAY = date(2026, 10, 31)
POLICY = SuitabilityPolicy(
    highest_product={"C1": "R1", "C2": "R2", "C3": "R3", "C4": "R4", "C5": "R5"},
    professional_highest="R5",
    graded_families=FAMILIES,
    senior_age=65,
    senior_confirmed_from="R3",
    adult_age=18,
)
EDGES = (None, *(DAY + timedelta(days) for days in (-2, -1, 0, 1, 2)))


@dataclass
class Version:
    known_on: date
    terms: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(("begins", "ends"), list(itertools.product(EDGES, EDGES)))
def test_a_product_is_on_sale_exactly_when_suitability_says_so(begins, ends) -> None:
    offer = Offer("wealth", "R2", None, begins, ends)
    assert (sale_state(offer, DAY) == "on_sale") == is_on_sale(offer, DAY)


def test_a_product_coming_and_one_ended_are_told_apart() -> None:
    assert sale_state(Offer("wealth", "R2", None, DAY + timedelta(1), None), DAY) == "coming"
    assert sale_state(Offer("wealth", "R2", None, None, DAY - timedelta(1)), DAY) == "ended"


@pytest.mark.parametrize(("ours", "theirs"), list(itertools.product((None, *PRODUCT_GRADES), repeat=2)))
def test_whom_a_product_suits_is_what_the_one_rule_says_of_each_customer(ours, theirs) -> None:
    ended = Offer("fund", ours, theirs, None, DAY - timedelta(1))
    fit = fit_of(ended, DAY, POLICY)
    for grade, answer in fit.adult.items():
        someone = Investor(grade, DAY, date(1990, 1, 1))
        assert answer == suitable(someone, Offer("fund", ours, theirs), DAY, POLICY).answer
    highest = max((grade for grade in (ours, theirs) if grade), default=None)
    assert fit.suits == ([] if highest is None else [f"C{n}" for n in range(int(highest[1]), 6)])
    assert fit.confirms == (highest is not None and highest >= "R3")


def test_each_version_says_what_it_changed_and_the_first_changes_nothing() -> None:
    first = Version(DAY - timedelta(9), {"name": "稳享", "rate": "0.0255", "term_days": "180"})
    second = Version(
        DAY - timedelta(4), {"name": "稳享", "rate": "0.0235", "term_days": "180", "issuer": "理财公司"}
    )
    third = Version(DAY, {"name": "稳享", "rate": "0.0235", "issuer": "理财公司"})
    told = history([second, third, first])
    assert [step.known_on for step in told] == [third.known_on, second.known_on, first.known_on]
    assert told[0].changes == (Change("term_days", "180", None),)
    assert set(told[1].changes) == {Change("rate", "0.0255", "0.0235"), Change("issuer", None, "理财公司")}
    assert (told[2].changes, told[2].is_first) == ((), True)
