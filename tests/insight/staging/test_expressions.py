"""Expressions of a mapping are scalars over columns and nothing else."""

import duckdb
import pytest

from guanxi.insight.staging.expressions import ExpressionError, columns_used, expression_sql


def value(text: str, row: dict[str, str]) -> object:
    """What an expression gives for one row."""
    sql = expression_sql(text, lambda lookup, column: f'{lookup or "raw"}."{column}"')
    names = ", ".join(f'? AS "{name}"' for name in row)
    return (
        duckdb.connect()
        .execute(f"SELECT {sql} FROM (SELECT {names}) AS raw", list(row.values()))
        .fetchall()[0][0]
    )


def test_a_coded_birth_number_is_taken_apart() -> None:
    text = "'19' || SUBSTR(n, 1, 2) || '-' || LPAD(CAST(CAST(SUBSTR(n, 3, 2) AS INTEGER) % 50 AS VARCHAR), 2, '0')"
    assert value(text, {"n": "706213"}) == "1970-12"
    assert (
        value("CASE WHEN CAST(SUBSTR(n, 3, 2) AS INTEGER) > 50 THEN 'f' ELSE 'm' END", {"n": "706213"}) == "f"
    )


def test_what_cannot_be_cast_gives_nothing_and_no_error() -> None:
    assert value("CAST(CAST(n AS INTEGER) + 1 AS VARCHAR)", {"n": "no number"}) is None
    assert value("CAST(n AS DATE)", {"n": "2026-02-30"}) is None


def test_columns_are_known_with_their_lookup() -> None:
    assert set(columns_used("district.\"A 3\" || '-' || 客户号")) == {("district", "A 3"), ("", "客户号")}


@pytest.mark.parametrize(
    "text",
    [
        "(SELECT 1)",
        "EXISTS (SELECT 1)",
        "a IN (SELECT b FROM c)",
        "read_text('/etc/passwd')",
        "getenv('HOME')",
        "a; DROP TABLE typed",
        "COUNT(*)",
        "SUM(a)",
        "ROW_NUMBER() OVER (ORDER BY a)",
        "SELECT a",
        "current_date",
        "random()",
        "[1, 2]",
        "x -> y",
        "*",
        "",
        "a ||",
        "md5(a)",
        "$1",
        "?",
    ],
)
def test_anything_more_than_a_scalar_is_refused_in_words(text: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        expression_sql(text, lambda _, column: column)
    assert refusal.value.en
    assert refusal.value.zh
