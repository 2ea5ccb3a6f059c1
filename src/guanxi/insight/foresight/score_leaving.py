"""score.leaving · grain: party_key, month · scope: whole · months: last · past: 2

The chance of leaving (流失概率) of everyone with a base the label asks for, by the model that is switched on. When no
model is on, or its text is not what was approved, or it meets other columns or a population that drifted too far, the
one-line rule orders the customers instead: the present balance against one's own six months. Who refused profiling
(个性化分析) and children are not scored. The strongest reasons are worked out only for those at the top, whom a person
will see.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from guanxi.insight.engine import Engine
from guanxi.insight.foresight.columns import COLUMNS, REASONS
from guanxi.insight.foresight.judge import drift
from guanxi.insight.foresight.model import Model, ModelError, Reason, read_model, strongest_reasons
from guanxi.insight.foresight.profiling import SAID_ON_PROFILING, is_child
from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema

READS = (
    "past.feature_leaving_month",
    "staged.consents",
    "core.party",
    "ops.model",
    "ops.restriction",
    "policy.churn",
    "run.month",
)
RULE = "rule"
_SELECT = f"""
    WITH said AS ({SAID_ON_PROFILING})
    SELECT f.party_key, r.month, f.month AS as_of, f.bucket, {", ".join(f"f.{name}" for name in COLUMNS)}
    FROM past.feature_leaving_month AS f
    JOIN run.month AS r ON f.month < r.month AND NOT r.closed OR f.month = r.month AND r.closed
    CROSS JOIN policy.churn AS k
    LEFT JOIN core.party AS p ON p.party_key = f.party_key
    LEFT JOIN said ON said.party_key = f.party_key AND said.newest = 1
    WHERE f.base_average >= k.loss_base AND COALESCE(said.agreed, TRUE)
      AND NOT {is_child("p.birth_date", "r.business_date", "k.child_age")}
    ORDER BY f.party_key
"""


def make(engine: Engine) -> pa.Table:
    """One row a customer scored."""
    rows = engine.arrow(_SELECT)
    values = np.column_stack([rows.column(name).to_numpy() for name in COLUMNS]).astype(np.float64)
    setting = engine.arrow("SELECT train_label, drift_limit, reason_share FROM policy.churn").to_pylist()[0]
    model, served_by, fallback, moved = _serving(
        engine, values, setting["train_label"], float(setting["drift_limit"])
    )
    chance = model.chance(values) if model else None
    score = chance if chance is not None else _rule(values)
    if chance is not None and not np.isfinite(chance).all():
        model, chance, served_by, fallback, score = None, None, RULE, "not_finite", _rule(values)
    place = np.empty(len(rows), np.int64)
    place[np.argsort(-score, kind="stable")] = np.arange(1, len(rows) + 1)
    reasons = _reasons(model, values, place, float(setting["reason_share"]))
    made = {
        "party_key": rows.column("party_key"),
        "month": rows.column("month"),
        "as_of": rows.column("as_of"),
        "bucket": rows.column("bucket"),
        "served_by": [served_by] * len(rows),
        "fallback": [fallback or None] * len(rows),
        "chance": chance if chance is not None else [None] * len(rows),
        "place": place,
        "drift": [moved] * len(rows),
        **_spread(reasons),
    }
    shape = TABLES["score.leaving"]
    return pa.table([pa.array(made[name]) for name in shape.column_names], list(shape.column_names)).cast(
        arrow_schema(shape)
    )


def _serving(
    engine: Engine, values: np.ndarray, purpose: str, limit: float
) -> tuple[Model | None, str, str, float | None]:
    """The model that serves, its id, or why none does; and the drift of the population."""
    held = engine.arrow(
        f"SELECT model_id, body, sha256 FROM ops.model WHERE purpose = '{purpose}'"
    ).to_pylist()
    if not held:
        return None, RULE, "no_model", None
    try:
        model = read_model(held[0]["body"], held[0]["sha256"], COLUMNS)
    except ModelError as error:
        return None, RULE, str(error), None
    moved = round(drift(model.shares, model.chance(values), model.edges), 4)
    if moved > limit:
        return None, RULE, "drifted", moved
    return model, held[0]["model_id"], "", moved


def _rule(values: np.ndarray) -> np.ndarray:
    """The rule's score; who has no history stands at its middle."""
    against = values[:, COLUMNS.index("against_6")]
    result: np.ndarray = np.round(1 - np.where(np.isnan(against), 1.0, against), 6)
    return result


def _reasons(model: Model | None, values: np.ndarray, place: np.ndarray, share: float) -> list[list[Reason]]:
    """Reasons of those in the first `share`, nothing for the others."""
    said: list[list[Reason]] = [[] for _ in place]
    if model is None or not len(place):
        return said
    seen = np.flatnonzero(place <= max(1, round(len(place) * share)))
    for row, reasons in zip(seen, strongest_reasons(model, values[seen], REASONS), strict=True):
        said[row] = reasons
    return said


def _spread(reasons: list[list[Reason]]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {}
    for place in range(3):
        held = [row[place] if place < len(row) else None for row in reasons]
        columns[f"reason_{place + 1}"] = [reason.code if reason else None for reason in held]
        columns[f"weight_{place + 1}"] = [reason.weight if reason else None for reason in held]
        columns[f"value_{place + 1}"] = [
            None if reason is None or np.isnan(reason.value) else reason.value for reason in held
        ]
    return columns
