"""Rows from DuckDB arrive in PostgreSQL exactly; a second publication writes only what differs."""

from collections.abc import Iterator
from typing import Any

import duckdb
import psycopg
import pytest
from django.db import connections, transaction

from guanxi.pipeline.copying import Merged, Target, merge_rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
TARGET = Target("catalog_product", ("product_code",), ("product_code", "name", "family", "risk_grade"))


@pytest.fixture
def connection() -> Iterator[psycopg.Connection[Any]]:
    connections["pipeline"].ensure_connection()
    raw = connections["pipeline"].connection
    assert raw is not None
    yield raw
    raw.execute("DELETE FROM catalog_product")


def publish(connection: psycopg.Connection[Any], select: str) -> Merged:
    with transaction.atomic(using="pipeline"):
        return merge_rows(connection, duckdb.connect(), select, TARGET)


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
