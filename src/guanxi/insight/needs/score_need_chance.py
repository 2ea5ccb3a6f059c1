"""score.need_chance · grain: party_key, family · scope: whole · months: last · past: 2

The chance that a customer takes a family next (下一需求概率), by the model of needs that is switched on, for
families not held. No rows where none is on, its text is not what was approved, or it meets other columns: then
popularity among peers orders alone. Who refused profiling (个性化分析), and minors, have no rows. What is suitable is
no business of a chance: it decides before, in score.next_need, what may be looked at.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from guanxi.insight.engine import Engine
from guanxi.insight.foresight.model import ModelError
from guanxi.insight.foresight.profiling import SAID_ON_PROFILING, is_child
from guanxi.insight.needs.propensity import HELD, OF_PERSON, PURPOSE, Needs, read_needs
from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema

READS = (
    "past.feature_leaving_month",
    "feature.family_held",
    "feature.need_cell",
    "staged.consents",
    "core.party",
    "ops.model",
    "ops.restriction",
    "policy.suitability_age",
    "run.month",
)
_KNOWN = tuple(name for name in OF_PERSON if name not in HELD)
_HELD = ", ".join(
    f"MAX(CASE WHEN family = '{name.removeprefix('held_')}' AND accounts_open > 0 THEN 1 ELSE 0 END) AS {name}"
    for name in HELD
)
_PEOPLE = f"""
    WITH said AS ({SAID_ON_PROFILING}),
    held AS (SELECT party_key, {_HELD} FROM feature.family_held GROUP BY party_key)
    SELECT f.party_key, f.bucket, COALESCE(f.age_band, '') AS age_band, COALESCE(p.area, '') AS area,
           COALESCE(f.tier_rank, -1) AS tier_rank, {", ".join(f"f.{name}" for name in _KNOWN)},
           {", ".join(f"CAST(COALESCE(held.{name}, 0) AS DOUBLE) AS {name}" for name in HELD)}
    FROM past.feature_leaving_month AS f
    JOIN run.month AS r ON f.month < r.month AND NOT r.closed OR f.month = r.month AND r.closed
    JOIN core.party AS p ON p.party_key = f.party_key AND p.kind IN ('person', 'sole_trader')
    CROSS JOIN policy.suitability_age AS ages
    LEFT JOIN held ON held.party_key = f.party_key
    LEFT JOIN said ON said.party_key = f.party_key AND said.newest = 1
    WHERE f.accounts > 0 AND COALESCE(said.agreed, TRUE)
      AND NOT {is_child("p.birth_date", "r.business_date", "ages.adult_age")}
    ORDER BY f.party_key
"""


def make(engine: Engine) -> pa.Table:
    """One row a customer scored and family not held, with the model's id."""
    shape = arrow_schema(TABLES["score.need_chance"])
    model, model_id = _serving(engine)
    people = engine.arrow(_PEOPLE) if model else None
    if model is None or people is None or not people.num_rows:
        return shape.empty_table()
    peers = _peers(engine, people)
    values = np.column_stack([people[name].to_numpy().astype(np.float64) for name in OF_PERSON])
    parts = []
    for family, chance in model.chances(values, peers).items():
        free = (values[:, OF_PERSON.index(f"held_{family}")] == 0) & np.isfinite(chance)
        rows = np.flatnonzero(free)
        parts.append(
            pa.table({
                "party_key": people["party_key"].take(pa.array(rows)),
                "family": pa.array([family] * len(rows), pa.string()),
                "bucket": people["bucket"].take(pa.array(rows)),
                "chance": chance[rows],
                "served_by": pa.array([model_id] * len(rows), pa.string()),
            })
        )  # fmt: skip
    return pa.concat_tables(parts).cast(shape) if parts else shape.empty_table()


def _serving(engine: Engine) -> tuple[Needs | None, str]:
    held = engine.arrow(
        f"SELECT model_id, body, sha256 FROM ops.model WHERE purpose = '{PURPOSE}'"
    ).to_pylist()
    if not held:
        return None, ""
    try:
        return read_needs(held[0]["body"], held[0]["sha256"]), held[0]["model_id"]
    except ModelError:
        return None, ""


def _peers(engine: Engine, people: pa.Table) -> dict[str, np.ndarray]:
    """The peers' rate of each family, per row of `people`; 0 where the night knows none of the cell."""
    cells = engine.arrow("SELECT family, age_band, area, tier_rank, rate FROM feature.need_cell").to_pylist()
    rates = {(row["family"], row["age_band"], row["area"], row["tier_rank"]): row["rate"] for row in cells}
    where = list(zip(*(people[name].to_pylist() for name in ("age_band", "area", "tier_rank")), strict=True))
    return {
        family: np.array([rates.get((family, *cell), 0.0) for cell in where])
        for family in sorted({row["family"] for row in cells})
    }
