"""What nights inherit equals history made again, row by row, whatever the bank changes without a date."""

import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from tests.pipeline.nights import ROOT, rows_of, run_once

from guanxi.insight.policies import load_policy
from guanxi.insight.staging.contract import BY_NAME, FILES, Column, ExtractFile, Kind
from guanxi.insight.tables import DATED_FILES
from guanxi.insight.way import the_way
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import Manifest, Store
from guanxi.lake.sweeping import sweep
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.demo.bank import generate
from guanxi.pipeline.lab.recut import Ground, policy_tables
from guanxi.pipeline.night import read_by_run
from guanxi.pipeline.progress import Silent
from guanxi.pipeline.rebuild import made_by_both, rebuild, rows_apart

NIGHTS = FIRST, SECOND, THIRD = date(2026, 9, 14), date(2026, 10, 14), date(2026, 10, 31)
JULY, SEPTEMBER = "2026-07-01", "2026-09-01"
LATE, CLOSED, OPENED = "a balance", "an account closed", "an account opened"
# What the bank dates, and what linkage goes by (tests/pipeline/test_merging.py), are changed elsewhere.
DATED = {"accounts": {"opened_on", "closed_on"}, "fx_rates": {"mid"}, "ftp_rates": {"rate"}}
NOT_SENT = {("accounts", "family"), ("contact_points", "is_primary")}
OTHER = {
    Kind.DAY: "CAST(COALESCE({0}, '2026-09-01') AS DATE) + INTERVAL 45 DAY",
    Kind.MONEY: "CAST(COALESCE({0}, '0') AS DECIMAL(18,2)) + 1234.56",
    Kind.RATE: "CAST(COALESCE({0}, '0') AS DECIMAL(18,8)) + 0.0125",
    Kind.SHARE: "ABS(CASE WHEN CAST({0} AS DECIMAL(9,8)) < 1 THEN 1 ELSE 0 END - CAST({0} AS DECIMAL(9,8)))",
    Kind.COUNT: "CAST(COALESCE({0}, '0') AS BIGINT) + 31",
    Kind.FLAG: "NOT CAST(COALESCE({0}, 'false') AS BOOLEAN)",
}


def undated(file: ExtractFile) -> list[Column]:
    """The columns of a snapshot file that say nothing of when they began."""
    known = {*file.key, *DATED.get(file.name, ())}
    return [
        column for column in file.columns if column.name not in known and column.kind is not Kind.PERSONAL
    ]


def other_value(column: Column, listed: list[str]) -> str:
    """SQL for another value than the row has."""
    if column.kind in OTHER:
        return OTHER[column.kind].format(f'"{column.name}"')
    values = [*(column.values or listed or ["one", "other"])]
    after = zip(values, [*values[1:], values[0]], strict=True)
    cases = " ".join(f"WHEN '{one}' THEN '{other}'" for one, other in after)
    return f"CASE COALESCE(\"{column.name}\", '{values[0]}') {cases} ELSE '{values[0]}' END"


def change(path: Path, number: int) -> set[tuple[str, str]]:
    """Give a quarter of a file's rows another value in each undated column, each column other rows; tells which."""
    file, lake = BY_NAME[path.stem], duckdb.connect()
    lake.execute(
        f"CREATE TABLE held AS SELECT *, ROW_NUMBER() OVER () AS n FROM read_csv('{path}', all_varchar=true)"
    )
    columns = [column for column in undated(file) if column.name in lake.table("held").columns]
    for at, column in enumerate(columns):
        name = f'"{column.name}"'
        listed = lake.execute(
            f"SELECT DISTINCT {name} FROM held WHERE {name} <> '' ORDER BY 1 LIMIT 9"
        ).fetchall()
        lake.execute(
            f"UPDATE held SET {name} = CAST({other_value(column, [one for (one,) in listed])} AS VARCHAR) "
            f"WHERE (n + {at * 3 + number}) % 4 = 0 OR {column.kind is Kind.SHARE}"
        )
    lake.execute(f"COPY (SELECT * EXCLUDE (n) FROM held ORDER BY n) TO '{path}' (HEADER)")
    return {(file.name, column.name) for column in columns}


def share_account(path: Path) -> None:
    """Give the first account a second owner, six parts to four."""
    lines = path.read_text(encoding="utf8").splitlines()
    first, second = (line.split(",") for line in lines[1:3])
    both = [[*first[:3], "0.60000000"], [first[0], second[1], '"joint"', "0.40000000"]]
    path.write_text("\n".join([lines[0], *map(",".join, both), *lines[2:]]) + "\n", encoding="utf8")


def write(path: Path, select: str) -> None:
    """The file anew, as this SELECT over it says."""
    how = "FORMAT parquet" if path.suffix == ".parquet" else "FORMAT csv, HEADER"
    duckdb.execute(f"COPY ({select.format(path)}) TO '{path}.new' ({how})")
    path.with_name(path.name + ".new").rename(path)


