"""What may be asked of the published views: ways out are refused with a sentence; groups count their people."""

from __future__ import annotations

import itertools

import pytest

from guanxi.insight.tables import TABLES
from guanxi.insight.workbench.question import BEHIND, MOST_CHARACTERS, Kind, NotAllowed, question
from guanxi.insight.workbench.views import KNOWN, LEVELS, How, views

WAYS_OUT = {
    "csv": "SELECT * FROM read_csv('/etc/passwd')",
    "csv_auto": "SELECT * FROM read_csv_auto('/etc/passwd')",
    "parquet": "SELECT * FROM read_parquet('lake/core.party/all.parquet')",
    "json": "SELECT * FROM read_json('/etc/hosts')",
    "text": "SELECT * FROM read_text('/etc/passwd')",
    "blob": "SELECT content FROM read_blob('keys.json')",
    "glob": "SELECT * FROM glob('/**')",
    "file name as table": "SELECT * FROM '/etc/passwd'",
    "file name in double quotes": 'SELECT * FROM "lake/core.party/all.parquet"',
    "file name first": "FROM 'x.csv'",
    "address as table": "SELECT * FROM 'https://example.com/x.parquet'",
    "sqlite": "SELECT * FROM sqlite_scan('x.db', 't')",
    "postgres": "SELECT * FROM postgres_scan('host=localhost', 'public', 'customers_party')",
    "query": "SELECT * FROM query('SELECT 1')",
    "query_table": "SELECT * FROM query_table('core.party')",
    "attach": "ATTACH 'x.duckdb' AS x",
    "detach": "DETACH x",
    "use": "USE main",
    "copy out": "COPY (SELECT * FROM core.party) TO '/tmp/x.csv'",
    "copy in": "COPY core.party FROM '/tmp/x.csv'",
    "export": "EXPORT DATABASE '/tmp/x'",
    "import": "IMPORT DATABASE '/tmp/x'",
    "set": "SET enable_external_access = true",
    "set global": "SET GLOBAL memory_limit = '100GB'",
    "reset": "RESET memory_limit",
    "pragma": "PRAGMA database_list",
    "pragma call": "PRAGMA enable_profiling",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "call": "CALL pragma_version()",
    "prepare": "PREPARE p AS SELECT 1",
    "execute": "EXECUTE p",
    "parameter": "SELECT * FROM core.party WHERE kind = $1",
    "question mark": "SELECT * FROM core.party WHERE kind = ?",
    "explain": "EXPLAIN ANALYZE SELECT * FROM core.party",
    "describe": "DESCRIBE core.party",
    "show": "SHOW ALL TABLES",
    "summarize": "SUMMARIZE core.party",
    "create": "CREATE TABLE x AS SELECT 1",
    "macro": "CREATE MACRO f(a) AS a",
    "secret": "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "insert": "INSERT INTO core.party VALUES (1)",
    "update": "UPDATE core.party SET kind = 'x'",
    "delete": "DELETE FROM core.party",
    "drop": "DROP TABLE core.party",
    "vacuum": "VACUUM",
    "checkpoint": "CHECKPOINT",
    "transaction": "BEGIN TRANSACTION",
    "two": "SELECT 1; SELECT 2",
    "second after a comment": "SELECT 1 -- ;\n; DROP TABLE core.party",
    "second after a block": "SELECT COUNT(*) FROM core.party /* ; */; ATTACH 'x'",
    "into": "SELECT 1 INTO x",
    "lock": "SELECT * FROM core.party FOR UPDATE",
    "getenv": "SELECT getenv('HOME')",
    "setting": "SELECT current_setting('secret_directory')",
    "version": "SELECT version()",
    "settings": "SELECT * FROM duckdb_settings()",
    "databases": "SELECT * FROM duckdb_databases",
    "catalogue": "SELECT * FROM information_schema.tables",
    "pg catalogue": "SELECT * FROM pg_catalog.pg_tables",
    "master": "SELECT * FROM sqlite_master",
    "another catalogue": "SELECT * FROM other.core.party",
    "not published": "SELECT * FROM core.link_key",
    "not published either": "SELECT * FROM staged.customers",
    "no schema": "SELECT * FROM party",
    "series": "SELECT * FROM range(1000000000000)",
    "generated": "SELECT * FROM generate_series(1, 1000000000000)",
    "unnest": "SELECT UNNEST(range(1000000000))",
    "unnest as table": "SELECT * FROM core.party, UNNEST([1, 2]) AS u",
    "lateral": "SELECT * FROM core.party, LATERAL (SELECT 1) AS x",
    "repeat": "SELECT repeat('x', 1000000000)",
    "lpad": "SELECT lpad('x', 1000000000, 'y')",
    "list": "SELECT list(aum) FROM feature.wealth_month",
    "array": "SELECT [1, 2, 3]",
    "struct": "SELECT {'a': 1}",
    "lambda": "SELECT list_transform([1], x -> x + 1)",
    "columns": "SELECT COLUMNS('.*') FROM core.party",
    "row number of the file": "SELECT hash(party_key) FROM core.party",
    "random": "SELECT random() FROM core.party",
    "sleep": "SELECT pg_sleep(10)",
    "recursive": "WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a) SELECT * FROM a",
    "pivot": "PIVOT core.party ON kind USING COUNT(*)",
    "sample": "SELECT * FROM core.party TABLESAMPLE 10%",
    "limit by a query": "SELECT * FROM core.party LIMIT (SELECT COUNT(*) FROM core.party)",
    "limit by a share": "SELECT * FROM core.party LIMIT 50%",
    "a type of our own": "SELECT CAST(kind AS BLOB) FROM core.party",
    "json type": "SELECT kind::JSON FROM core.party",
    "our own column": f"SELECT 100 AS {BEHIND}, COUNT(*) FROM core.party GROUP BY kind",
    "a shadow of a system table": (
        "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) AS x, duckdb_tables"
    ),
    "a name twice": "WITH a AS (SELECT 1), b AS (WITH a AS (SELECT 2) SELECT * FROM a) SELECT * FROM a, b",
    "curly quotes": "SELECT “kind” FROM core.party WHERE kind = ‘person’",
    "wide letters": "SELECT ＊ FROM core.party",
    "too many tables": "SELECT 1 FROM " + ", ".join(f"core.party AS p{n}" for n in range(25)),
    "too long": "SELECT 1 " + " " * MOST_CHARACTERS + "FROM core.party",
    "too deep": "SELECT " + "(" * 3000 + "1" + ")" * 3000 + " FROM core.party",
    "too wide": "SELECT " + ", ".join(f"{n} AS c{n}" for n in range(61)) + " FROM core.party",
    "no text": "SELECT 1\0",
    "half a sign": "SELECT '\ud800'",
    "nothing": "  -- nothing at all",
    "nonsense": "SELEC everything",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_way_out_is_refused_with_a_sentence_in_both_languages(way: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        question(WAYS_OUT[way], groups=100, rows=10)
    assert refused.value.en
    assert refused.value.zh
    assert refused.value.code


def test_a_name_of_the_query_stands_aside_so_that_it_shadows_nothing_of_the_database() -> None:
    text = "WITH duckdb_tables AS (SELECT party_key FROM core.party) SELECT COUNT(*) FROM duckdb_tables"
    made = question(text, groups=100, rows=10)
    assert 'FROM "q_duckdb_tables" AS "duckdb_tables"' in made.sql
    assert made.tables == ("core.party",)


def test_what_is_run_is_written_anew_without_comments() -> None:
    made = question("select/**/kind -- ' ; \n,count(*) from core.party group by 1", groups=100, rows=10)
    assert made.sql == (
        f'SELECT kind, COUNT(*), COUNT(DISTINCT "party".party_key) AS "{BEHIND}" FROM core.party GROUP BY 1 LIMIT 101'
    )


GROUPS = [
    "SELECT COUNT(*) FROM core.party",
    "SELECT unit_no, AVG(w.aum) FROM core.party AS p JOIN feature.wealth_month AS w USING (party_key) GROUP BY 1",
    "WITH a AS (SELECT party_key, SUM(aum) AS s FROM feature.wealth_month GROUP BY party_key) SELECT MEDIAN(s) FROM a",
    "SELECT COUNT(*) FROM (SELECT * FROM core.party WHERE sex = 'female') AS x",
    "SELECT 'a', COUNT(*) FROM core.party UNION ALL SELECT 'b', COUNT(*) FROM core.account",
]
ROWS = [
    "SELECT * FROM core.party",
    "SELECT DISTINCT unit_no, age_band FROM core.party",
    "SELECT SUM(aum) OVER (PARTITION BY party_key) FROM feature.wealth_month",
    "SELECT AVG(n) FROM (SELECT unit_no, COUNT(*) AS n FROM core.party GROUP BY 1) AS x",
    "WITH a AS (SELECT ROW_NUMBER() OVER () AS party_key, aum FROM feature.wealth_month) SELECT MAX(aum) FROM a",
    "WITH a AS (SELECT party_key + 1 AS party_key FROM core.party) SELECT COUNT(*) FROM a",
    "WITH a(party_key, y) AS (SELECT since_year, unit_no FROM core.party) SELECT COUNT(*) FROM a",
    "SELECT kind, COUNT(*) FROM core.party GROUP BY 1 EXCEPT SELECT 'person', 1",
]


@pytest.mark.parametrize("text", GROUPS)
def test_groups_of_customers_are_counted(text: str) -> None:
    made = question(text, groups=100, rows=10)
    assert (made.kind, made.counted) == (Kind.GROUPS, True)
    assert made.sql.count(BEHIND) == text.count("UNION") + 1


@pytest.mark.parametrize("text", ROWS)
def test_where_customers_cannot_be_counted_the_rows_are_single_ones(text: str) -> None:
    made = question(text, groups=100, rows=10)
    assert made.kind is Kind.ROWS
    assert made.sql.endswith("LIMIT 11")
    assert BEHIND not in made.sql


def test_published_sums_are_sums() -> None:
    made = question("SELECT unit_no, SUM(customers) FROM report.holding GROUP BY 1", groups=100, rows=10)
    assert (made.kind, made.sql.endswith("LIMIT 101")) == (Kind.SUMS, True)


def test_a_smaller_limit_of_the_query_is_kept_and_a_larger_one_cut() -> None:
    for own, expected in ((5, 5), (99_999, 101)):
        text = f"SELECT kind, COUNT(*) FROM core.party GROUP BY 1 ORDER BY 2 LIMIT {own} OFFSET 1"
        assert f"LIMIT {expected}" in question(text, groups=100, rows=10).sql


def test_every_published_column_is_of_its_table_and_none_names_a_person() -> None:
    forbidden = {
        "name", "customer_no", "party_uuid", "birth_date", "id_token", "id_masked", "card_token", "card_masked",
        "keeper_no", "staff_no", "village", "occupation", "employer_name", "paid_from_no", "place", "acquired_by",
    }  # fmt: skip
    for view in views().values():
        known = dict(TABLES[view.name].columns)
        for column in view.columns:
            assert column.source in known or column.source == ""
            if view.name not in ("ops.campaign", "score.leaving", "score.next_need"):  # a place in an order
                assert column.name not in forbidden, view.name
            kinds = {How.PARTY: "BIGINT", How.ACCOUNT: "BIGINT"}
            assert column.kind == kinds.get(column.how, column.kind)
            if known.get(column.source) == "DATE" and view.name != "ops.campaign":
                assert column.how is How.MONTH or column.name in ("month", "since_year")


def test_what_others_know_of_a_customer_grows_less_from_level_to_level() -> None:
    assert LEVELS[0] == KNOWN
    assert LEVELS[-1] == ()
    for finer, coarser in itertools.pairwise(LEVELS):
        assert set(coarser) < set(finer)
