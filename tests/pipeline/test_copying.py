"""Rows from DuckDB arrive in PostgreSQL exactly; a second publication writes only what differs."""

from collections.abc import Iterator
from typing import Any

import duckdb
import psycopg
import pytest
from django.db import ProgrammingError, connections, transaction

from guanxi.pipeline.copying import Merged, Sender, Target, merge_rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
TARGET = Target("catalog_product", ("product_code",), ("product_code", "name", "family", "risk_grade"))


@pytest.fixture
def connection() -> Iterator[psycopg.Connection[Any]]:
    connections["pipeline"].ensure_connection()
    raw = connections["pipeline"].connection
    assert raw is not None
    yield raw
    raw.execute("DELETE FROM catalog_product")


def publish(connection: psycopg.Connection[Any], select: str, *, first: bool = False) -> Merged:
    with transaction.atomic(using="pipeline"), Sender(duckdb.connect(), [select]) as sender:
        return merge_rows(connection, sender.take(select), TARGET, first=first)


def rows(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT product_code, name, family, risk_grade FROM catalog_product ORDER BY product_code"
    ).fetchall()


AWKWARD = """
SELECT * FROM (VALUES
    ('a', 'quote " comma , newline ' || chr(10) || ' 𠮷䶮', 'time', NULL),
    ('b', '', 'demand', 'R2')
) AS t (product_code, name, family, risk_grade)
"""


def test_text_with_quotes_newlines_rare_letters_and_nothing_arrives_as_it_was(connection) -> None:
    assert publish(connection, AWKWARD) == Merged(arrived=2, written=2, removed=0)
    assert rows(connection) == [
        ("a", 'quote " comma , newline \n 𠮷䶮', "time", None),
        ("b", "", "demand", "R2"),
    ]


def test_publishing_the_same_rows_again_writes_nothing(connection) -> None:
    publish(connection, AWKWARD)
    assert publish(connection, AWKWARD) == Merged(arrived=2, written=0, removed=0)


def test_only_changed_rows_are_written_and_missing_ones_removed(connection) -> None:
    many = "SELECT 'p' || i AS product_code, 'n' AS name, 'fund' AS family, 'R1' AS risk_grade FROM range({}) r(i)"
    publish(connection, many.format(100))
    changed = many.format(90).replace("'n'", "CASE WHEN i < 7 THEN 'other' ELSE 'n' END")
    assert publish(connection, changed) == Merged(arrived=90, written=7, removed=10)


def test_an_error_in_the_lake_leaves_the_store_as_it_was(connection) -> None:
    publish(connection, AWKWARD)
    before = rows(connection)
    broken = "SELECT 'p' || i AS product_code, 'n', 'fund', error('lake broke') FROM range(99999) r(i) WHERE i > 88888"
    with pytest.raises(duckdb.Error, match="lake broke"):
        publish(connection, broken)
    assert rows(connection) == before


def test_an_error_in_the_store_ends_the_stream_too(connection) -> None:
    wide = "SELECT repeat('x', 200) || i AS product_code, 'n', 'fund', 'R1' FROM range(300000) r(i)"
    with pytest.raises(psycopg.Error):
        publish(connection, wide)


MANY = (
    "SELECT 'p' || i AS product_code, 'n' AS name, 'fund' AS family, 'R1' AS risk_grade FROM range({}) r(i)"
)


def test_filling_an_empty_table_is_the_same_as_merging_into_it(connection) -> None:
    merged = publish(connection, MANY.format(1000))
    by_merge = rows(connection)
    connection.execute("DELETE FROM catalog_product")
    assert publish(connection, MANY.format(1000), first=True) == merged == Merged(1000, 1000, 0)
    assert rows(connection) == by_merge


def test_a_table_with_rows_is_merged_into_even_the_first_time(connection) -> None:
    publish(connection, AWKWARD)
    assert publish(connection, MANY.format(5), first=True) == Merged(arrived=5, written=5, removed=2)


def test_two_rows_of_one_key_are_refused_when_filling_and_nothing_stays(connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        publish(connection, MANY.format(10) + " UNION ALL " + MANY.format(1), first=True)
    assert rows(connection) == []


def test_the_runs_login_may_fill_no_table_that_holds_rows(connection) -> None:
    publish(connection, AWKWARD)
    with pytest.raises(psycopg.errors.RaiseException, match="is not empty"):
        connection.execute("SELECT staging.fill_empty('catalog_product', 'catalog_product', ARRAY['name'])")
    assert len(rows(connection)) == 2


def test_the_applications_login_may_fill_nothing() -> None:
    with (
        connections["default"].cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        cursor.execute("SELECT staging.fill_empty('catalog_product', 'catalog_product', ARRAY['name'])")


def test_rows_are_taken_in_the_order_they_are_sent() -> None:
    with Sender(duckdb.connect(), ["SELECT 1", "SELECT 2"]) as sender:
        assert b"".join(sender.take("SELECT 1")) == b"1\n"
        with pytest.raises(ValueError, match="another order"):
            next(sender.take("SELECT 3"))


def test_rows_that_nobody_takes_hold_nobody_up() -> None:
    endless = "SELECT repeat('x', 1000) FROM range(100000000)"
    with Sender(duckdb.connect(), [endless]) as sender:
        assert next(sender.take(endless))
