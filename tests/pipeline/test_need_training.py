"""Whom needs are learnt from: persons of age at the month's end, under no restriction, with an account."""

from datetime import date

from tests.pipeline.nights import ROOT

from guanxi.insight.policies import load_policy
from guanxi.insight.policies.need import NeedPolicy
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.need_training import snapshot_of

MONTH, ADULT = date(2026, 4, 1), 18
BORN = {
    1: date(2008, 4, 29),  # eighteen full years from the day after the birthday: of age on 30 April
    2: date(2008, 4, 30),  # of age from 1 May
    3: date(1980, 1, 1),
    4: None,
    5: date(1980, 1, 1),  # under a restriction
    6: date(1980, 1, 1),  # a company
    7: date(1980, 1, 1),  # no account
}


def put(engine: DuckEngine, name: str, table: str, rows: list[dict[str, object]]) -> None:
    columns = ", ".join(f"{column} {kind}" for column, kind in TABLES[table].columns)
    engine.connection.execute(
        f"CREATE SCHEMA IF NOT EXISTS {name.split('.', maxsplit=1)[0]}; CREATE TABLE {name} ({columns})"
    )
    for row in rows:
        marks = ", ".join("?" for _ in row)
        engine.connection.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", [*row.values()])


def test_nobody_who_is_told_no_need_is_learnt_from(tmp_path) -> None:
    policy = load_policy("need", open_bank(ROOT / "banks" / "demo", tmp_path).policy_payloads()["need"])
    assert isinstance(policy, NeedPolicy)
    with DuckEngine(tmp_path / "spill", threads=1) as engine:
        put(engine, "past.feature_leaving_month", "feature.leaving_month", [
            {"party_key": key, "month": MONTH, "accounts": float(key != 7), "age": float(key)} for key in BORN
        ])  # fmt: skip
        put(engine, "core.party", "core.party", [
            {"party_key": key, "kind": "company" if key == 6 else "person", "birth_date": born}
            for key, born in BORN.items()
        ])  # fmt: skip
        put(engine, "core.account", "core.account", [])
        put(engine, "ops.restriction", "ops.restriction", [{"party_key": 5}])
        made = snapshot_of(MONTH, engine, policy, ADULT)
        learnt = engine.connection.execute("SELECT DISTINCT party_key FROM taken ORDER BY 1").fetchall()
    assert [key for (key,) in learnt] == [1, 3, 4]
    assert made.took.shape == (3, len(policy.families))
