"""The places where the same words once meant another number on Spark: rounding, division, days, order, overflow."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from pyspark.errors import ArithmeticException
from tests.parity.quick import COMPILED, INTERPRETED
from tests.parity.same import apart

from guanxi.insight.tables import Table
from guanxi.lake.engine import DuckEngine, LakeEngine, PromiseBroken
from guanxi.lake.spark import SparkEngine

COLUMNS = (
    ("k", "INTEGER"), ("money", "DECIMAL(18,2)"), ("rate", "DECIMAL(18,8)"), ("real", "DOUBLE"),
    ("day", "DATE"), ("word", "VARCHAR"), ("flag", "BOOLEAN"), ("whole", "BIGINT"),
)  # fmt: skip
EDGES = ("0", "0.01", "-0.01", "0.05", "1.01", "9999999999999999.99", "-9999999999999999.99", "200000000.05")
SELECT = """
SELECT k, money / 3 AS a_third, money / whole AS per_whole, 1e-1 * number / 6e0 AS sixth,
       CAST(number AS DECIMAL(18,2)) AS money_of_number, ROUND(number, 2) AS cents, ROUND(number, 0) AS round_off,
       CAST(number AS BIGINT) AS whole_of_number, CAST(CAST(money AS DECIMAL(20,2)) * 3 AS BIGINT) AS whole_of_money,
       CAST(money AS DECIMAL(38,2)) * rate AS product, ROUND(CAST(money AS DECIMAL(24,2)) * rate, 2) AS paid,
       whole // 7 AS sevenths, -whole // 7 AS minus_sevenths, whole % 7 AS left_over,
       DATE_DIFF('day', DATE '2024-02-29', day) AS days, YEAR(day) * 12 + MONTH(day) AS months,
       ROW_NUMBER() OVER (ORDER BY word DESC, k ASC NULLS LAST) AS place_down,
       ROW_NUMBER() OVER (ORDER BY word, k) AS place_up, LEAST(money, 5) AS least, GREATEST(word, 'b') AS most,
       COALESCE(flag, FALSE) OR word LIKE '甲%' AS told, word || '-' || k AS joined, CONCAT(word, 'x') AS put_together,
       SUM(money) OVER (PARTITION BY flag) AS total, word IS DISTINCT FROM 'a' AS differs, LENGTH(word) AS letters