def correct(night: Path) -> dict[str, str]:
    """Late news of September: a balance, an account closed, another opened, and a rate; returns whose accounts."""
    accounts, balances = night / "accounts.csv", night / "balances.parquet"
    late, closed = (
        one
        for (one,) in duckdb.execute(
            f"SELECT account_no FROM read_csv('{accounts}', all_varchar=true) WHERE opened_on < '2026-08-01' "
            "AND closed_on IS NULL AND loan_class IS NULL ORDER BY 1 DESC LIMIT 2"
        ).fetchall()
    )
    write(
        accounts,
        "WITH held AS (SELECT * FROM read_csv('{0}', all_varchar=true)) "
        f"SELECT * REPLACE (CASE WHEN account_no = '{closed}' THEN '2026-09-25' ELSE closed_on END AS closed_on) "
        f"FROM held UNION ALL SELECT * REPLACE ('late-1' AS account_no, '2026-09-20' AS opened_on) FROM held "
        f"WHERE account_no = '{late}'",
    )
    write(
        night / "account_parties.csv",
        "WITH held AS (SELECT * FROM read_csv('{0}', all_varchar=true)) SELECT * FROM held UNION ALL "
        f"SELECT * REPLACE ('late-1' AS account_no) FROM held WHERE account_no = '{late}'",
    )
    write(
        balances,
        "SELECT * FROM '{0}' UNION ALL SELECT * REPLACE (said.no AS account_no, DATE '2026-09-30' AS day, 7777 AS "
        f"balance) FROM (SELECT * FROM '{{0}}' LIMIT 1), (VALUES ('{late}'), ('late-1')) AS said(no)".replace(
            "SELECT * REPLACE", "SELECT * EXCLUDE (no) REPLACE"
        ),
    )
    write(
        night / "fx_rates.csv",
        "SELECT * REPLACE (CASE day WHEN '2026-09-30' THEN mid * 2 ELSE mid END AS mid) FROM '{0}'",
    )
    return {LATE: late, CLOSED: closed, OPENED: "late-1"}


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Three nights of one bank; each after the first changes every undated column, the third corrects September."""
    whole, extracts = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("nights")
    generate(whole, customers=60, months=4, seed=19, until=THIRD)
    changed: set[tuple[str, str]] = set()
    for number, (before, on) in enumerate(pairwise((date.min, *NIGHTS))):
        night = extracts / on.isoformat()
        shutil.copytree(whole / THIRD.isoformat(), night)
        (night / "manifest.toml").unlink()
        for path in night.glob("*.parquet"):
            write(path, f"SELECT * FROM '{{0}}' WHERE day > DATE '{before}' AND day <= DATE '{on}'")
        share_account(night / "account_parties.csv")
        changed = {one for path in night.glob("*.csv") if number for one in change(path, number)}
    # a list that lacks a product one night: the accounts that name it count by that night's list
    write(
        extracts / SECOND.isoformat() / "products.csv", "SELECT * FROM '{0}' WHERE product_code <> 'TD-24M'"
    )
    corrected = correct(extracts / THIRD.isoformat())
    sent = {(file.name, one.name) for file in FILES if file.name not in DATED_FILES for one in undated(file)}
    assert sent - changed == NOT_SENT
    home = tmp_path_factory.mktemp("home") / "home"
    return home, [run_once(home, extracts, on) for on in NIGHTS], corrected


def apart(home: Path, manifest: Manifest) -> tuple[dict[str, int], set[str]]:
    """Parts that a rebuild of all history makes with other rows, and how many; parts that it does not make."""
    bank = open_bank(ROOT / "banks" / "demo", home)
    policies = read_by_run({kind: load_policy(kind, body) for kind, body in bank.policy_payloads().items()})
    ground = Ground(Store(bank.lake), manifest, "CNY", "daily")
    with DuckEngine(home / "spill", threads=1) as engine:
        parts, known = rebuild(ground, engine, policy_tables(policies), "rebuilt", Silent())
        both = {
            name: rows_apart(engine, ground.store, one, other)
            for name, one, other in made_by_both(manifest, parts, known)
        }
    # What is made of the last month alone is kept of earlier runs' last months too.
    steps = {step.name for step in the_way() if step.months != "last"}
    kept = {f"{name}@{key}" for name in steps for key in manifest.parts.get(name, {})}
    kept |= {
        f"{name}@{month}" for month, held in manifest.known.items() for name in steps & held.parts.keys()
    }
    return {name: rows for name, rows in both.items() if rows}, kept - both.keys()


def test_a_rebuild_of_all_history_equals_the_inherited_months(nights) -> None:
    home, (first, _, third), _ = nights
    assert third.parts["feature.account_margin"][JULY].run == first.run
    assert apart(home, third) == ({}, set())


def test_what_a_sweep_leaves_is_enough_to_make_all_history_again(nights, tmp_path) -> None:
    home, (_, _, third), _ = nights
    shutil.copytree(home, tmp_path / "home")
    store = Store(open_bank(ROOT / "banks" / "demo", tmp_path / "home").lake)
    assert sweep(store, 1).files > 0
    assert apart(tmp_path / "home", third) == ({}, set())


def test_a_closed_month_keeps_what_was_known_and_takes_what_is_dated(nights) -> None:
    home, (_, second, third), corrected = nights
    assert third.facts["computed"] == [SEPTEMBER, "2026-10-01"]

    def said(manifest: Manifest, table: str) -> dict[object, tuple[object, ...]]:
        return {row[0]: row for row in rows_of(home, manifest, table, SEPTEMBER)}

    before, after = said(second, "feature.account_month"), said(third, "feature.account_month")
    moved = {one for one in after if after[one] != before.get(one)}
    abroad = {row[0] for row in after.values() if "USD" in row or "HKD" in row}
    assert {*corrected.values()} <= moved <= {*corrected.values()} | abroad
    assert second.known[SEPTEMBER].on == third.known[SEPTEMBER].on == SECOND
    # the loan classes, rates and terms that the third night changed are not September's
    before, after = said(second, "feature.account_margin"), said(third, "feature.account_margin")
    assert {one for one in after if after[one] != before.get(one)} <= {*corrected.values()} | abroad
