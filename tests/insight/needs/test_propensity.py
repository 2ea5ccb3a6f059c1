"""A fitted order of families: judged by hand on a few rows, learnt where there is something to learn, else refused."""

from __future__ import annotations

import json
from itertools import permutations
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.foresight.model import ModelError, text_hash
from guanxi.insight.needs.propensity import OF_PERSON, read_needs
from guanxi.insight.needs.ranking import better, compared, ranked
from guanxi.insight.needs.training import Snapshots, TrainedNeeds, train_needs

FAMILIES = ("card", "fund", "metal", "time", "wealth")


def test_recall_and_ndcg_of_one_customer_by_hand() -> None:
    chances = np.array([[0.5, 0.4, 0.3, 0.2, 0.9]])
    took = np.array([[0, 1, 0, 1, -1]])  # the likeliest is held already and not asked
    judged = ranked(chances, took)
    assert judged.recall[0] == 0.5  # fund stands second of three; time fourth
    assert judged.ndcg[0] == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3)))


def test_who_took_nothing_is_not_judged() -> None:
    assert len(ranked(np.ones((2, 3)), np.array([[0, 0, -1], [0, 1, 0]])).recall) == 1


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=4, max_size=4).filter(lambda row: 1 in row))
def test_no_order_beats_the_one_that_puts_what_was_taken_first(row: list[int]) -> None:
    took = np.array([row])
    best = ranked(took.astype(float), took).ndcg[0]
    others = [ranked(np.array([order], float), took).ndcg[0] for order in permutations(range(4))]
    assert best == pytest.approx(1.0)
    assert max(others) <= best + 1e-12


def town(rng: np.random.Generator, *, says: bool) -> Snapshots:
    """Customers of three months; with `says`, their first column tells which of two families they take."""
    rows = 3_000
    values = rng.normal(size=(rows, len(OF_PERSON)))
    month = np.array(["2025-01-01", "2025-05-01", "2025-09-01"])[np.arange(rows) % 3]
    lean = 1 / (1 + np.exp(-3 * values[:, 0])) if says else np.full(rows, 0.5)
    took = np.zeros((rows, len(FAMILIES)), np.int8)
    taker = rng.random(rows) < 0.4
    fund = taker & (rng.random(rows) < lean)
    took[fund, 1], took[taker & ~fund, 3] = 1, 1
    took[rng.random(rows) < 0.1, 0] = -1
    peers = np.tile([0.21, 0.20, 0.205, 0.20, 0.22], (rows, 1))  # what peers take puts both behind others
    return Snapshots(FAMILIES, month, values, peers, took)


@pytest.fixture(scope="module")
def learnt() -> tuple[Snapshots, TrainedNeeds]:
    rows = town(np.random.default_rng(1), says=True)
    return rows, train_needs(rows, ["2025-01-01"], "2025-05-01", "2025-09-01")


def test_a_model_that_knows_more_than_the_peers_is_kept_and_survives_its_text(learnt) -> None:
    rows, trained = learnt
    assert trained.model is not None
    assert trained.kept, trained.card
    assert set(trained.model.scorers) == {"fund", "time"}  # nobody takes the others
    said = trained.card["needs"]
    assert said["recall"]["from"] > 0
    text = trained.model.to_text()
    again = read_needs(text, text_hash(text))
    rates = {"fund": np.array([0.2, 0.2]), "metal": np.array([0.07, 0.08])}
    before, after = (model.chances(rows.values[:2], rates) for model in (trained.model, again))
    assert all((before[family] == after[family]).all() for family in rates)
    assert list(after["metal"]) == [0.07, 0.08]  # no scorer: what peers take


def test_a_model_that_knows_nothing_new_is_not_kept() -> None:
    rng = np.random.default_rng(2)
    rows = town(rng, says=False)
    fair = rows.took.clip(0).mean(axis=0) + 1e-4
    rows = Snapshots(FAMILIES, rows.month, rows.values, np.tile(fair, (len(rows.month), 1)), rows.took)
    trained = train_needs(rows, ["2025-01-01"], "2025-05-01", "2025-09-01")
    assert not trained.kept
    assert trained.why == "no_better_than_peers"


def test_too_few_takers_are_an_answer() -> None:
    rows = town(np.random.default_rng(3), says=True)
    few = Snapshots(FAMILIES, rows.month[:60], rows.values[:60], rows.peers[:60], rows.took[:60])
    trained = train_needs(few, ["2025-01-01"], "2025-05-01", "2025-09-01")
    assert (trained.model, trained.kept, trained.why) == (None, False, "too_few_events")


def test_an_interval_that_touches_nothing_is_no_gain() -> None:
    took = np.array([[1, 0, 0, 0], [0, 1, 0, 0]])
    same = ranked(took.astype(float), took)
    assert not better(compared(same, same))
    assert not better(compared(ranked(took[:1] * 1.0, took[:1]), ranked(1.0 - took[:1], took[:1])))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda body: body | {"schema": 9}, "other_schema"),
        (
            lambda body: body | {"families": {"fund": body["families"]["fund"] | {"names": ["age"]}}},
            "other_columns",
        ),
        (
            lambda body: body | {"families": {"fund": body["families"]["fund"] | {"level": "high"}}},
            "not_finite",
        ),
    ],
)
def test_a_text_that_was_not_made_here_and_now_never_serves(learnt, change, reason: str) -> None:
    _, trained = learnt
    assert trained.model is not None
    text = trained.model.to_text()
    with pytest.raises(ModelError, match="hash_differs"):
        read_needs(text, text_hash(text + " "))
    other = json.dumps(change(json.loads(text)))
    with pytest.raises(ModelError, match=reason):
        read_needs(other, text_hash(other))
