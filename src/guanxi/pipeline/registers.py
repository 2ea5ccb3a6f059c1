"""What people decided in the operational store that a run must know: read once when the run begins, kept with it.

Each register is one `ops.*` table (insight/tables/ops.py) and one SELECT here; a run is a function of these rows too.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pyarrow as pa

from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema

REGISTERS: dict[str, str] = {}


def read_registers(connection: psycopg.Connection[Any]) -> dict[str, pa.Table]:
    """Every register as it stands now, in grain order, by table name; the SELECT names the table's columns in order."""
    return {name: _read(connection, name, select) for name, select in REGISTERS.items()}


def _read(connection: psycopg.Connection[Any], name: str, select: str) -> pa.Table:
    table = TABLES[name]
    rows = connection.execute(
        f"SELECT * FROM ({select}) AS register ORDER BY {', '.join(table.grain)}"
    ).fetchall()
    columns = [[row[place] for row in rows] for place in range(len(table.columns))]
    schema = arrow_schema(table)
    return pa.table(
        [pa.array(values, kind.type) for values, kind in zip(columns, schema, strict=True)], schema=schema
    )
