"""The data that analysts may ask: nothing in the file leads to a person, and its sums are the run's."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from guanxi.insight.tables import TABLES
from guanxi.insight.workbench.views import KNOWN, LEVELS, views
from guanxi.lake.masked import Made, newest, pseudonym, write_masked, write_parquet
from guanxi.lake.store import Manifest, Part, Store

DAY, K = date(2026, 10, 31), 5
KEY = b"k" * 32
MANY = 200


def _customers() -> list[dict[str, object]]:
    chance = random.Random(7)  # noqa: S311  # a made-up bank, the same each time
    return [
        {
            "party_key": 10_000 + number, "customer_no": f"C{number:06d}", "name": f"张某{number}", "kind": "person",
            "sex": chance.choice(["male", "female", None]), "birth_date": date(1950 + number % 50, 3, 17),
            "since": date(chance.choice([2001, 2010, 2020]), 5, 9), "unit_no": chance.choice(["9101"] * 9 + ["9102"]),
            "area": chance.choice(["urban", "rural"]), "id_token": f"tok{number}", "id_masked": f"3205***{number}",
            "keeper_no": "S10002", "employer_name": "某某纺织厂", "village": "石塘村", "is_owner": True,
        }
        for number in range(MANY)
    ]  # fmt: skip


def _part(store: Store, name: str, rows: list[dict[str, object]]) -> Part:
    """A part of a table with these rows; columns not named are NULL."""
    month = DAY.replace(day=1) if TABLES[name].monthly else None
    path = store.part_path("r1", name, month)
    path.parent.mkdir(parents=True)
    with duckdb.connect() as db:
        db.execute(
            f"CREATE TABLE t ({', '.join(f'{column} {kind}' for column, kind in TABLES[name].columns)})"
        )
        db.register("rows", pa.Table.from_pylist(rows))
        db.execute("INSERT INTO t BY NAME SELECT * FROM rows")
        db.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return Part("r1", (str(path.relative_to(store.root)),), len(rows), 0.1, "x")


RESTRICTED = 999_999_999  # a customer under a restriction: in the lake, and in no view


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Made]:
    store = Store(tmp_path_factory.mktemp("lake"))
    people, month = _customers(), DAY.replace(day=1)
    keys = [one["party_key"] for one in people]
    tables: dict[str, list[dict[str, object]]] = {
        "core.party": [*people, people[0] | {"party_key": RESTRICTED}],
        "ops.restriction": [{"party_key": RESTRICTED}],
        "core.party_member": [{"customer_no": "OLD1", "party_key": keys[0]}],
        "core.account": [
            {"account_no": f"6222{key}", "party_key": key, "family": "demand", "opened_on": date(2015, 6, 19)}
            for key in keys
        ],
        "feature.account_month": [{"account_no": f"6222{key}", "month": month, "days": 31} for key in keys],
        "feature.wealth_month": [
            {"party_key": key, "month": month, "aum": key} for key in (*keys, RESTRICTED)
        ],
        "score.behaviour": [
            {"party_key": key, "month": month, "age_band": f"{number % 4}"} for number, key in enumerate(keys)
        ],
        "report.holding": [
            {"month": month, "unit_no": "9101", "families_held": many, "customers": many} for many in (4, 5, 90)
        ],
        "report.attrition": [
            {"month": month, "unit_no": "9101", "tier_rank": 1, "customers": 50, "lost": 2, "declining": 0}
        ],
        "ops.contact": [
            {"contact_id": 1, "customer_no": "OLD1", "day": date(2026, 10, 9), "staff_no": "S10002", "channel": "call"}
        ],
    }  # fmt: skip
    parts = {
        name: {month.isoformat() if TABLES[name].monthly else "all": _part(store, name, rows)}
        for name, rows in tables.items()
    }
    manifest = Manifest("r1", "demo", DAY, None, {}, {}, "w", parts, {})
    return store, write_masked(store, manifest, key=KEY, k=K)


def _ask(made: Made, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(made.file), read_only=True) as db:
        return db.execute(sql).fetchall()


def test_every_view_is_there_also_of_tables_the_run_did_not_make(lake) -> None:
    _store, made = lake
    assert (made.run, made.business_date, made.smallest_group) == ("r1", DAY, K)
    with duckdb.connect(str(made.file), read_only=True) as db:
        for view in views().values():
            found = [row[:2] for row in db.execute(f"DESCRIBE {view.name}").fetchall()]
            assert found == [(column.name, column.kind) for column in view.columns]


def test_who_is_under_a_restriction_stands_in_no_view(lake) -> None:
    _store, made = lake
    alias = pseudonym(KEY, "party", RESTRICTED)
    for name in ("core.party", "feature.wealth_month"):
        assert _ask(made, f"SELECT COUNT(*) FROM {name} WHERE party_key = {alias}") == [(0,)]
        assert _ask(made, f"SELECT COUNT(*) FROM {name}") == [(len(_customers()),)]


def test_what_others_know_of_a_customer_fits_at_least_k(lake) -> None:
    _store, made = lake
    rows = _ask(made, f"SELECT {', '.join(KNOWN)} FROM core.party")
    assert len(rows) == MANY
    for known, many in Counter(rows).items():
        assert many >= K or known == (None,) * len(KNOWN)
    assert Counter(rows).most_common(1)[0][0][KNOWN.index("age_band")] is not None, (
        "everything was taken away"
    )
    assert len(LEVELS) > 1


def test_nothing_that_names_a_person_or_a_day_of_theirs_is_in_the_file(lake) -> None:
    _store, made = lake
    content = made.file.read_bytes()
    for word in ("张某", "C000", "OLD1", "6222", "tok1", "3205***", "S10002", "某某纺织厂", "石塘村"):
        assert word.encode() not in content, word
    with duckdb.connect(str(made.file), read_only=True) as db:
        rows = [row for view in views() for row in db.execute(f"SELECT * FROM {view}").fetchall()]
    told = {str(value) for row in rows for value in row}
    assert not told & {str(10_000 + number) for number in range(MANY)} - {  # amounts here are equal to keys
        f"{10_000 + number}.00" for number in range(MANY)
    }
    assert not told & {"2015-06-19", "2026-10-09", "1950-03-17"}


def test_a_pseudonym_joins_the_views_and_keeps_every_sum(lake) -> None:
    _store, made = lake
    joined = (
        "SELECT COUNT(DISTINCT p.party_key), SUM(w.aum), SUM(m.days) FROM core.party AS p "
        "JOIN feature.wealth_month AS w USING (party_key) JOIN core.account AS a USING (party_key) "
        "JOIN feature.account_month AS m USING (account_no)"
    )
    ((customers, aum, days),) = _ask(made, joined)
    assert (customers, aum, days) == (MANY, sum(10_000 + number for number in range(MANY)), 31 * MANY)
    # A number merged into another finds its customer.
    assert _ask(made, "SELECT COUNT(*) FROM ops.contact JOIN core.party USING (party_key)") == [(1,)]
    own = pseudonym(KEY, "party", 10_000)
    assert _ask(made, f"SELECT channel, day FROM ops.contact WHERE party_key = {own}") == [
        ("call", date(2026, 10, 1))
    ]
    assert own != pseudonym(b"j" * 32, "party", 10_000)


def test_the_order_of_rows_follows_the_pseudonym_and_not_the_key(lake) -> None:
    _store, made = lake
    keys = [row[0] for row in _ask(made, "SELECT party_key FROM core.party ORDER BY rowid")]
    assert keys == sorted(keys)


def test_sums_of_too_few_are_left_out_and_smaller_counts_beside_them_are_empty(lake) -> None:
    _store, made = lake
    assert _ask(made, "SELECT customers FROM report.holding ORDER BY 1") == [(5,), (90,)]
    assert _ask(made, "SELECT customers, lost, declining FROM report.attrition") == [(50, None, 0)]


def test_the_newest_file_is_found_and_written_as_parquet(lake, tmp_path: Path) -> None:
    store, made = lake
    assert newest(store.root) == newest(store.root, "r1") == made
    assert newest(store.root, "another") is None
    written = write_parquet(made, tmp_path / "out")
    assert len(written) == len(views())
    with duckdb.connect() as db:
        assert db.execute(f"SELECT COUNT(*) FROM '{tmp_path}/out/core.party.parquet'").fetchall() == [(MANY,)]
