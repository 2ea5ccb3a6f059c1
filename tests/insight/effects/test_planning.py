"""How many are needed: reference numbers of the formula, and that visible and needed are each other's inverse."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.effects.planning import (
    per_arm_mean,
    per_arm_share,
    sight_of_mean,
    sight_of_share,
    visible_mean,
    visible_share,
    worst_cluster_factor,
)

USUAL = {"alpha": 0.05, "power": 0.8}


@pytest.mark.parametrize(
    ("before", "after", "needed"),
    [(0.01, 0.012, 42_691), (0.02, 0.024, 21_106), (0.05, 0.06, 8_155), (0.10, 0.11, 14_749)],
)
def test_sample_sizes_are_those_of_the_tables(before: float, after: float, needed: int) -> None:
    assert per_arm_share(before, after, **USUAL) == needed


@given(st.floats(0.001, 0.5), st.floats(0.005, 0.3))
def test_what_is_visible_with_the_needed_number_is_the_effect_itself(before: float, lift: float) -> None:
    needed = per_arm_share(before, before + lift, **USUAL)
    seen = visible_share(before, needed, needed, **USUAL)
    assert seen == pytest.approx(lift, rel=0.02 if needed > 200 else 0.3)


@given(st.floats(0.1, 1e6), st.integers(10, 100_000))
def test_means_likewise(deviation: float, size: int) -> None:
    lift = visible_mean(deviation, size, size, **USUAL)
    assert per_arm_mean(deviation, lift, **USUAL) == pytest.approx(size, abs=1)


@given(st.floats(0.0, 0.9), st.integers(1, 10_000), st.integers(1, 10_000))
def test_more_customers_never_see_less(before: float, treated: int, control: int) -> None:
    smaller = visible_share(before, treated, control, **USUAL)
    assert visible_share(before, treated * 2, control * 2, **USUAL) <= smaller + 1e-9


def test_an_audience_says_in_a_code_what_it_can_show() -> None:
    assert sight_of_share(0.05, 0.01, 8_155, 8_155, **USUAL).code == "enough"
    branch = sight_of_share(0.05, 0.01, 700, 100, **USUAL)
    assert branch.code == "too_small"
    assert branch.needed == 8_155
    assert branch.visible > 0.06
    assert sight_of_share(0.05, 0.01, 700, 0, **USUAL).code == "nothing"
    assert sight_of_share(0.9, 0.05, 3, 3, **USUAL).code == "nothing"
    assert sight_of_share(0.05, None, 700, 100, **USUAL).code == "no_hope_said"
    assert sight_of_mean(50_000, 1_000, 100, 100, **USUAL).code == "too_small"
    assert sight_of_mean(50_000, -30_000, 100, 100, **USUAL).code == "enough"


@pytest.mark.parametrize("shares", [(0.1, 0.1), (-0.1, 0.1), (0.1, 1.1)])
def test_what_is_no_change_of_a_share_is_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        per_arm_share(*shares, **USUAL)
    with pytest.raises(ValueError, match="alpha"):
        per_arm_share(0.1, 0.2, alpha=0, power=0.8)


def test_groups_need_more_people_than_persons_do() -> None:
    assert worst_cluster_factor(1, 0.3) == 1
    assert math.isclose(worst_cluster_factor(21, 0.05), 2)
    assert worst_cluster_factor(21, 0.05, 1.0) > 3
