"""What names an erased customer leaves every file; whatever is somebody else's too stays, row by row."""

import tomllib
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.tables import TABLES
from guanxi.lake import erasing
from guanxi.lake.engine import parquet_files
from guanxi.lake.erasing import ARRIVED, Whom, erase_from, erase_from_runs

GONE, LEFT = "C1", "C2"
KINDS = ("identity", "identifier", "contact_point")
STAY = {"quality.violation": "masked forms of lines that broke a rule, of nobody's number"}


def put(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    """One file of a table; columns that a row does not name are NULL."""
    columns = TABLES[table].columns
    path = folder / table / "all.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    lake = duckdb.connect()
    lake.execute(f"CREATE TABLE t ({', '.join(f'{name} {kind}' for name, kind in columns)})")
    for row in rows:
        lake.execute(
            f"INSERT INTO t ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})", [*row.values()]
        )
    lake.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def rows_of(folder: Path, table: str) -> list[dict[str, object]]:
    lake = duckdb.connect().execute(f"SELECT * FROM {parquet_files([folder / table / 'all.parquet'])}")
    names = [one[0] for one in lake.description]
    assert names == list(TABLES[table].column_names), "a file keeps the columns of its table"
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in lake.fetchall()
    ]


def two_customers(folder: Path, *, same_name: bool = False) -> None:
    """One who goes and one who stays, with a phone of their household, an account of each and one of both."""
    other = "张伟" if same_name else "李娜"
    put(folder, "staged.customers", [
        {"customer_no": GONE, "name": "张伟", "id_no_token": "k1.a", "id_no_masked": "1***1", "occupation": "x"},
        {"customer_no": LEFT, "name": other, "id_no_token": "k1.b", "id_no_masked": "2***2", "occupation": "x"},
    ])  # fmt: skip
    put(folder, "staged.contact_points", [
        {"customer_no": GONE, "kind": "mobile", "value_token": "k1.own", "value_masked": "138****"},
        {"customer_no": GONE, "kind": "phone", "value_token": "k1.both", "value_masked": "021****"},
        {"customer_no": LEFT, "kind": "phone", "value_token": "k1.both", "value_masked": "021****"},
    ])  # fmt: skip
    put(folder, "staged.account_parties", [
        {"account_no": "A1", "customer_no": GONE}, {"account_no": "A2", "customer_no": LEFT},
        {"account_no": "A3", "customer_no": GONE}, {"account_no": "A3", "customer_no": LEFT},
    ])  # fmt: skip
    put(folder, "staged.accounts", [
        {"account_no": one, "card_no_token": f"k1.{one}", "card_no_masked": "6***"} for one in ("A1", "A2", "A3")
    ])  # fmt: skip
    names = {"张伟", other}
    put(folder, "core.link_name", [{"name": name, "name_key": name} for name in sorted(names)])


@pytest.mark.parametrize("same_name", [False, True])
def test_what_is_somebody_elses_too_stays(tmp_path, same_name) -> None:
    two_customers(tmp_path, same_name=same_name)
    before = {table: rows_of(tmp_path, table) for table in ("staged.customers", "staged.contact_points")}
    taken = erase_from(tmp_path, Whom(frozenset({GONE})))
    assert taken.customer_nos == {GONE}
    assert taken.tokens == {"k1.a", "k1.own", "k1.A1"}, (
        "the household's phone and the shared card are not theirs alone"
    )
    assert rows_of(tmp_path, "staged.customers") == [{"customer_no": GONE}, before["staged.customers"][1]]
    assert rows_of(tmp_path, "staged.contact_points") == [before["staged.contact_points"][2]]
    cards = {row["account_no"]: row.get("card_no_token") for row in rows_of(tmp_path, "staged.accounts")}
    assert cards == {"A1": None, "A2": "k1.A2", "A3": "k1.A3"}
    assert [row["name"] for row in rows_of(tmp_path, "core.link_name")] == (
        ["张伟"] if same_name else ["李娜"]
    )


def test_every_run_and_what_arrived_is_reached_and_a_second_time_changes_nothing(tmp_path) -> None:
    for run in ("run=1", "run=2"):
        two_customers(tmp_path / run)
    two_customers(tmp_path / "run=2" / ARRIVED)
    whom = Whom(frozenset({GONE}))
    assert erase_from_runs(tmp_path, whom).tokens == {"k1.a", "k1.own", "k1.A1"}
    held = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert not [path for path in held if path.suffix != ".parquet"]
    for folder in (tmp_path / "run=1", tmp_path / "run=2", tmp_path / "run=2" / ARRIVED):
        assert rows_of(folder, "staged.customers")[0] == {"customer_no": GONE}
    assert erase_from_runs(tmp_path, whom).tokens == frozenset()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == held


@settings(max_examples=20, deadline=None)
@given(gone=st.sets(st.integers(0, 9), max_size=10), quote=st.sampled_from(["", "'", "\"'; --"]))
def test_whoever_is_not_named_keeps_every_value(tmp_path_factory, gone, quote) -> None:
    folder = tmp_path_factory.mktemp("lake")
    rows = [
        {"customer_no": f"C{quote}{n}", "name": f"名{n % 4}{quote}", "occupation": "x"} for n in range(10)
    ]
    put(folder, "staged.customers", rows)
    taken = erase_from(folder, Whom(frozenset(f"C{quote}{n}" for n in gone)))
    assert taken.customer_nos == {f"C{quote}{n}" for n in gone}
    wanted = [{"customer_no": row["customer_no"]} if n in gone else row for n, row in enumerate(rows)]
    assert rows_of(folder, "staged.customers") == wanted


def test_every_column_of_the_data_map_that_names_a_person_is_reached() -> None:
    """A column added to the lake that identifies somebody is found here until erasing knows of it."""
    lake = tomllib.loads(files("guanxi.insight.data_map").joinpath("lake.toml").read_text(encoding="utf8"))
    naming = {
        (f"{family}.{noun}", column)
        for family, tables in lake.items()
        for noun, kinds in tables.items()
        for kind in KINDS
        for column in kinds.get(kind, "").split()
    }
    reached = {(table, column) for table, (_, columns) in erasing.EMPTIED.items() for column in columns}
    whole = {*erasing.REMOVED, erasing.NAMES, *STAY}
    assert {one for one in naming - reached if one[0] not in whole} == set()
    for table, (key, columns) in erasing.EMPTIED.items():
        assert {key, *columns} <= set(TABLES[table].column_names) | {"card_no_valid"}, table
    assert all(key in TABLES[table].column_names for table, key in erasing.REMOVED.items())
