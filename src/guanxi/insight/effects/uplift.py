"""For whom it works (增益模型): T, S, X and DR learners over ridge or boosted trees; only for randomised customers.

A ranking is kept only when, on customers nobody learnt from, it beats both chance and the plain response model;
otherwise the answer is "everyone or no one" (全做或全不做).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from guanxi.insight.effects.intervals import Array
from guanxi.insight.effects.qini import Qini, qini, qini_gain

SEED = 7
FOLDS = 5
ROUNDS = 60
LEARNERS = ("T", "S", "X", "DR")
BASES = ("ridge", "trees")
TARGET, EVERYONE, NO_ONE = "target", "everyone", "no_one"


Predictor = Callable[[Array], Array]
"""A fitted regression: the expected outcome per row."""
Base = Callable[[Array, Array], Predictor]


def fit_ridge(values: Array, outcome: Array) -> Predictor:
    """Ridge on standardised columns; a little shrinkage, so that columns that say the same do no harm."""
    centre, spread = values.mean(axis=0), values.std(axis=0)
    spread = np.where(spread < 1e-12, 1.0, spread)
    z = (values - centre) / spread
    middle = float(outcome.mean())
    square = z.T @ z + np.eye(z.shape[1]) * (1 + 0.001 * len(z))
    weights = np.linalg.solve(square, z.T @ (outcome - middle))

    def said(rows: Array) -> Array:
        result: Array = (rows - centre) / spread @ weights + middle
        return result

    return said


def fit_trees(values: Array, outcome: Array) -> Predictor:
    """Boosted trees for the mean, small and slow; seed and threads fixed."""
    import lightgbm

    settings = {
        "objective": "regression",
        "learning_rate": 0.05,
        "num_leaves": 8,
        "min_data_in_leaf": max(50, len(outcome) // 100),
        "lambda_l2": 5.0,
        "max_bin": 63,
        "seed": SEED,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,  # small data: two threads wait for each other longer than they work
        "verbosity": -1,
    }
    booster = lightgbm.train(settings, lightgbm.Dataset(values, label=outcome), num_boost_round=ROUNDS)

    def said(rows: Array) -> Array:
        result: Array = np.asarray(booster.predict(rows, num_threads=1))
        return result

    return said


FITS: dict[str, Base] = {"ridge": fit_ridge, "trees": fit_trees}


def t_learner(base: Base, values: Array, treated: Array, outcome: Array, _share: float) -> Predictor:
    """mu1 - mu0, a model for each arm."""
    one, none = base(values[treated], outcome[treated]), base(values[~treated], outcome[~treated])
    return lambda rows: one(rows) - none(rows)


def s_learner(base: Base, values: Array, treated: Array, outcome: Array, share: float) -> Predictor:
    """One model that knows the arm, and the arm times every column so that a straight line can differ by arm."""

    def with_arm(rows: Array, arm: Array) -> Array:
        flag = arm.astype(float)[:, None]
        return np.hstack([rows, flag, rows * (flag - share)])

    model = base(with_arm(values, treated), outcome)

    def said(rows: Array) -> Array:
        ones = np.ones(len(rows))
        return model(with_arm(rows, ones)) - model(with_arm(rows, ones * 0))

    return said


def x_learner(base: Base, values: Array, treated: Array, outcome: Array, share: float) -> Predictor:
    """Each arm's effect imputed by the other arm's model: tau = e tau0 + (1 - e) tau1."""
    one, none = base(values[treated], outcome[treated]), base(values[~treated], outcome[~treated])
    tau1 = base(values[treated], outcome[treated] - none(values[treated]))
    tau0 = base(values[~treated], one(values[~treated]) - outcome[~treated])
    return lambda rows: share * tau0(rows) + (1 - share) * tau1(rows)


def dr_learner(base: Base, values: Array, treated: Array, outcome: Array, share: float) -> Predictor:
    """psi = mu1 - mu0 + W (Y - mu1) / e - (1 - W) (Y - mu0) / (1 - e), fitted; mu from the other half of the rows."""
    half = np.random.default_rng(SEED).permutation(len(outcome)) % 2 == 0
    psi = np.empty(len(outcome))
    for here in (half, ~half):
        there = ~here
        one = base(values[there & treated], outcome[there & treated])(values[here])
        none = base(values[there & ~treated], outcome[there & ~treated])(values[here])
        w, y = treated[here].astype(float), outcome[here]
        psi[here] = one - none + w * (y - one) / share - (1 - w) * (y - none) / (1 - share)
    return base(values, psi)


_LEARN = {"T": t_learner, "S": s_learner, "X": x_learner, "DR": dr_learner}


def learn(
    name: str, base: str, values: Array, treated: Array, outcome: Array, share: float | None = None
) -> Predictor:
    """A learner fitted on these customers; `share` was drawn into treatment (the share found when not said)."""
    drawn = float(treated.mean()) if share is None else share
    return _LEARN[name](FITS[base], values, treated.astype(bool), outcome.astype(float), drawn)


def folds_of(rows: int, folds: int = FOLDS) -> Array:
    """Which fold each row is judged in: even, seeded."""
    result: Array = np.random.default_rng(SEED).permutation(rows) % folds
    return result


def cross_fitted(name: str, base: str, values: Array, treated: Array, outcome: Array) -> Array:
    """Every row's effect as learnt from the other folds."""
    fold, said = folds_of(len(outcome)), np.empty(len(outcome))
    for at in range(FOLDS):
        inside = fold == at
        said[inside] = learn(name, base, values[~inside], treated[~inside], outcome[~inside])(values[inside])
    return said


