"""Publishing of read-outs (效果评估): tonight's look beside those before; the same night again replaces its own."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from guanxi.pipeline.copying import Merged, copy_rows
from guanxi.pipeline.publish.source import Source

Connection = psycopg.Connection[tuple[Any, ...]]

TABLE = "effects_effectreadout"
COLUMNS = (
    "campaign", "measure", "is_main", "arm", "dimension", "subgroup", "day", "n_treated", "n_control", "mean_treated",
    "mean_control", "plain", "lift", "error", "low", "high", "fixed_low", "fixed_high", "variance_kept", "seen",
    "planned", "verdict", "reason", "srm_p", "differ_p", "exposed", "contaminated", "cost_fen",
)  # fmt: skip
LOOKS = """
SELECT campaign, measure, is_main, arm, dimension, subgroup, day, treated, control, mean_treated, mean_control, plain,
       lift, error, low, high, fixed_low, fixed_high, variance_kept, seen, planned, verdict, reason, ratio_p, differ_p,
       exposed, contaminated, COALESCE(fen(cost), 0)
FROM effect.readout
"""


def publish_effects(connection: Connection, source: Source) -> dict[str, Merged]:
    """Write tonight's looks; returns what was written, by table."""
    gone = connection.execute(
        sql.SQL("DELETE FROM {} WHERE day = %s").format(sql.Identifier(TABLE)),
        [source.manifest.business_date],
    ).rowcount
    arrived = copy_rows(connection, source.engine.connection, LOOKS, sql.Identifier(TABLE), COLUMNS)
    return {TABLE: Merged(arrived, arrived, gone)}
