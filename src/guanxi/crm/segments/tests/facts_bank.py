"""A facts file for tests: the customers that stand in PostgreSQL, with a few facts of one's choosing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.scores.models import Run
from guanxi.insight.segments.facts import WIDE
from guanxi.insight.tables import TABLES
from guanxi.lake.interactive import facts_path, write_facts

KEYS = (("unit_id", "BIGINT"), ("keeper_id", "BIGINT"))


def write_facts_of(home: Path, run: Run, facts: Mapping[int, Mapping[str, Any]] | None = None) -> None:
    """Make the run's file below this home; facts by party key over a plain grown-up with AUM 100."""
    shape = (*TABLES[WIDE].columns, *KEYS)
    with testing.everything():
        parties = list(Party.objects.select_related("unit"))
    rows = [_row(party, (facts or {}).get(party.pk, {})) for party in parties]
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE rows ({', '.join(f'{name} {kind}' for name, kind in shape)})")
        marks = ", ".join("?" for _ in shape)
        db.executemany(
            f"INSERT INTO rows VALUES ({marks})", [[row.get(name) for name, _ in shape] for row in rows]
        )
        path = facts_path(home / "lake", run.pk)
        write_facts(db, "SELECT * FROM rows", path, business_date=run.business_date, run=run.pk)


def _row(party: Party, facts: Mapping[str, Any]) -> dict[str, Any]:
    flags = {name: False for name, kind in TABLES[WIDE].columns if kind == "BOOLEAN"}
    plain = {
        "party_key": party.pk, "unit_no": party.unit.unit_no, "unit_id": party.unit_id, "keeper_id": party.keeper_id,
        "kind": "person", "state": "active", "age": 40, "age_band": "36-45", "aum": 100, "tier_scheme": "person",
        "tier_rank": 1, "business_date": testing.BUSINESS_DATE,
    }  # fmt: skip
    return flags | plain | dict(facts)
