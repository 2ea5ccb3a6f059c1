"""Training: the one-line rule, logistic regression, trees; judged on later months, kept only when better than it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from guanxi.insight.foresight.judge import (
    auc,
    bins_of,
    calibration,
    lift_at,
    precision_at,
    slope_and_level,
)
from guanxi.insight.foresight.matrix import Matrix, Split
from guanxi.insight.foresight.model import Model
from guanxi.insight.foresight.scorers import Scorer
from guanxi.insight.foresight.thinning import FITS, fit

Array = np.ndarray
LEAST_EVENTS = 30  # fewer cannot be learnt from
TREES_BETTER = (
    0.005  # by so much AUC on the calibration rows must trees beat the coefficients a person can read
)
TREES_FROM = (
    200  # events to learn from: below, which of the two is better is chance, and coefficients can be read
)
LEAST_GROUP = 5  # events in a part of the customers before its AUC says anything


@dataclass(frozen=True)
class Trained:
    """What a training came to. `model` is None when nothing may serve; `card` holds every figure of the model card."""

    model: Model | None
    kept: bool  # better than the rule on rows neither has seen
    why: str  # reason code when not kept
    card: dict[str, Any] = field(default_factory=dict)


def train(split: Split, *, purpose: str, capacity: int, least: int = LEAST_EVENTS) -> Trained:
    """Fit both, choose and calibrate on the rows after, fit again with these, judge on the last rows against the rule.

    `capacity` is how many of the judged rows people could act on, `least` how many events to learn from there must be.
    Raises nothing: too few events is an answer.
    """
    parts = (split.fit, split.calibrate, split.judge)
    events = [int(part.happened.sum()) for part in parts]
    if events[0] < least or min(events[1:]) < 1:
        return Trained(
            None, False, "too_few_events", {"events": events, "rows": [len(part) for part in parts]}
        )
    models, chosen = _chosen(split, purpose)
    models = _with_newest(models, split)
    card = _card(models, chosen, split, capacity)
    kept, why = _verdict(card["judged"][chosen], card["judged"]["rule"])
    return Trained(models[chosen], kept, why, card)


def fit_best(split: Split, *, purpose: str) -> Model:
    """The scorer that the calibration rows prefer, calibrated on them, then fitted again with them among its own."""
    models, chosen = _chosen(split, purpose)
    return _with_newest({chosen: models[chosen]}, split)[chosen]


def _chosen(split: Split, purpose: str) -> tuple[dict[str, Model], str]:
    """Both scorers on the fitting rows, calibrated, and which is the better one."""
    enough = int(split.fit.happened.sum()) >= TREES_FROM
    models = {kind: _calibrated(purpose, kind, _fitted(kind, split.fit), split) for kind in FITS}
    return models, _choose(models, split.calibrate) if enough else "logistic"


def _fitted(kind: str, rows: Matrix) -> Scorer:
    return fit(kind, rows.values, rows.happened)


def _calibrated(purpose: str, kind: str, scorer: Scorer, split: Split) -> Model:
    """The scorer with slope and level fitted on rows it was not fitted on."""
    slope, level = slope_and_level(split.calibrate.happened, scorer.margin(split.calibrate.values))
    return Model(purpose, kind, split.fit.names, scorer, slope, level, (), ())


def _with_newest(models: Mapping[str, Model], split: Split) -> dict[str, Model]:
    """The same models fitted again with the calibration rows among theirs: what happened lately tells most.

    Slope and level stay those found on rows the first fit had not seen.
    """
    learnt = split.fit.with_more(split.calibrate)
    return {
        kind: _binned(replace(model, scorer=_fitted(kind, learnt)), learnt) for kind, model in models.items()
    }


def _binned(model: Model, rows: Matrix) -> Model:
    edges, shares = bins_of(model.chance(rows.values))
    return replace(model, edges=tuple(edges), shares=tuple(shares))


def _choose(models: Mapping[str, Model], rows: Matrix) -> str:
    said = {kind: auc(rows.happened, model.chance(rows.values)) for kind, model in models.items()}
    return "trees" if said["trees"] > said["logistic"] + TREES_BETTER else "logistic"


def _verdict(model: Mapping[str, Any], rule: Mapping[str, Any]) -> tuple[bool, str]:
    if (model["auc"] or 0) <= (rule["auc"] or 0):
        return False, "no_better_than_rule"
    if (model["precision"] or 0) < (rule["precision"] or 0):
        return False, "no_better_at_capacity"
    return True, ""


def _card(models: Mapping[str, Model], chosen: str, split: Split, capacity: int) -> dict[str, Any]:
    judged = split.judge
    chances = {kind: model.chance(judged.values) for kind, model in models.items()}
    best = chances[chosen]
    scores = {**chances, "rule": judged.rule}
    single, column = best_column(split)
    return {
        "chosen": chosen,
        "capacity": capacity,
        "judged": {kind: measures(judged.happened, score, capacity) for kind, score in scores.items()}
        | {"column": measures(judged.happened, column, capacity) | {"name": single}},
        "calibration": [asdict(part) for part in calibration(judged.happened, best)],
        "calibration_slope": round(slope_and_level(judged.happened, _margin(models[chosen], judged))[0], 4),
        "lead_days": _median_lead(judged, best, capacity),
        "groups": {name: _by_group(column, judged.happened, best) for name, column in judged.groups.items()},
        "windows": {name: _window(part) for name, part in _parts(split).items()},
        "weights": _weights(models[chosen], split.fit.values),
    }


def _margin(model: Model, rows: Matrix) -> Array:
    return model.slope * model.scorer.margin(rows.values) + model.level


def measures(happened: Array, score: Array, capacity: int) -> dict[str, Any]:
    """AUC, lift of the first tenth, precision and share caught within the capacity."""
    within = precision_at(happened, score, capacity)
    total = max(int(happened.sum()), 1)
    return {
        "auc": _known(auc(happened, score), 4),
        "lift": _known(lift_at(happened, score, 0.1), 2),
        "precision": _known(within, 4),
        "caught": _known(within * min(capacity, len(happened)) / total, 4),
    }


def _known(value: float, digits: int) -> float | None:
    """Rounded; None where there is no such figure."""
    return None if np.isnan(value) else round(value, digits)


def best_column(split: Split) -> tuple[str, Array]:
    """The column that alone orders the rows learnt from best, turned so that higher is likelier, on the judged rows."""
    learnt = split.fit.with_more(split.calibrate)
    best, name, turned = -1.0, "", np.zeros(len(split.judge))
    for place, column in enumerate(learnt.names):
        filled = _filled(learnt.values[:, place])
        value = auc(learnt.happened, filled)
        if max(value, 1 - value) > best:
            best, name = max(value, 1 - value), column
            judged = np.nan_to_num(split.judge.values[:, place], nan=float(np.median(filled)))
            turned = judged if value >= 0.5 else -judged
    return name, turned


def _filled(column: Array) -> Array:
    known = column[~np.isnan(column)]
    filled: Array = np.nan_to_num(column, nan=float(np.median(known)) if len(known) else 0.0)
    return filled


def _median_lead(rows: Matrix, score: Array, capacity: int) -> float | None:
    if rows.lead is None:
        return None
    first = np.argsort(-score, kind="stable")[:capacity]
    caught = rows.lead[first][rows.happened[first] == 1]
    caught = caught[~np.isnan(caught)]
    return float(np.median(caught)) if len(caught) else None


def _by_group(column: Array, happened: Array, chance: Array) -> list[dict[str, Any]]:
    """Each part of the customers: rows, events, mean chance, and the order within it where events allow."""
    said = []
    for value in sorted({str(item) for item in column}):
        rows = column.astype(str) == value
        events = int(happened[rows].sum())
        judged = auc(happened[rows], chance[rows]) if events >= LEAST_GROUP else float("nan")
        said.append(
            {
                "group": value,
                "rows": int(rows.sum()),
                "events": events,
                "chance": round(float(chance[rows].mean()), 4),
                "auc": None if np.isnan(judged) else round(judged, 4),
            }
        )
    return said


def _parts(split: Split) -> dict[str, Matrix]:
    return {"fit": split.fit, "calibrate": split.calibrate, "judge": split.judge}


def _window(rows: Matrix) -> dict[str, Any]:
    moments = np.unique(rows.time)
    return {
        "from": str(moments[0]),
        "to": str(moments[-1]),
        "rows": len(rows),
        "events": int(rows.happened.sum()),
        "rate": round(float(rows.happened.mean()), 5),
    }


def _weights(model: Model, values: Array, most: int = 12) -> list[dict[str, Any]]:
    """The columns that move the margin most: mean size of what they add over (at most 5,000) fitting rows."""
    some = values[:: max(1, len(values) // 5000)]
    size = np.abs(model.scorer.contributions(some) * model.slope).mean(axis=0)
    return [
        {"name": model.names[place], "size": round(float(size[place]), 4)}
        for place in np.argsort(-size)[:most]
    ]
