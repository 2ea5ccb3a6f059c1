"""What tests of segments start from: a facts file of the customers in PostgreSQL, people who are old, rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.scores.models import Run
from guanxi.crm.segments import services
from guanxi.crm.segments.counting import facts_for
from guanxi.crm.segments.models import Segment
from guanxi.insight.segments import read_rule
from guanxi.insight.segments.facts import WIDE
from guanxi.insight.tables import TABLES
from guanxi.lake.interactive import facts_path, write_facts

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
OLD = {"fact": "age", "is": "at_least", "values": [60]}
RICH = {"fact": "aum", "is": "at_least", "values": ["500000.00"]}
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


def add(
    screen: testing.Screen, *, unit: Any = None, keeper: Any = None, name: str = "张三", **figures: Any
) -> Party:
    party = testing.make_party(unit or screen.people.outlet, keeper=keeper, name=name)
    testing.make_score(party, screen.run, **({"aum_fen": 10_000} | figures))
    return party


def count(staff: Staff, rule: dict[str, Any] = OLD) -> int:
    with acting_as(staff, today=testing.TODAY) as reach:
        facts = facts_for(reach)
        assert facts is not None
        return facts.count(read_rule(rule)).customers


def make(
    staff: Staff, name: str = "老年客户", rule: dict[str, Any] = OLD, shared_with: Any = None
) -> Segment:
    with acting_as(staff, today=testing.TODAY) as reach:
        return services.make_segment(
            by=staff,
            reach=reach,
            name=name,
            purpose="",
            rule=read_rule(rule),
            shared_with=shared_with,
            now=NOW,
        )


def four_old(screen: testing.Screen, home: Path) -> dict[str, Party]:
    """Alice's customer, one of Bob's, one of nobody's at the outlet, one of Charlie's elsewhere; all are 70."""
    people = screen.people
    made = {
        "alice": people.customer,
        "bob": add(screen, keeper=people.bob),
        "nobody": add(screen),
        "charlie": add(screen, unit=people.elsewhere, keeper=people.charlie, name="陌生人"),
    }
    write_facts_of(home, screen.run, {party.pk: {"age": 70} for party in made.values()})
    return made
