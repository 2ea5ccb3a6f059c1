"""The data map: tags agree with each other, what is derived is no milder than its inputs, extracts match the lake."""

import pytest

from guanxi.insight.data_map.catalogue import DataMapError, data_map, read_kinds, read_tables
from guanxi.insight.data_map.inheriting import LOWERED_TABLES, columns_from, milder_than_inputs
from guanxi.insight.data_map.purposes import PURPOSE_NAMES, Purpose
from guanxi.insight.staging.columns import Kind
from guanxi.insight.staging.contract import FILES
from guanxi.insight.tables import TABLES
from guanxi.insight.way import parse_step, the_way

ONE_CUSTOMER = {"party_key", "customer_no", "account_no", "transaction_no", "card_no"}


def test_every_column_of_the_lake_and_of_the_contract_has_one_row() -> None:
    known = data_map()
    lake = {name: table.column_names for name, table in TABLES.items()}
    extracts = {f"extract.{file.name}": [column.name for column in file.columns] for file in FILES}
    for table, columns in (lake | extracts).items():
        assert table in known.tables, f"{table} has no rows in the data map"
        assert known.gaps(table, columns) == []
    told = {table for table in known.tables if known.entry_of(table).where != "store"}
    assert told == set(lake | extracts)


def test_a_missing_and_a_left_over_column_are_both_told() -> None:
    known = data_map()
    columns = [*TABLES["score.credit"].column_names, "new"]
    columns.remove("credit_line")
    assert known.gaps("score.credit", columns) == ["score.credit.new", "score.credit.credit_line"]


def test_what_is_derived_is_no_milder_than_its_inputs() -> None:
    assert milder_than_inputs(the_way(), data_map()) == []


def test_inputs_are_followed_through_subqueries_unions_and_the_month_before() -> None:
    text = """-- score.credit · grain: party_key · scope: bucket · months: none
-- Tried.
WITH both AS (
    SELECT party.party_key, party.bucket, party.since AS until FROM core.party AS party
    UNION ALL
    SELECT past.party_key, past.bucket, past.credit_expires_on FROM prev.score_credit AS past
)
SELECT both.party_key, both.bucket, TRUE AS credit_rated, TRUE AS credit_granted,
       (SELECT MAX(wealth.aum) FROM feature.wealth_month AS wealth WHERE wealth.party_key = both.party_key)
           AS credit_line,
       CAST(0 AS DECIMAL(18,2)) AS credit_used, both.until AS credit_expires_on
FROM both"""
    read = columns_from(parse_step("score.credit", text))
    assert read["credit_expires_on"] == {("core.party", "since"), ("score.credit", "credit_expires_on")}
    assert ("feature.wealth_month", "aum") in read["credit_line"]
    assert read["credit_used"] == frozenset()


def test_tables_of_sums_name_no_customer() -> None:
    for name, entry in data_map().whole.items():
        if entry.where == "lake" and name not in LOWERED_TABLES:
            assert not ONE_CUSTOMER & set(TABLES[name].column_names), name


def test_a_column_keeps_its_kind_from_the_extract_into_the_lake() -> None:
    known = data_map()
    for file in FILES:
        for column in file.columns:
            there = column.name + ("_token" if column.kind is Kind.PERSONAL else "")
            outside = known.entry(f"extract.{file.name}", column.name)
            assert outside.kind == known.entry(f"staged.{file.name}", there).kind
            assert column.kind is not Kind.PERSONAL or outside.kind.data_class == "C2"


def test_nothing_is_of_class_c3_and_every_purpose_is_used_and_named() -> None:
    kinds = data_map().kinds.values()
    assert {kind.data_class for kind in kinds} <= {"", "C1", "C2"}
    assert set().union(*(kind.purposes for kind in kinds)) == set(Purpose) == set(PURPOSE_NAMES)
    assert all(
        kind.name["zh"] and kind.name["en"] and kind.about["zh"] and kind.about["en"] for kind in kinds
    )


KIND = '[a]\nname = {zh="甲", en="A"}\nabout = {zh="甲", en="A"}\nclass="%s"\nlevel=%d\ngrade="%s"\npurposes="%s"\n'


@pytest.mark.parametrize(
    "tags",
    [
        ("C3", 4, "sensitive", "service"),
        ("C2", 2, "sensitive", "service"),
        ("C2", 3, "general", "service"),
        ("C1", 6, "general", "service"),
        ("C1", 2, "general", "gossip"),
    ],
)
def test_tags_that_do_not_fit_are_refused(tags: tuple[str, int, str, str]) -> None:
    with pytest.raises(DataMapError):
        read_kinds(KIND % tags)


def test_a_table_names_known_kinds_and_no_kind_beside_all() -> None:
    kinds = read_kinds(KIND % ("C1", 2, "general", "service"))
    assert [entry.name for entry in read_tables("lake", '[x.y]\na = "b c"', kinds)] == ["x.y.b", "x.y.c"]
    for text in ('[x.y]\nz = "b"', '[x.y]\nall = "a"\na = "b"'):
        with pytest.raises(DataMapError):
            read_tables("lake", text, kinds)
