"""Training of needs from a complete run (`guanxi train`, and the night on the scorer's schedule).

Snapshots are month ends whose window has passed: features of leaving, what was held, the peers' rate as it was known
then; what was opened in the policy's window after is the label. It changes no figure: what it makes is a version in the
register that somebody has to switch on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from guanxi.insight.foresight.matrix import stack
from guanxi.insight.foresight.profiling import is_child
from guanxi.insight.months import month_end
from guanxi.insight.needs.propensity import HELD, OF_PERSON
from guanxi.insight.needs.training import Snapshots, TrainedNeeds, train_needs
from guanxi.insight.policies.need import NeedPolicy
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import Manifest, Store
from guanxi.pipeline.learning import TrainingRefused, name_restricted

MOST_FITTED = 6  # snapshots to fit on, the newest first
COLUMNS = tuple(name for name in OF_PERSON if name not in HELD)
# Who is asked: every person of age known at the month's end, under no restriction; what was open and when it was first
# and next opened. `{minor}` is a condition on the day of birth.
_TAKEN = """
WITH asked AS (
    SELECT f.party_key, f.age_band, f.tier_rank, p.area
    FROM past.feature_leaving_month AS f
    JOIN core.party AS p ON p.party_key = f.party_key AND p.kind IN ('person', 'sole_trader')
    ANTI JOIN ops.restriction AS z ON z.party_key = f.party_key
    WHERE f.month = ?::DATE AND f.accounts > 0 AND NOT {minor}
),
had AS (
    SELECT a.party_key, a.family,
           BOOL_OR(a.opened_on <= ?::DATE AND (a.closed_on IS NULL OR a.closed_on > ?::DATE)) AS held,
           MIN(a.opened_on) AS first_on,
           BOOL_OR(a.opened_on > ?::DATE AND a.opened_on <= ?::DATE) AS opens
    FROM core.account AS a JOIN asked ON asked.party_key = a.party_key
    GROUP BY a.party_key, a.family
)
SELECT asked.party_key, COALESCE(asked.age_band, '') AS age_band, COALESCE(asked.area, '') AS area,
       COALESCE(asked.tier_rank, -1) AS tier_rank, wanted.family,
       CASE WHEN COALESCE(had.held, FALSE) THEN -1 WHEN COALESCE(had.opens, FALSE) THEN 1 ELSE 0 END AS took,
       CASE WHEN had.first_on <= ?::DATE THEN -1 WHEN had.first_on <= ?::DATE THEN 1 ELSE 0 END AS took_before
FROM asked CROSS JOIN (SELECT UNNEST(?::VARCHAR[]) AS family) AS wanted
LEFT JOIN had ON had.party_key = asked.party_key AND had.family = wanted.family
"""
_RATED = """
WITH cell AS (
    SELECT age_band, area, tier_rank, family, COUNT(*) AS exposed, SUM(took_before) AS takers
    FROM taken WHERE took_before >= 0 GROUP BY ALL
),
bank AS (SELECT family, SUM(exposed) AS exposed, SUM(takers) AS takers FROM cell GROUP BY family)
SELECT t.party_key, t.family, t.took,
       COALESCE((COALESCE(cell.takers, 0) + ?::DOUBLE * bank.takers / bank.exposed)
                / (COALESCE(cell.exposed, 0) + ?::DOUBLE), 0.0) AS rate
FROM taken AS t
LEFT JOIN bank ON bank.family = t.family
LEFT JOIN cell ON cell.age_band = t.age_band AND cell.area = t.area AND cell.tier_rank = t.tier_rank
              AND cell.family = t.family
