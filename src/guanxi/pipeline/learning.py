"""Training of the scorer from a complete run (`guanxi train`, and the night on its own schedule): a run of its own.

It reads the labelled months of the lake and changes no figure: what it makes is a version in the model register that
somebody has to switch on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from guanxi.insight.foresight.columns import COLUMNS
from guanxi.insight.foresight.matrix import Matrix, Split, by_time, stack
from guanxi.insight.foresight.training import LEAST_EVENTS, Trained, fit_best, measures, train
from guanxi.insight.months import month_end
from guanxi.insight.policies.churn import LABELS, ChurnPolicy
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import Manifest, Store

# The label of a month looks four months ahead; features next to a border this near would share their months with it.
GAP = 3


class TrainingRefused(ValueError):
    """There is nothing to learn from yet; the message says what is missing."""


def labelled_rows(
    engine: DuckEngine, store: Store, manifest: Manifest, label: str, *, child_age: int
) -> Matrix:
    """Every person-month a label applies to, features and what happened, ordered by month and key; not of
    children, nor of whom processing is restricted for.

    Raises TrainingRefused when the run holds no labelled month.
    """
    for name in ("feature.leaving_month", "score.churn_label"):
        paths = [path for month in manifest.months(name) for path in store.paths(manifest.part(name, month))]
        engine.name_files(f"past.{name.replace('.', '_')}", TABLES[name], paths)
    name_restricted(engine, store, manifest)
    rows = engine.arrow(
        f"SELECT l.as_of, l.{label} AS happened, l.fell_on, f.against_6 AS history, "
        "COALESCE(CAST(f.tier_rank AS VARCHAR), '') AS tier, COALESCE(f.age_band, '') AS age_band, "
        f"{', '.join(f'f.{name}' for name in COLUMNS)} "
        "FROM past.score_churn_label AS l "
        "JOIN past.feature_leaving_month AS f ON f.party_key = l.party_key AND f.month = l.as_of "
        "ANTI JOIN ops.restriction AS z ON z.party_key = l.party_key "
        f"WHERE l.{label} IS NOT NULL AND COALESCE(f.age >= {child_age:d}, TRUE) ORDER BY l.as_of, l.party_key"
    )
    if not len(rows):
        raise TrainingRefused(
            f"no month of {manifest.business_date} is labelled yet: the label needs seven months"
        )
    against = rows.column("history").to_numpy().astype(np.float64)
    return Matrix(
        names=COLUMNS,
        values=stack([rows.column(name).to_numpy() for name in COLUMNS]),
        happened=rows.column("happened").to_numpy().astype(np.int64),
        time=np.array([day.isoformat() for day in rows.column("as_of").to_pylist()]),
        rule=1 - np.where(np.isnan(against), 1.0, against),
        groups={name: np.array(rows.column(name).to_pylist()) for name in ("tier", "age_band")},
        lead=_lead(rows.column("as_of").to_pylist(), rows.column("fell_on").to_pylist()),
    )


def name_restricted(engine: DuckEngine, store: Store, manifest: Manifest) -> None:
    """Name `ops.restriction` as the run read it; nobody is in it where the run is older than restrictions."""
    parts = manifest.parts.get("ops.restriction", {}).values()
    paths = [path for part in parts for path in store.paths(part)]
    engine.name_files("ops.restriction", TABLES["ops.restriction"], paths)


def _lead(as_of: list[date], fell_on: list[date | None]) -> np.ndarray:
    """Days from the end of the features to the first month that shows the loss: at least so much warning."""
    days = [
        np.nan if fell is None else (fell - month_end(month)).days
        for month, fell in zip(as_of, fell_on, strict=True)
    ]
    return np.array(days, np.float64)


def split_of(rows: Matrix, policy: ChurnPolicy) -> Split:
    """Months in their order; raises TrainingRefused when there are too few."""
    try:
        return by_time(rows, policy.calibration_months, policy.test_months, gap=GAP)
    except ValueError as error:
        raise TrainingRefused(str(error)) from error


def train_on(engine: DuckEngine, store: Store, manifest: Manifest, policy: ChurnPolicy) -> Trained:
    """Train and judge on the labelled months of this run; the other labels are judged beside, for the card alone."""
    split = split_of(
        labelled_rows(engine, store, manifest, policy.train_label, child_age=policy.child_age), policy
    )
    managers = _managers(engine, store, manifest)
    capacity = max(policy.capacity * managers * policy.test_months, policy.capacity)
    trained = train(split, purpose=policy.train_label, capacity=capacity)
    others = [
        _other(label, engine, store, manifest, policy, capacity)
        for label in LABELS
        if label != policy.train_label
    ]
    return replace(trained, card={**trained.card, "others": others})


def _other(
    label: str, engine: DuckEngine, store: Store, manifest: Manifest, policy: ChurnPolicy, capacity: int
) -> dict[str, Any]:
    """How well the same scorer, fitted on another label, orders the same later months, beside the rule."""
    try:
        split = split_of(labelled_rows(engine, store, manifest, label, child_age=policy.child_age), policy)
    except TrainingRefused:
        return {"label": label, "learnt": 0, "rows": 0, "events": 0, "model": None, "rule": None}
    learnt, judged = int(split.fit.happened.sum()), split.judge
    enough = learnt >= LEAST_EVENTS and int(split.calibrate.happened.sum()) >= 1
    model = fit_best(split, purpose=label) if enough else None
    return {
        "label": label,
        "learnt": learnt,
        "rows": len(judged),
        "events": int(judged.happened.sum()),
        "kind": model.kind if model else "",
        "model": measures(judged.happened, model.chance(judged.values), capacity) if model else None,
        "rule": measures(judged.happened, judged.rule, capacity),
    }


def _managers(engine: DuckEngine, store: Store, manifest: Manifest) -> int:
    """Keepers with customers, by the extract."""
    engine.name_files("core.party", TABLES["core.party"], store.paths(manifest.part("core.party", None)))
    return int(engine.rows("SELECT COUNT(DISTINCT keeper_no) FROM core.party")[0][0])
