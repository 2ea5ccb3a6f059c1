"""Figures of work as plain rules: medians that hide people, expectations by mix, needs on enough cases only."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tomllib import loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.performance.models import Measure
from guanxi.crm.performance.rules import (
    Count,
    Span,
    balance,
    expected_of,
    middle,
    monday_of,
    needs_of,
    sample,
    seal,
    week_of,
)
from guanxi.insight.policies.performance import PerformancePolicy

POLICY = PerformancePolicy.from_payload(
    loads(
        (Path(__file__).resolve().parents[5] / "banks/demo/policies/performance.toml").read_text(
            encoding="utf8"
        )
    )
)
COUNTS = st.builds(lambda cases, share: Count(int(cases * share), cases), st.integers(0, 50), st.floats(0, 1))
MIX = st.dictionaries(st.sampled_from("abcd"), COUNTS, max_size=4)


@given(st.lists(st.floats(0, 1), max_size=6), st.integers(3, 5))
def test_no_median_of_fewer_people_than_allowed(values, least):
    found = middle(values, least)
    assert (found is None) == (len(values) < least)


@given(MIX)
def test_who_does_as_everybody_does_has_the_expectation_of_everybody(mix):
    found = expected_of(mix, mix)
    hits = sum(count.hits for count in mix.values())
    assert found is None if not any(count.cases for count in mix.values()) else found == pytest.approx(hits)


def test_the_harder_mix_lowers_the_expectation_and_not_the_person():
    everybody = {"easy": Count(80, 100), "hard": Count(10, 100)}
    in_hard, in_easy = {"hard": Count(2, 10)}, {"easy": Count(7, 10)}
    hard, easy = expected_of(in_hard, everybody), expected_of(in_easy, everybody)
    assert (hard, easy) == (pytest.approx(1.0), pytest.approx(8.0))
    assert (Count(2, 10, hard).ratio or 0) > 1 > (Count(7, 10, easy).ratio or 0)


def test_nothing_is_said_on_too_few_cases():
    few = {Measure.DONE: Count(0, POLICY.least_cases - 1), Measure.COVERAGE: Count(0, POLICY.least_cases - 1)}
    enough = {Measure.DONE: Count(0, POLICY.least_cases)}
    assert needs_of(few, POLICY) == []
    assert [need.measure for need in needs_of(enough, POLICY)] == [Measure.DONE]


def test_fewer_deals_than_average_are_no_need_when_the_customers_are_harder():
    figures = {Measure.CONVERSION: Count(2, 40, 2.1)}
    assert needs_of(figures, POLICY) == []
    assert needs_of({Measure.CONVERSION: Count(2, 40, 8.0)}, POLICY)
    assert needs_of({Measure.CONVERSION: Count(2, 40)}, POLICY) == []


@given(st.floats(0, 3))
def test_a_book_is_over_under_or_even(share):
    over, under = float(POLICY.book_over_share), float(POLICY.book_under_share)
    assert balance(share, POLICY) == ("over" if share > over else "under" if share < under else "even")


@given(st.sets(st.integers(1, 10_000), max_size=40), st.integers(1, 8))
def test_the_sample_of_a_day_is_the_same_for_everybody_and_whole_when_small(keys, size):
    day = date(2026, 11, 2)
    drawn = sample(sorted(keys), day, size)
    assert drawn == sample(sorted(keys, reverse=True), day, size)
    assert len(drawn) == min(size, len(keys))
    assert set(drawn) <= keys


def test_another_day_reads_other_notes():
    keys = list(range(200))
    days = [date(2026, 11, 2) + timedelta(days=number) for number in range(5)]
    assert len({tuple(sample(keys, day, 5)) for day in days}) == 5


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_week_begins_on_monday_and_holds_its_day(day):
    week = week_of(day)
    assert week.first == monday_of(day) <= day <= week.last
    assert (week.first.weekday(), (week.last - week.first).days) == (0, 6)


def test_a_span_back_has_as_many_days_as_asked():
    span = Span.back(date(2026, 11, 28), 28)
    assert (span.first, span.last) == (date(2026, 11, 1), date(2026, 11, 28))


def test_a_changed_figure_breaks_the_seal_and_another_order_does_not():
    content = {"a": [1, 2], "b": {"x": "周例会"}}
    assert seal(content) == seal({"b": {"x": "周例会"}, "a": [1, 2]})
    assert seal(content) != seal({"a": [1, 3], "b": {"x": "周例会"}})


def test_the_policy_refuses_a_median_that_would_be_somebodys_own_figure():
    from dataclasses import replace

    assert POLICY.problems() == []
    assert replace(POLICY, least_people=2).problems("en")
    assert replace(POLICY, execution_days=30).problems("en")
    assert replace(POLICY, book_under_share=Decimal(2)).problems("en")
