"""The facts file: whoever reads it reads his own reach, reads nothing else, and waits no longer than he must."""

from __future__ import annotations

import itertools
import os
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.lake.interactive import (
    KEPT,
    FactsError,
    FactsFile,
    LakeReach,
    TooLong,
    facts_path,
    open_facts,
    scoped,
    write_facts,
)

DAY = date(2026, 10, 31)
ROWS = [(key, key % 4, None if key % 3 == 0 else key % 3, key % 5, key * 10) for key in range(1, 41)]
MADE = "SELECT * FROM rows"
COUNT = "SELECT COUNT(*) FROM fact"


def write(path: Path, run: str = "r1", rows: list[tuple[int | None, ...]] = ROWS) -> Path:
    db = duckdb.connect()
    db.execute(
        "CREATE TABLE rows (party_key BIGINT, unit_id INTEGER, keeper_id INTEGER, tier_rank INTEGER, aum BIGINT)"
    )
    db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", rows)
    file = facts_path(path, run)
    assert write_facts(db, MADE, file, business_date=DAY, run=run) == len(rows)
    return file


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> FactsFile:
    return FactsFile(write(tmp_path_factory.mktemp("lake")))


def seen(facts: FactsFile, reach: LakeReach) -> set[int]:
    return {row[0] for row in facts.read_for(reach, "SELECT party_key FROM fact")}


keys = st.integers(1, 45)
moves = st.dictionaries(keys, st.booleans(), max_size=6).map(lambda made: tuple(made.items()))
few = st.frozensets(st.integers(0, 4), max_size=3)
reaches = st.builds(LakeReach, st.just(False), few, few, moves)


@settings(max_examples=150, deadline=None)
@given(reaches)
def test_each_reach_sees_its_units_or_else_its_book_and_who_moved_where_they_are_now(facts, reach) -> None:
    moved = dict(reach.moved)

    def inside(key: int, unit: int, keeper: int | None) -> bool:
        if key in moved:
            return moved[key]
        return unit in reach.unit_ids if reach.unit_ids else keeper in reach.keeper_ids

    assert seen(facts, reach) == {row[0] for row in ROWS if inside(row[0], row[1], row[2])}


def test_nobody_sees_nothing_and_the_bank_sees_everybody(facts) -> None:
    assert seen(facts, LakeReach()) == set()
    assert seen(facts, LakeReach(whole_bank=True)) == {row[0] for row in ROWS}


FORMS = (
    "SELECT COUNT(*) FROM fact",
    "SELECT COUNT(*) FROM fact AS f WHERE f.aum > 0",
    "WITH some AS (SELECT * FROM fact) SELECT COUNT(*) FROM some",
    "SELECT (SELECT COUNT(*) FROM fact)",
    "SELECT COUNT(*) FROM (SELECT party_key FROM fact UNION ALL SELECT party_key FROM fact WHERE FALSE) AS two",
    "SELECT SUM(CASE WHEN party_key IN (SELECT party_key FROM fact) THEN 1 ELSE 0 END) FROM fact",
    "SELECT COUNT(*) FROM fact AS a JOIN fact AS b USING (party_key)",
)


@pytest.mark.parametrize("query", FORMS)
def test_the_reach_is_put_in_wherever_a_query_names_the_facts(facts, query) -> None:
    mine = LakeReach(unit_ids=frozenset({1}))
    assert facts.read_for(mine, query) == [(10,)]


REFUSED = (
    "SELECT * FROM about",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM main.fact",
    "SELECT * FROM chosen",
    "WITH fact AS (SELECT 1) SELECT * FROM fact",
    "SELECT getenv('HOME') FROM fact",
    "SELECT current_setting('memory_limit') FROM fact",
    "DROP TABLE fact",
    "COPY fact TO '/tmp/out.csv'",
    "ATTACH '/tmp/x.duckdb'",
    "PRAGMA database_list",
)


@pytest.mark.parametrize("query", REFUSED)
def test_nothing_but_the_facts_can_be_read(facts, query) -> None:
    with pytest.raises(FactsError):
        facts.read_for(LakeReach(whole_bank=True), query)


def test_the_file_itself_can_reach_nothing_outside_and_change_nothing(facts) -> None:
    connection = facts._connection.cursor()
    for query in (
        "SELECT * FROM read_csv('/etc/passwd')",
        "DELETE FROM fact",
        "SET enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(query).fetchall()


def test_a_list_of_customers_counts_only_those_within_reach(facts) -> None:
    query = "SELECT COUNT(*) FROM fact WHERE party_key IN (SELECT party_key FROM chosen)"
    counted = facts.read_for(LakeReach(unit_ids=frozenset({1})), query, chosen={"chosen": [1, 2, 5, 999]})
    assert counted == [(2,)]


def test_a_question_over_its_budget_is_stopped(tmp_path: Path) -> None:
    some = [(key, 1, None, 1, key) for key in range(2000)]
    hasty = FactsFile(write(tmp_path, rows=some), seconds=0.02)
    crossed = "SELECT COUNT(*) FROM fact AS a, fact AS b, fact AS c WHERE a.aum + b.aum > c.aum"
    with pytest.raises(TooLong):
        hasty.read_for(LakeReach(whole_bank=True), crossed)
    assert FactsFile(hasty.path).read_for(LakeReach(whole_bank=True), COUNT) == [(2000,)]


def test_rows_stand_sorted_by_unit_and_tier(facts) -> None:
    rows = facts._connection.cursor().execute("SELECT unit_id, tier_rank, party_key FROM fact").fetchall()
    assert rows == sorted(rows)


def test_a_file_swapped_under_its_name_is_opened_anew_and_old_readers_stay_in_theirs(tmp_path: Path) -> None:
    path, everyone = write(tmp_path), LakeReach(whole_bank=True)
    first = open_facts(path)
    assert first is open_facts(path)
    write(tmp_path, rows=ROWS[:7])
    second = open_facts(path)
    assert second is not None
    assert first is not None
    assert [file.read_for(everyone, COUNT) for file in (first, second)] == [[(40,)], [(7,)]]
    assert (second.business_date, second.run) == (DAY, "r1")
    assert open_facts(facts_path(tmp_path, "no-such-run")) is None


def test_only_the_newest_files_stay(tmp_path: Path) -> None:
    for number, made in zip(range(KEPT + 2), itertools.count(1_700_000_000), strict=False):
        os.utime(write(tmp_path, f"r{number}").resolve(), (made, made))
    kept = {file.name for file in (tmp_path / "interactive").iterdir()}
    assert kept == {f"r{number}{rest}" for number in range(2, KEPT + 2) for rest in (".duckdb", "@1.facts")}


def test_a_query_given_as_a_tree_is_left_as_it_was() -> None:
    import sqlglot

    tree = sqlglot.parse_one(COUNT, dialect="duckdb")
    scoped(tree, LakeReach())
    assert tree.sql("duckdb") == COUNT
