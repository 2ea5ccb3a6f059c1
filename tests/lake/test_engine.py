"""The engine keeps a table's promise: columns, types, unique grain, fixed order, buckets."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from guanxi.insight.tables import Table
from guanxi.lake.engine import DuckEngine, EngineMissing, PromiseBroken
from guanxi.lake.engines import open_engine

SHAPE = Table(
    "feature.a",
    ("party_key",),
    (("party_key", "BIGINT"), ("bucket", "SMALLINT"), ("amount", "DECIMAL(18,2)")),
)


@pytest.fixture
def engine(tmp_path: Path):
    with DuckEngine(tmp_path / "spill") as made:
        yield made


def test_rows_are_written_in_grain_order_with_the_declared_types(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = engine.write(
        "SELECT 7 - i AS party_key, i AS bucket, i * 1.005 AS amount FROM range(5) r(i)", SHAPE, path
    )
    assert rows == 5
    assert [key for (key,) in duckdb.connect().execute(f"SELECT party_key FROM '{path}'").fetchall()] == [
        3,
        4,
        5,
        6,
        7,
    ]
    types = [str(kind) for kind in duckdb.connect().sql(f"SELECT * FROM '{path}'").types]
    assert types == ["BIGINT", "SMALLINT", "DECIMAL(18,2)"]


def test_rows_of_a_python_step_keep_the_same_promise_as_a_select(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = pa.table({"amount": [1.5, 2.25], "party_key": [9, 3], "bucket": [0, 0]})
    assert engine.write_rows(rows, SHAPE, path) == 2
    assert engine.arrow(f"SELECT party_key, CAST(amount AS VARCHAR) AS amount FROM '{path}'").to_pylist() == [
        {"party_key": 3, "amount": "2.25"},
        {"party_key": 9, "amount": "1.50"},
    ]
    with pytest.raises(PromiseBroken, match="share their grain"):
        engine.write_rows(pa.concat_tables([rows, rows]), SHAPE, tmp_path / "b.parquet")


def test_two_rows_of_one_grain_break_the_promise_and_leave_no_file(
    engine: DuckEngine, tmp_path: Path
) -> None:
    path = tmp_path / "a.parquet"
    with pytest.raises(PromiseBroken, match="share their grain"):
        engine.write("SELECT 1 AS party_key, i AS bucket, 0 AS amount FROM range(2) r(i)", SHAPE, path)
    assert list(tmp_path.glob("a.*")) == []


def test_a_missing_or_extra_column_breaks_the_promise(engine: DuckEngine, tmp_path: Path) -> None:
    with pytest.raises(PromiseBroken, match=r"missing \['amount'\], not promised \['sum'\]"):
        engine.write("SELECT 1 AS party_key, 1 AS bucket, 0 AS sum", SHAPE, tmp_path / "a.parquet")


def test_a_table_without_files_is_empty_and_of_the_same_shape(engine: DuckEngine) -> None:
    engine.name_files("feature.a", SHAPE, [])
    assert engine.rows("SELECT party_key, amount FROM feature.a") == []


def test_a_bucket_group_sees_its_own_rows_only(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    engine.write("SELECT i AS party_key, i % 4 AS bucket, 0 AS amount FROM range(8) r(i)", SHAPE, path)
    engine.name_files("feature.a", SHAPE, [path], buckets=(1, 2))
    assert engine.rows("SELECT party_key FROM feature.a ORDER BY party_key") == [(1,), (2,), (5,), (6,)]
    engine.name_files("feature.a", SHAPE, [path])
    assert engine.rows("SELECT COUNT(*) FROM feature.a") == [(8,)]


def test_the_environment_picks_the_engine_and_its_settings(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("GUANXI_ENGINE", raising=False)
    monkeypatch.setenv("GUANXI_LAKE_THREADS", "1")
    with open_engine(tmp_path) as engine:
        assert (engine.name, engine.local) == ("duckdb", engine)
        assert engine.rows("SELECT current_setting('threads')") == [(1,)]


def test_an_unknown_engine_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GUANXI_ENGINE", "hive")
    with pytest.raises(EngineMissing, match="hive; it can be duckdb or spark"):
        open_engine(tmp_path)


def test_spark_without_java_says_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GUANXI_ENGINE", "spark")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissing, match="default-jre-headless"):
        open_engine(tmp_path)


def test_a_part_written_before_a_column_was_added_reads_as_nothing_known(
    engine: DuckEngine, tmp_path: Path
) -> None:
    older = Table("feature.a", ("party_key",), SHAPE.columns[:2])
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    engine.write("SELECT 1 AS party_key, 0 AS bucket", older, first)
    engine.write("SELECT 2 AS party_key, 0 AS bucket, 5 AS amount", SHAPE, second)
    for paths in ([first, second], [second, first]):
        engine.name_files("feature.a", SHAPE, paths)
        rows = engine.rows("SELECT party_key, amount FROM feature.a ORDER BY party_key")
        assert rows == [(1, None), (2, Decimal(5))]
    engine.name_files("feature.a", SHAPE, [first], buckets=(0, 3))
    assert engine.rows("SELECT party_key, amount FROM feature.a") == [(1, None)]
