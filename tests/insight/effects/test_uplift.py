"""For whom it works: planted differences are found, and where there are none the answer is everyone or no one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from guanxi.insight.effects.qini import curve, qini
from guanxi.insight.effects.uplift import BASES, LEARNERS, cross_fitted, find_uplift, whom


def bank(rows: int, *, differs: bool, seed: int = 3) -> tuple[np.ndarray, ...]:
    """Customers drawn at random, what they are known by, and what happened; the true effect per customer beside."""
    draw = np.random.default_rng(seed)
    values = draw.standard_normal((rows, 4))
    treated = draw.random(rows) < 0.5
    effect = 0.15 * (1 + np.sign(values[:, 0])) if differs else np.full(rows, 0.10)
    base = 0.10 + 0.50 * (values[:, 1] > 0)
    outcome = (draw.random(rows) < base + effect * treated).astype(float)
    return values, treated, outcome, effect


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_orders_customers_by_a_planted_effect(name: str, base: str) -> None:
    values, treated, outcome, effect = bank(4_000, differs=True)
    said = cross_fitted(name, base, values, treated, outcome)
    assert spearmanr(said, effect).statistic > 0.5
    assert said.mean() == pytest.approx(0.10, abs=0.1)


def test_a_planted_difference_is_usable_and_beats_the_response_model() -> None:
    values, treated, outcome, _ = bank(8_000, differs=True)
    found = find_uplift(values, treated, outcome, rounds=40, alpha=0.05)
    assert found.usable
    assert found.ranking.interval.low > 0
    assert whom(found, "works") == "target"


def test_without_differences_qini_covers_nothing_and_the_answer_is_everyone_or_no_one() -> None:
    values, treated, outcome, _ = bank(8_000, differs=False)
    found = find_uplift(values, treated, outcome, rounds=40, alpha=0.05)
    assert not found.usable
    assert found.ranking.interval.holds(0)
    assert whom(found, "works") == "everyone"
    assert whom(found, "unclear") == whom(None, "harms") == "no_one"


def test_qini_of_four_customers_is_what_one_counts_by_hand() -> None:
    score = np.array([4.0, 3.0, 2.0, 1.0])
    treated = np.array([True, False, True, False])
    outcome = np.array([1.0, 0.0, 0.0, 1.0])
    assert curve(score, treated, outcome).tolist() == [1.0, 1.0, 1.0, 0.0]


def test_a_ranking_by_chance_has_no_qini_and_the_true_one_has() -> None:
    _, treated, outcome, effect = bank(8_000, differs=True)
    chance = np.random.default_rng(0).random(8_000)
    assert qini(chance, treated, outcome, rounds=40, alpha=0.05).interval.holds(0)
    assert qini(effect, treated, outcome, rounds=40, alpha=0.05).interval.low > 0


def test_too_few_are_not_learnt_from() -> None:
    values, treated, outcome, _ = bank(150, differs=True)
    with pytest.raises(ValueError, match="fewer than 100"):
        find_uplift(values, treated, outcome, rounds=5, alpha=0.05)
