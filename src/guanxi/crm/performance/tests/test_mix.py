"""Output adjusted for the customers kept: against a short oracle, on noise, on planted skill, on unequal books."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.performance.mix import NONE, Sums, standings, together

PLAIN, RICH = ("person", 2, "mature", "35-50", "urban"), ("person", 6, "mature", "50-65", "urban")
FIRM = ("company", 1, "growth", "", "urban")
ALL = {"prior": 10, "least_customers": 1, "least_people": 2}


def sums(values):
    values = list(values)
    return Sums(len(values), float(sum(values)), float(sum(value * value for value in values)))


def bank_of(people, seed, *, skill=lambda _person: 0.0, noise=100.0, rich=lambda _person: 20):
    """People with 60 customers each; a rich customer brings 50 by itself, a plain one 5."""
    dice = random.Random(seed)  # noqa: S311
    found = {}
    for person in range(people):
        values = {RICH: [], PLAIN: []}
        for at in range(60):
            cell = RICH if at < rich(person) else PLAIN
            values[cell].append((50 if cell is RICH else 5) + skill(person) + dice.gauss(0, noise))
        found[person] = {cell: sums(told) for cell, told in values.items() if told}
    return found


def test_nobody_is_held_against_himself_and_a_small_cell_is_drawn_to_its_tier():
    older = (*PLAIN[:3], "65+", "urban")
    books = {
        1: {PLAIN: sums([10, 20]), older: sums([100])},
        2: {PLAIN: sums([4, 6, 8]), older: sums([30])},
    }
    # the others' scheme and tier: 48 of 4 customers; their cell PLAIN: 18 of 3; their cell 65+: 30 of 1
    tier = (Fraction(48) + 10 * Fraction(12)) / 14
    plain, elder = (Fraction(18) + 10 * tier) / 13, (Fraction(30) + 10 * tier) / 11
    found = standings(books, **ALL)[1]
    assert found.actual == 130
    assert found.expected == pytest.approx(float(2 * plain + elder))


def test_who_alone_keeps_customers_of_a_scheme_is_compared_with_nobody():
    books = {1: {FIRM: sums([5, 6])}, 2: {PLAIN: sums([1, 2])}, 3: {PLAIN: sums([3])}}
    assert set(standings(books, **ALL)) == {2, 3}


def test_too_few_customers_or_people_is_not_enough_data():
    books = bank_of(12, 1)
    assert {
        one.verdict for one in standings(books, prior=10, least_customers=61, least_people=2).values()
    } == {"little"}
    assert {
        one.verdict for one in standings(books, prior=10, least_customers=30, least_people=13).values()
    } == {"little"}


def test_of_five_hundred_people_who_differ_by_luck_alone_hardly_anybody_is_named():
    named = 0
    for seed in range(4):
        found = standings(bank_of(500, seed), prior=50, least_customers=30, least_people=10)
        named += sum(one.verdict in {"above", "below"} for one in found.values())
    assert named <= 0.01 * 4 * 500


def test_the_interval_holds_the_skill_that_was_planted():
    dice = random.Random(7)  # noqa: S311
    skill = [dice.gauss(0, 20) for _ in range(400)]
    books = bank_of(400, 8, skill=lambda person: skill[person])
    found = standings(books, prior=50, least_customers=30, least_people=10)
    level = sum(skill) / len(skill)  # everybody's skill together is in the expectation
    held = [one.low <= one.customers * (skill[person] - level) <= one.high for person, one in found.items()]
    assert 0.92 <= sum(held) / len(held) <= 0.98
    named = [person for person, one in found.items() if one.verdict == "above"]
    assert named
    assert sum(skill[person] > level for person in named) >= 0.95 * len(named)


def test_the_same_skill_with_another_book_gets_another_output_and_the_same_standing():
    books = bank_of(200, 3, rich=lambda person: 50 if person % 2 else 2)
    found = standings(books, prior=50, least_customers=30, least_people=10)
    wealthy = [one for person, one in found.items() if person % 2]
    plain = [one for person, one in found.items() if not person % 2]

    def middle(rows, value):
        return sum(value(one) for one in rows) / len(rows)

    def rest(one):
        return one.actual - one.expected

    assert middle(wealthy, lambda one: one.actual) > 3 * middle(plain, lambda one: one.actual)
    assert (
        abs(middle(wealthy, rest) - middle(plain, rest)) < 300
    )  # 2,160 apart before; noise of a mean of 100: 78
    assert not [one for one in found.values() if one.verdict in {"above", "below"}]


@given(
    st.lists(st.lists(st.integers(-50, 50), min_size=2, max_size=6), min_size=3, max_size=6),
    st.integers(2, 9),
)
def test_counted_in_another_unit_everything_is_that_many_times_as_much(values, times):
    cells = (PLAIN, RICH)
    books = {person: {cells[person % 2]: sums(told), PLAIN: sums(told)} for person, told in enumerate(values)}
    larger = {
        person: {
            cell: Sums(one.customers, one.total * times, one.squares * times**2) for cell, one in book.items()
        }
        for person, book in books.items()
    }
    once, often = standings(books, **ALL), standings(larger, **ALL)
    for person, one in once.items():
        other = often[person]
        assert other.expected == pytest.approx(one.expected * times, abs=1e-6)
        if one.adjusted is not None:
            assert other.adjusted == pytest.approx(one.adjusted * times, abs=1e-6)
            assert other.low <= other.adjusted <= other.high


def test_the_rest_is_drawn_in_and_never_past_the_rest_itself():
    for one in standings(bank_of(50, 5, skill=lambda person: person % 5 * 30), **ALL).values():
        rest = one.actual - one.expected
        assert 0 <= one.share < 1
        assert abs(one.adjusted) <= abs(rest) + 1e-9
        assert one.adjusted * rest >= 0


def test_nothing_plus_something_is_that_something():
    assert NONE.plus(sums([1, 2])) == sums([1, 2])
    assert sums([1, 2]).less(sums([2])) == sums([1])


def test_the_interval_of_a_team_holds_what_its_people_can_together():
    dice = random.Random(11)  # noqa: S311
    skill = [dice.gauss(0, 20) for _ in range(600)]
    books = bank_of(600, 12, skill=lambda person: skill[person])
    found = standings(books, prior=50, least_customers=30, least_people=10)
    level, held = sum(skill) / len(skill), []
    for first in range(0, 600, 6):
        team = range(first, first + 6)
        one = together(found[person] for person in team)
        held.append(one.low <= 60 * sum(skill[person] - level for person in team) <= one.high)
        assert one.high - one.low < sum(found[person].high - found[person].low for person in team)
    assert sum(held) >= 90


def test_a_team_without_anybody_with_enough_data_has_no_figure():
    found = standings(bank_of(5, 1), prior=10, least_customers=61, least_people=2)
    assert together(found.values()) is None
