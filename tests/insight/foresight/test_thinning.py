"""Of many rows every event is learnt from and some of the rest; chances come out as if all had been."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.foresight.judge import sigmoid
from guanxi.insight.foresight.scorers import scorer_of
from guanxi.insight.foresight.thinning import fit, thinned


def test_few_rows_are_all_taken() -> None:
    rows, share = thinned(np.array([0, 1, 0]), most=3)
    assert (rows, share) == (slice(None), 1.0)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 1), max_size=60), st.integers(1, 60))
def test_every_event_stays_and_the_share_is_that_of_the_others(told: list[int], most: int) -> None:
    happened = np.array(told, dtype=np.int64)
    rows, share = thinned(happened, most)
    kept = happened[rows]
    assert kept.sum() == happened.sum()
    assert len(kept) - kept.sum() == pytest.approx(share * (len(happened) - happened.sum()))
    assert len(kept) <= max(most, 2 * happened.sum())
    again, _ = thinned(happened, most)
    assert np.array_equal(happened[again], kept)
    assert isinstance(rows, slice) or (np.diff(rows) > 0).all()


@pytest.mark.parametrize("kind", ["logistic", "trees"])
def test_chances_from_a_quarter_of_the_rows_are_those_of_all(kind: str) -> None:
    dice = np.random.default_rng(3)
    values = dice.standard_normal((40_000, 3))
    happened = (dice.random(40_000) < sigmoid(values[:, 0] - 3.5)).astype(np.int64)
    some, every = (fit(kind, values, happened, most=most) for most in (10_000, 40_000))
    mean = sigmoid(some.margin(values)).mean()
    assert mean == pytest.approx(happened.mean(), rel=0.05)  # without the level: three times as much
    assert np.corrcoef(some.margin(values), every.margin(values))[0, 1] > 0.95
    again = scorer_of(kind, some.body())
    assert np.array_equal(again.margin(values[:100]), some.margin(values[:100]))


def test_a_level_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        scorer_of("trees", {"text": "tree", "level": float("nan")})
