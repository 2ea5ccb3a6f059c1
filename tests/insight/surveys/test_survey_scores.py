"""Shares, scores and weights of survey answers against arithmetic known beforehand, and in seeded simulations."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.surveys.raking import NoRaking, rake, weighted_share
from guanxi.insight.surveys.scores import csat, nps, promotion, wilson

TRIALS = 4_000


def test_wilsons_interval_of_eight_in_ten_is_the_published_one():
    found = wilson(8, 10)
    assert (round(found.low, 4), round(found.high, 4)) == (0.4902, 0.9433)


def test_an_nps_of_400_answers_with_45_and_20_percent_is_25_give_or_take_seven_and_a_half():
    found = promotion(180, 80, 400)
    assert found.value == pytest.approx(25)
    assert round(found.high - found.value, 1) == round(found.value - found.low, 1) == 7.5


def test_four_is_satisfied_and_three_is_not_nine_promotes_seven_is_passive_and_six_detracts():
    assert csat([4, 5, 3, 1]).hits == 2
    assert (nps([9, 10]).value, nps([7, 8]).value, nps([6, 0]).value) == (100, 0, -100)


def test_nobody_has_no_score():
    assert (csat([]).value, nps([]).value, nps([]).low) == (None, None, None)


@given(st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_stays_within_bounds_and_holds_its_share(pair):
    hits, n = pair
    found = wilson(hits, n)
    if n:
        assert 0 <= found.low <= found.value + 1e-12 <= found.high + 2e-12 <= 1 + 3e-12


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_turning_promoters_into_detractors_turns_the_sign(answers):
    one = nps(answers)
    other = promotion(sum(a < 7 for a in answers), sum(a >= 9 for a in answers), len(answers))
    assert other.value == pytest.approx(-one.value)
    assert other.se == pytest.approx(one.se)


@pytest.mark.parametrize(("hits", "n"), [(-1, 3), (4, 3)])
def test_more_hits_than_answers_is_refused(hits, n):
    with pytest.raises(ValueError, match=str(hits)):
        wilson(hits, n)


def test_both_intervals_cover_the_truth_in_94_to_96_percent_of_seeded_trials():
    chance = random.Random(8)  # noqa: S311
    covered_share = covered_score = 0
    for _trial in range(TRIALS):
        draws = [chance.random() for _ in range(300)]
        share = wilson(sum(draw < 0.72 for draw in draws), 300)
        score = promotion(sum(draw < 0.45 for draw in draws), sum(draw > 0.80 for draw in draws), 300)
        covered_share += share.low <= 0.72 <= share.high
        covered_score += score.low <= 25 <= score.high
    assert 0.94 <= covered_share / TRIALS <= 0.96
    assert 0.94 <= covered_score / TRIALS <= 0.96


BASE = [{"old": 0.5, "young": 0.5}, {"gold": 0.2, "plain": 0.8}]
SATISFACTION = {"old": 0.9, "young": 0.5}


def _answers(chance: random.Random, n: int) -> tuple[list[tuple[str, str]], list[bool]]:
    """Old people answer three times as often as young ones: the base's 70 % look like 80 %."""
    rows = [
        (chance.choices(("old", "young"), (3, 1))[0], chance.choices(("gold", "plain"), (2, 3))[0])
        for _ in range(n)
    ]
    return rows, [chance.random() < SATISFACTION[age] for age, _tier in rows]


def test_raking_brings_every_grouping_to_the_base():
    rows, _hits = _answers(random.Random(3), 200)  # noqa: S311
    weights = rake(rows, BASE)
    whole = sum(weights)
    assert whole == pytest.approx(len(rows))
    for place, wanted in enumerate(BASE):
        for group, share in wanted.items():
            found = sum(w for row, w in zip(rows, weights, strict=True) if row[place] == group) / whole
            assert found == pytest.approx(share, abs=1e-6)


def test_weighted_intervals_cover_the_base_in_94_to_96_percent_where_plain_ones_miss_it():
    chance = random.Random(5)  # noqa: S311
    weighted = plain = 0
    trials = 1_500
    for _trial in range(trials):
        rows, hits = _answers(chance, 250)
        found = weighted_share(hits, rows, rake(rows, BASE))
        weighted += found.low <= 0.7 <= found.high
        raw = wilson(sum(hits), len(hits))
        plain += raw.low <= 0.7 <= raw.high
    assert 0.94 <= weighted / trials <= 0.96
    assert plain / trials < 0.1


def test_what_nobody_of_a_group_answered_cannot_be_weighted():
    with pytest.raises(NoRaking, match="young"):
        rake([("old", "gold"), ("old", "plain")], BASE)


def test_equal_weights_leave_the_share_and_its_interval_as_wilson_says():
    hits = [True] * 30 + [False] * 10
    found, known = weighted_share(hits, [("all",)] * 40, [1.0] * 40), wilson(30, 40)
    assert (found.value, found.low, found.high) == pytest.approx((known.value, known.low, known.high))
    assert found.effective == pytest.approx(40)