ORDER BY t.party_key, t.family
"""


def train_needs_on(
    engine: DuckEngine, store: Store, manifest: Manifest, policy: NeedPolicy, *, adult_age: int
) -> TrainedNeeds:
    """Train and judge on the snapshots of this run; nobody below `adult_age` full years is learnt from, as nobody
    below it is told a need. Raises TrainingRefused when there are too few snapshots."""
    apart = _snapshots(manifest, policy.window_days)
    if len(apart) < 3:
        raise TrainingRefused(
            f"{len(apart)} month ends whose window of {policy.window_days} days has passed stand apart; "
            "three are needed to learn, to calibrate and to judge needs"
        )
    features = "feature.leaving_month"
    paths = [path for month in apart for path in store.paths(manifest.part(features, month))]
    engine.name_files("past.feature_leaving_month", TABLES[features], paths)
    for name in ("core.party", "core.account"):
        engine.name_files(name, TABLES[name], store.paths(manifest.part(name, None)))
    name_restricted(engine, store, manifest)
    rows = _rows(apart, engine, policy, adult_age)
    judge, calibrate, *fit = [month.isoformat() for month in apart]
    return train_needs(rows, fit[::-1], calibrate, judge)


def _snapshots(manifest: Manifest, window: int) -> list[date]:
    """Month ends whose window has passed and overlaps no other's, the newest first; two more than are fitted on."""
    found: list[date] = []
    before = manifest.business_date
    for month in reversed(manifest.months("feature.leaving_month")):
        if len(found) < MOST_FITTED + 2 and month_end(month) + timedelta(days=window) <= before:
            found.append(month)
            before = month_end(month)
    return found


def _rows(months: Sequence[date], engine: DuckEngine, policy: NeedPolicy, adult_age: int) -> Snapshots:
    parts = [snapshot_of(month, engine, policy, adult_age) for month in months]
    return Snapshots(
        tuple(sorted(policy.families)),
        np.concatenate([part.month for part in parts]),
        np.vstack([part.values for part in parts]),
        np.vstack([part.peers for part in parts]),
        np.vstack([part.took for part in parts]),
    )


def snapshot_of(month: date, engine: DuckEngine, policy: NeedPolicy, adult_age: int) -> Snapshots:
    """One month's people: features, the peers' rate and what each took in the window after, a row a person."""
    families = tuple(sorted(policy.families))
    end, window = month_end(month), timedelta(days=policy.window_days)
    minor = is_child("p.birth_date", f"DATE '{end}'", str(adult_age))
    engine.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE taken AS {_TAKEN.format(minor=minor)}",
        [month, end, end, end, end + window, end - window, end, list(families)],
    )
    rated = _asked(engine, _RATED, [policy.cell_weight] * 2)
    person = _asked(engine, _person(), [end, end, month])
    wide = (len(person), len(families))
    return Snapshots(
        families,
        np.full(len(person), month.isoformat()),
        stack([_numbers(person, name) for name in OF_PERSON]),
        rated["rate"].to_numpy().astype(np.float64).reshape(wide),
        rated["took"].to_numpy().astype(np.int8).reshape(wide),
    )


def _person() -> str:
    """The columns of a person, in the order of `rated`: features, then which families were open."""
    held = ", ".join(
        f"CAST(COALESCE(BOOL_OR(a.family = '{name.removeprefix('held_')}'), FALSE) AS DOUBLE) AS {name}"
        for name in HELD
    )
    known = ", ".join(f"ANY_VALUE(f.{name}) AS {name}" for name in COLUMNS)
    return (
        f"SELECT f.party_key, {known}, {held} FROM past.feature_leaving_month AS f "
        "JOIN (SELECT DISTINCT party_key FROM taken) AS t ON t.party_key = f.party_key "
        "LEFT JOIN core.account AS a ON a.party_key = f.party_key AND a.opened_on <= ?::DATE "
        "AND (a.closed_on IS NULL OR a.closed_on > ?::DATE) "
        "WHERE f.month = ?::DATE GROUP BY f.party_key ORDER BY f.party_key"
    )


def _asked(engine: DuckEngine, query: str, told: list[object]) -> pa.Table:
    rows: pa.Table = engine.connection.sql(query, params=told).to_arrow_table()
    return rows


def _numbers(rows: pa.Table, name: str) -> np.ndarray:
    found: np.ndarray = rows[name].to_numpy().astype(np.float64)
    return found