FROM (SELECT hostile.*, CAST(real AS DOUBLE) AS number FROM core.hostile) AS hostile
"""


def hostile_rows() -> list[tuple[object, ...]]:
    dice = random.Random(5)  # noqa: S311 - rows made again from their seed, no secret
    words = (None, "", "a", "B", "b", "甲", "甲乙", "é", "Z ")
    made: list[tuple[object, ...]] = []
    for k in range(400):
        money = Decimal(dice.choice(EDGES)) if k < 40 else Decimal(dice.randint(-(10**11), 10**11)) / 100
        number = (
            dice.choice((0.5, 1.5, 2.5, -0.5, 1.005, 2.675, -1.005, 33.335))
            if k % 2
            else dice.uniform(-1e6, 1e6)
        )
        day = dice.choice(("1899-12-31", "2024-02-29", "2024-03-01", "2023-02-28", "2025-12-31"))
        row = (k, money, Decimal(dice.randint(0, 10**9)) / 10**8, number, day, dice.choice(words))
        row += (dice.choice((True, False, None)), dice.choice((-13, -7, -1, 1, 6, 7, 10**12)))
        made.append(
            tuple(None if place and dice.random() < 0.05 else value for place, value in enumerate(row))
        )
    return made


def said(engine: LakeEngine, select: str) -> list[tuple[object, ...]]:
    engine.name_rows("core.hostile", COLUMNS, hostile_rows())
    return engine.rows(f"SELECT * FROM ({select}) AS made ORDER BY k")


@pytest.mark.parametrize("plans", [INTERPRETED, COMPILED], ids=["interpreted", "compiled"])
def test_every_expression_says_the_same_number_on_both_engines(
    duck: DuckEngine, spark: SparkEngine, plans: Mapping[str, str]
) -> None:
    expected = said(duck, SELECT)
    try:
        for key, value in plans.items():
            spark.session.conf.set(key, value)
        assert apart(expected, said(spark, SELECT)) == []
    finally:
        for key, value in INTERPRETED.items():
            spark.session.conf.set(key, value)


@pytest.mark.parametrize(
    "expression",
    ["CAST(money AS DECIMAL(38,2)) * 1000000000000000000000000 * 1000", "CAST(whole * 1000000 AS INTEGER)"],
)
def test_an_overflow_stops_both_engines(duck: DuckEngine, spark: SparkEngine, expression: str) -> None:
    select = f"SELECT k, {expression} AS made FROM core.hostile"
    with pytest.raises(duckdb.Error):
        said(duck, select)
    with pytest.raises(ArithmeticException):
        said(spark, select)


SHAPE = Table(
    "feature.a",
    ("party_key", "day"),
    (
        ("party_key", "BIGINT"),
        ("day", "DATE"),
        ("bucket", "SMALLINT"),
        ("amount", "DECIMAL(18,2)"),
        ("rank", "INTEGER"),
    ),
)
MADE = (
    "SELECT 9 - whole AS party_key, CAST(day AS DATE) AS day, 1 AS bucket, CAST(whole AS DOUBLE) * 1.005e0 AS amount, "
    "CAST(whole AS DOUBLE) / 2e0 AS rank FROM core.few"
)
FEW = [(1, "2024-02-29"), (3, None), (5, "1899-12-31"), (9, "2024-01-01"), (2, "2024-02-29")]


def few(engine: LakeEngine, rows: list[tuple[int, str | None]]) -> None:
    engine.name_rows("core.few", (("whole", "BIGINT"), ("day", "DATE")), rows)


def test_a_part_is_the_same_file_to_a_reader_whoever_wrote_it(
    duck: DuckEngine, spark: SparkEngine, part: Path
) -> None:
    told = []
    for engine in (duck, spark):
        few(engine, FEW)
        assert engine.write(MADE, SHAPE, part) == len(FEW)
        assert engine.written(part) == [part]
        held = duck.connection.execute(f"DESCRIBE SELECT * FROM '{part}'").fetchall()
        told.append(([row[:2] for row in held], duck.rows(f"SELECT * FROM '{part}'")))
    assert told[0] == told[1]


def test_the_promise_holds_on_spark_and_a_broken_one_leaves_no_file(spark: SparkEngine, part: Path) -> None:
    few(spark, [*FEW, FEW[0]])
    with pytest.raises(PromiseBroken, match="1 rows share their grain"):
        spark.write(MADE, SHAPE, part)
    with pytest.raises(
        PromiseBroken, match=r"missing \['amount', 'bucket', 'rank'\], not promised \['whole'\]"
    ):
        spark.write("SELECT whole, whole AS party_key, day FROM core.few", SHAPE, part)
    assert list(part.parent.iterdir()) == []


def test_a_large_part_lies_in_several_files_that_follow_each_other_in_grain_order(
    spark: SparkEngine, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.lake.spark.CHECKED_HERE", 0)
    monkeypatch.setattr(SparkEngine, "_partitions", lambda _engine, _size: 4)
    few(spark, [(number, "2024-02-29") for number in range(2000)])
    assert spark.write(MADE, SHAPE, part) == 2000
    files = spark.written(part)
    assert [file.name for file in files] == [f"part-{number:03d}.parquet" for number in range(len(files))]
    assert len(files) > 1
    keys = [spark.local.rows(f"SELECT party_key FROM '{file}'") for file in files]
    assert [key for held in keys for (key,) in held] == sorted(9 - number for number in range(2000))
    few(spark, [(1, "2024-02-29")] * 2 + [(number, "2024-02-29") for number in range(5, 500)])
    with pytest.raises(PromiseBroken, match="share their grain"):
        spark.write(MADE, SHAPE, part)


def test_a_bucket_group_and_a_table_without_files_are_what_duckdb_sees(
    duck: DuckEngine, spark: SparkEngine, part: Path
) -> None:
    few(duck, FEW)
    duck.write(MADE.replace("1 AS bucket", "whole AS bucket"), SHAPE, part)
    for engine in (duck, spark):
        engine.name_files("feature.a", SHAPE, [part], buckets=(2, 3))
        assert engine.rows("SELECT party_key FROM feature.a ORDER BY party_key") == [(6,), (7,)]
        engine.name_files("feature.a", SHAPE, [])
        assert engine.rows("SELECT COUNT(*) AS n FROM feature.a WHERE bucket > ?", [0]) == [(0,)]
