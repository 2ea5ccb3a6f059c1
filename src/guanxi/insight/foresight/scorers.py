"""Two scorers of the same face: logistic regression (own standardisation) and boosted trees (LightGBM).

Fitted scorers are plain data: numbers or LightGBM's own text, never a pickle. Seeds and threads are fixed, so the same
rows give the same scorer. A margin is the logarithm of the odds; who uses it calibrates it first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

Array = np.ndarray
SEED = 7
THREADS = 2
AT_ONCE = 200_000  # rows
EVENTS_A_COLUMN = 10  # the old rule of thumb for regressions


class Scorer(Protocol):
    """A fitted scorer."""

    def margin(self, values: Array) -> Array:
        """Log-odds per row of a matrix with the columns it was fitted on."""

    def contributions(self, values: Array) -> Array:
        """What each column adds to the margin against the usual, rows × columns."""

    def shifted(self, by: float) -> Scorer:
        """The same scorer with so much more margin on every row."""

    def body(self) -> dict[str, Any]:
        """Everything needed to make it again, as JSON can hold it."""


@dataclass(frozen=True)
class Logistic:
    """Coefficients on standardised columns; what is missing counts as the median, with a coefficient of its own."""

    centre: Array  # medians
    spread: Array  # standard deviations, 1 where a column never varies
    weights: Array
    missing: Array  # added where a value is missing
    level: float

    def margin(self, values: Array) -> Array:
        """Log-odds per row, so many rows at a time that millions need no second matrix."""
        parts = (values[first : first + AT_ONCE] for first in range(0, max(len(values), 1), AT_ONCE))
        result: Array = np.concatenate([self.contributions(part).sum(axis=1) for part in parts]) + self.level
        return result

    def contributions(self, values: Array) -> Array:
        """Weight × distance from the median in standard deviations, or the weight of a missing value."""
        absent = np.isnan(values)
        z = (np.where(absent, self.centre, values) - self.centre) / self.spread
        result: Array = np.where(absent, self.missing, np.clip(z, -8, 8) * self.weights)
        return result

    def shifted(self, by: float) -> Logistic:
        """With another level."""
        return replace(self, level=self.level + by)

    def body(self) -> dict[str, Any]:
        """The five parts as lists of numbers."""
        return {
            "centre": [float(v) for v in self.centre],
            "spread": [float(v) for v in self.spread],
            "weights": [float(v) for v in self.weights],
            "missing": [float(v) for v in self.missing],
            "level": float(self.level),
        }


def fit_logistic(values: Array, happened: Array) -> Logistic:
    """Fit by Newton's method with ridge shrinkage, stronger where there are fewer than ten events a column."""
    from sklearn.linear_model import LogisticRegression

    absent = np.isnan(values)
    known = ~absent.all(axis=0)
    centre = np.zeros(values.shape[1])
    centre[known] = np.nanmedian(values[:, known], axis=0)
    filled = np.where(absent, centre, values)
    spread = filled.std(axis=0)
    spread[spread < 1e-12] = 1.0
    z = np.clip((filled - centre) / spread, -8, 8)
    lacking = np.flatnonzero(absent.any(axis=0))
    design = np.hstack([z, absent[:, lacking].astype(np.float64)])
    strength = min(1.0, max(int(happened.sum()), 1) / (EVENTS_A_COLUMN * design.shape[1]))
    fitted = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100).fit(design, happened)
    columns = values.shape[1]
    missing = np.zeros(columns)
    missing[lacking] = fitted.coef_[0, columns:]
    return Logistic(centre, spread, fitted.coef_[0, :columns], missing, float(fitted.intercept_[0]))


@dataclass(frozen=True)
class Trees:
    """LightGBM's own text of a model, and what is added to its margin."""

    text: str
    level: float = 0.0

    def margin(self, values: Array) -> Array:
        """Log-odds per row."""
        result: Array = self._booster().predict(values, raw_score=True, num_threads=THREADS)
        return result + self.level if self.level else result

    def contributions(self, values: Array) -> Array:
        """Tree contributions (SHAP) per column, without the level."""
        result: Array = self._booster().predict(values, pred_contrib=True, num_threads=THREADS)
        return result[:, :-1]

    def shifted(self, by: float) -> Trees:
        """With another level."""
        return replace(self, level=self.level + by)

    def body(self) -> dict[str, Any]:
        """The text, and the level where there is one."""
        return {"text": self.text} | ({"level": self.level} if self.level else {})

    def _booster(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.text)


def fit_trees(values: Array, happened: Array, *, rounds: int = 120) -> Trees:
    """Small trees, slowly: at most 15 leaves with at least 100 rows, or one in 500, each."""
    import lightgbm

    settings = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": max(100, len(happened) // 500),
        "feature_fraction": 0.8,
        "lambda_l2": 5.0,
        "max_bin": 63,
        "seed": SEED,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": THREADS,
        "verbosity": -1,
    }
    booster = lightgbm.train(settings, lightgbm.Dataset(values, label=happened), num_boost_round=rounds)
    return Trees(booster.model_to_string())


def scorer_of(kind: str, body: dict[str, Any]) -> Scorer:
    """The scorer that `body()` described; raises ValueError when it is none or its numbers are not finite."""
    if kind == "trees":
        if not isinstance(body.get("text"), str):
            raise ValueError("a model of trees has no text")
        return Trees(body["text"], _level(body.get("level", 0.0)))
    if kind != "logistic":
        raise ValueError(f"there is no kind of model {kind}")
    try:
        parts = {
            name: np.asarray(body[name], np.float64) for name in ("centre", "spread", "weights", "missing")
        }
        level = float(body["level"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the coefficients cannot be read") from error
    if len({len(part) for part in parts.values()}) != 1 or not all(
        np.isfinite(part).all() for part in parts.values()
    ):
        raise ValueError("the coefficients are not finite numbers of one length")
    if not np.isfinite(level):
        raise ValueError("the level is not finite")
    return Logistic(level=level, **parts)


def _level(told: object) -> float:
    if not isinstance(told, int | float) or not math.isfinite(told):
        raise ValueError("the level is not finite")
    return float(told)
