"""House SQL as Spark's text: what is written out because the engines round, divide and name in their own way."""

import pytest

from guanxi.lake.dialect import sources, to_spark


def one_line(select: str) -> str:
    return " ".join(to_spark(select).split())


@pytest.mark.parametrize(
    ("house", "spark"),
    [
        ("SELECT party.k FROM core.party", "SELECT party.k FROM core__party AS party"),
        ("SELECT core.party.k FROM core.party", "SELECT party.k FROM core__party AS party"),
        ("SELECT a / b AS r FROM t", "SELECT CAST(a AS DOUBLE) / CAST(b AS DOUBLE) AS r FROM t"),
        ("SELECT 1e0 * a / 6e0 AS r FROM t", "SELECT 1e0 * a / 6e0 AS r FROM t"),
        (
            "SELECT CAST(a * 100 AS BIGINT) AS fen FROM t",
            "SELECT CAST(ROUND(a * 100) AS BIGINT) AS fen FROM t",
        ),
        ("SELECT CAST(a * 1e0 AS BIGINT) AS n FROM t", "SELECT CAST(RINT(a * 1e0) AS BIGINT) AS n FROM t"),
        ("SELECT CAST(a AS BIGINT) AS n FROM t", "SELECT CAST(a AS BIGINT) AS n FROM t"),
        ("SELECT a // b AS q FROM t", "SELECT a DIV b AS q FROM t"),
        ("SELECT DATE_DIFF('day', a, b) AS d FROM t", "SELECT CAST(DATEDIFF(b, a) AS BIGINT) AS d FROM t"),
        ("SELECT CAST(a AS HUGEINT) AS h FROM t", "SELECT CAST(a AS DECIMAL(38, 0)) AS h FROM t"),
        (
            "SELECT CAST(1e0 * a AS DECIMAL(18,2)) AS m FROM t",
            "SELECT CAST(CAST(ROUND(( 1e0 * a ) * 1e2) AS DECIMAL(28, 0)) * 0.01 AS DECIMAL(18, 2)) AS m FROM t",
        ),
    ],
)
def test_what_the_engines_read_differently_is_written_out(house: str, spark: str) -> None:
    assert one_line(house) == spark


def test_a_double_is_known_by_the_name_it_was_given_earlier_in_the_statement() -> None:
    text = one_line("WITH c AS (SELECT a / b AS share FROM t) SELECT CAST(share AS INTEGER) AS n FROM c")
    assert "CAST(RINT(share) AS INT)" in text


def test_a_name_is_a_double_only_where_its_own_table_says_so() -> None:
    text = one_line(
        "SELECT ROUND(f.rate * 2, 2) AS exact, ROUND(c.share * 2, 2) AS near "
        "FROM staged.ftp_rates AS f CROSS JOIN report.concentration AS c"
    )
    assert "ROUND(f.rate * 2, 2) AS exact" in text
    assert "( ROUND(( c.share * 2 ) * 1e2) / 1e2 ) AS near" in text


def test_the_tables_of_a_statement_are_named_once_each() -> None:
    assert sources("SELECT 1 FROM core.party p JOIN prev.score_tier t ON t.k = p.k, core.party q, cte") == (
        "core.party",
        "prev.score_tier",
    )


def test_no_statement_but_one_passes() -> None:
    with pytest.raises(ValueError, match="one SELECT"):
        to_spark("SELECT 1; DROP TABLE core.party")