@dataclass(frozen=True)
class Uplift:
    """What was learnt about one arm, judged on customers it was not learnt from.

    `learners`: which was chosen on either half; `tried` every learner's mean Qini where it was chosen (cross-fitted);
    `ranking` the chosen ones' Qini, `response` the response model's and `gain` their difference, on the other halves.
    """

    learners: tuple[str, str]
    tried: dict[str, float]
    ranking: Qini
    response: Qini
    gain: Qini

    @property
    def usable(self) -> bool:
        """Whether the ranking beats chance and the response model, surely enough."""
        return self.ranking.interval.low > 0 and self.gain.interval.low > 0


def find_uplift(values: Array, treated: Array, outcome: Array, *, rounds: int, alpha: float) -> Uplift:
    """Choose a learner on either half by cross-fitted Qini, and judge it on the other beside the response model.

    Every customer is judged once and by nothing it was learnt or chosen from. Raises ValueError when an arm has fewer
    than 100 customers.
    """
    treated, outcome = treated.astype(bool), outcome.astype(float)
    if min(treated.sum(), (~treated).sum()) < 100:
        raise ValueError("an arm has fewer than 100 customers")
    half = np.random.default_rng(SEED).permutation(len(outcome)) % 2
    score, answers = np.empty(len(outcome)), np.empty(len(outcome))
    chosen, tried = [], []
    for here in (half == 0, half == 1):
        v, w, y = values[here], treated[here], outcome[here]
        said = {f"{name} {base}": _tried(name, base, v, w, y) for base in BASES for name in LEARNERS}
        best = max(said, key=lambda key: said[key])
        learner, base = best.split()
        score[~here] = _places(learn(learner, base, v, w, y)(values[~here]))
        answers[~here] = _places(fit_trees(v[w], y[w])(values[~here]))
        chosen.append(best)
        tried.append(said)
    return Uplift(
        (chosen[0], chosen[1]),
        {key: (tried[0][key] + tried[1][key]) / 2 for key in tried[0]},
        qini(score, treated, outcome, rounds=rounds, alpha=alpha),
        qini(answers, treated, outcome, rounds=rounds, alpha=alpha),
        qini_gain(score, answers, treated, outcome, rounds=rounds, alpha=alpha),
    )


def _tried(name: str, base: str, values: Array, treated: Array, outcome: Array) -> float:
    score = cross_fitted(name, base, values, treated, outcome)
    return qini(score, treated, outcome, rounds=1, alpha=0.5).value


def _places(score: Array) -> Array:
    """Scores of two models side by side: each as its place in its own ranking, equal scores at one place."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    result: Array = ((ends - count / 2) / len(score))[place]
    return result


def whom(uplift: Uplift | None, verdict: str) -> str:
    """What to do with an arm: target (the ranking is usable) | everyone | no_one (nothing shows that it works)."""
    if uplift is not None and uplift.usable:
        return TARGET
    return EVERYONE if verdict == "works" else NO_ONE
