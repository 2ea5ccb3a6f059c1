"""A rule means the same read out of SQL and in plain Python; no payload but a sound one becomes a rule."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
from harness import Bench
from hypothesis import given, settings
from hypothesis import strategies as st
from segments.rules import ASKED, DAY, UNITS, column_values, fulfils, rules

from guanxi.insight.segments import (
    FACTS,
    Context,
    Group,
    Leaf,
    Not,
    RuleRefused,
    expression,
    in_words,
    offered,
    payload_of,
    problems,
    read_rule,
    rule_hash,
)
from guanxi.insight.segments.facts import GROUPS, WIDE
from guanxi.insight.segments.rule import ASKS
from guanxi.insight.segments.sources import SOURCES
from guanxi.insight.tables import TABLES

CONTEXT = Context(DAY, UNITS)
TYPES = dict(TABLES[WIDE].columns)
COLUMNS = sorted({column for fact in ASKED for column in fact.columns})
rows = st.lists(
    st.fixed_dictionaries({column: column_values(column, TYPES[column]) for column in COLUMNS}),
    min_size=1,
    max_size=12,
)
OLD = Leaf("age", "at_least", (60,))


DB = duckdb.connect()


def found(rule: Any, some: list[dict[str, Any]]) -> list[int]:
    """Which rows DuckDB says fulfil the rule."""
    columns = ", ".join(f'"{name}" {TYPES[name]}' for name in COLUMNS)
    DB.execute(f"CREATE OR REPLACE TABLE facts (place INTEGER, {columns})")
    marks = ", ".join(f"({', '.join('?' for _ in range(len(COLUMNS) + 1))})" for _ in some)
    values = [value for place, row in enumerate(some) for value in (place, *(row[name] for name in COLUMNS))]
    DB.execute(f"INSERT INTO facts VALUES {marks}", values)
    where = expression(rule, CONTEXT).sql("duckdb")
    return [row[0] for row in DB.execute(f"SELECT place FROM facts WHERE {where} ORDER BY place").fetchall()]


@settings(max_examples=200, deadline=None)
@given(rules, rows)
def test_duckdb_finds_exactly_those_who_fulfil_the_rule(rule, some) -> None:
    assert found(rule, some) == [place for place, row in enumerate(some) if fulfils(rule, row)]


@settings(max_examples=80, deadline=None)
@given(rules, rows)
def test_a_rule_and_its_opposite_part_the_customers_in_two(rule, some) -> None:
    assert sorted(found(rule, some) + found(Not(rule), some)) == list(range(len(some)))


@given(rules)
def test_a_rule_survives_being_written_and_read(rule) -> None:
    told = json.loads(json.dumps(payload_of(rule)))
    assert read_rule(told) == rule
    assert rule_hash(read_rule(told)) == rule_hash(rule)


@given(rules)
def test_spark_gets_a_condition_that_reads_back_as_the_same_values(rule) -> None:
    made = expression(rule, CONTEXT)
    spark = sqlglot.parse_one(f"SELECT 1 FROM facts WHERE {made.sql('spark')}", dialect="spark")
    duck = sqlglot.parse_one(f"SELECT 1 FROM facts WHERE {made.sql('duckdb')}", dialect="duckdb")
    texts = [sorted(str(one.this) for one in tree.find_all(sqlglot.exp.Literal)) for tree in (spark, duck)]
    assert texts[0] == texts[1]
    assert len(list(spark.find_all(sqlglot.exp.Select))) == 1


@given(rules, st.sampled_from(("zh", "en")))
def test_every_rule_can_be_read_out(rule, language) -> None:
    said = in_words(rule, language)
    assert said
    assert not said.startswith(("，", " "))


def test_a_rule_reads_as_a_person_would_say_it() -> None:
    rule = Group(
        "all",
        (
            Leaf("aum", "at_least", (Decimal(500000),)),
            Group("any", (OLD, Leaf("sex", "one_of", ("female",)))),
        ),
    )
    assert in_words(rule, "zh") == "资产 (AUM) 不低于 500,000 元，且（年龄 不低于 60 岁 或 性别 为 女）"
    assert in_words(Not(Leaf("log_in_on", "done", (90,))), "zh") == "不满足（最近 90 天内有登录电子渠道）"
    assert in_words(Leaf("matures_on", "next_days", (30,)), "en") == "Next maturity within the next 30 days"


def test_what_is_unknown_fulfils_nothing_and_the_opposite_takes_it_in() -> None:
    some = [dict.fromkeys(COLUMNS), {**dict.fromkeys(COLUMNS), "age": 70}]
    assert found(OLD, some) == [1]
    assert found(Not(OLD), some) == [0]


def test_the_last_days_end_with_the_business_date_and_count_both_ends() -> None:
    some = [
        {**dict.fromkeys(COLUMNS), "salary_on": day}
        for day in (date(2026, 10, 1), date(2026, 9, 30), date(2026, 11, 1))
    ]
    assert found(Leaf("salary_on", "done", (30,)), some) == [0]
    assert found(Leaf("salary_on", "not_done", (30,)), some) == [1, 2]


# ---- hostile payloads


def leaf(**said: Any) -> dict[str, Any]:
    return {"fact": "age", "is": "at_least", "values": [60]} | said


def nested(times: int) -> Any:
    made: Any = leaf()
    for _ in range(times):
        made = {"not": made}
    return made


HOSTILE = {
    "nothing": None, "a list": [], "a text": "1=1", "no keys": {}, "two joins": {"all": [leaf()], "any": [leaf()]},
    "an empty group": {"all": []}, "a group that is no list": {"all": leaf()}, "an extra key": leaf(sql="1"),
    "an unknown fact": leaf(fact="password"), "a fact that is a list": leaf(fact=["age"]),
    "an unknown way of asking": leaf(**{"is": "like"}), "a way that is a list": leaf(**{"is": ["one_of"]}),
    "values that are no list": leaf(values="60"), "no value": leaf(values=[]), "two values": leaf(values=[1, 2]),
    "not a number": leaf(values=[float("nan")]), "endless": leaf(values=[float("inf")]), "a float": leaf(values=[60.5]),
    "true": leaf(values=[True]), "a huge number": leaf(values=[10**30]),
    "a huge number as text": leaf(values=["9" * 4000]),
    "a wrong type": leaf(values=[{"$gt": 0}]), "another script's digits": leaf(values=["٦٠"]),
    "control signs": {"fact": "village", "is": "one_of", "values": ["\x00\x1b[2J"]},
    "a lone surrogate": {"fact": "village", "is": "one_of", "values": ["\ud800"]},
    "an endless text": {"fact": "village", "is": "one_of", "values": ["村" * 101]},
    "an empty text": {"fact": "village", "is": "one_of", "values": [""]},
    "a word of another fact": {"fact": "sex", "is": "one_of", "values": ["person"]},
    "SQL in a word": {"fact": "sex", "is": "one_of", "values": ["male' OR 1=1 --"]},
    "SQL in a tier": {"fact": "tier", "is": "one_of", "values": ["person.1) OR (1=1"]},
    "money with three places": {"fact": "aum", "is": "at_least", "values": ["1.001"]},
    "money in figures of science": {"fact": "aum", "is": "at_least", "values": ["1e9"]},
    "a day that is none": {"fact": "since", "is": "before", "values": ["2026-02-30"]},
    "from above to": {"fact": "age", "is": "between", "values": [60, 20]},
    "many days": {"fact": "salary_on", "is": "done", "values": [10**9]},
    "negative days": {"fact": "salary_on", "is": "done", "values": [-1]},
    "deep": nested(10), "very deep": nested(500), "wide": {"any": [leaf()] * 61},
    "many values": leaf(**{"is": "one_of", "values": [1] * 501}),
    "many conditions": {"all": [{"any": [leaf()] * 30}] * 3},
}  # fmt: skip


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_tree_is_refused_with_a_sentence_in_both_languages(payload) -> None:
    with pytest.raises(RuleRefused) as refused:
        read_rule(payload)
    assert all(problem.says("zh-hans") and problem.says("en") for problem in refused.value.problems)
    assert len(problems(payload)) == len(refused.value.problems) <= 60


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
keys = st.sampled_from(("all", "any", "not", "fact", "is", "values")) | st.text(max_size=5)
said = st.sampled_from(("age", "aum", "tier", "village", "at_least", "one_of", "done", "person.1", "60"))
payloads = st.recursive(
    plain | said, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


@settings(max_examples=300, deadline=None)
@given(payloads)
def test_any_payload_at_all_is_a_sound_rule_or_refused(payload) -> None:
    if problems(payload):
        with pytest.raises(RuleRefused):
            read_rule(payload)
        return
    rule = read_rule(payload)
    DB.execute(f"SELECT 1 FROM ({EMPTY}) WHERE {expression(rule, CONTEXT).sql('duckdb')}")


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=100).filter(str.isprintable))
def test_a_text_is_only_ever_a_value(text) -> None:
    where = expression(read_rule({"fact": "village", "is": "one_of", "values": [text]}), CONTEXT).sql(
        "duckdb"
    )
    rows = DB.execute(
        f"SELECT village FROM (VALUES (?), ('x')) AS facts(village) WHERE {where}", [text]
    ).fetchall()
    assert rows == ([(text,), ("x",)] if text == "x" else [(text,)])


# ---- the catalogue


EXPECTED = {
    "code": {"VARCHAR"}, "text": {"VARCHAR"}, "unit": {"VARCHAR"}, "number": {"INTEGER", "BIGINT"},
    "money": {"DECIMAL(18,2)"}, "day": {"DATE"}, "event": {"DATE"}, "flag": {"BOOLEAN"}, "set": {"BOOLEAN"},
    "tier": {"VARCHAR", "INTEGER"},
}  # fmt: skip


def types_of(source: str) -> dict[str, str]:
    """The columns of a source with their types: the wide table's, or what its SELECT makes of its tables' shapes."""
    if source == WIDE:
        return dict(TABLES[WIDE].columns)
    bench = Bench()
    for name in SOURCES[source].reads:
        bench.put(name, [])
    return {row[0]: row[1] for row in bench.ask(f"DESCRIBE {SOURCES[source].select}")}


def test_every_fact_stands_in_its_source_in_a_type_its_kind_can_be_compared_with() -> None:
    known = {source: types_of(source) for source in (WIDE, *SOURCES)}
    wrong = {
        fact.code: column
        for fact in FACTS
        for column in fact.columns
        if known[fact.source].get(column) not in EXPECTED[fact.kind]
    }
    assert wrong == {}
    assert len({fact.code for fact in FACTS}) == len(FACTS)
    assert {fact.group for fact in FACTS} == set(GROUPS)
    assert set(ASKS) == {fact.kind for fact in FACTS}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_gives_the_columns_it_promises_one_row_a_customer_on_both_engines(name) -> None:
    source = SOURCES[name]
    assert set(types_of(name)) == {"party_key", *source.columns}
    assert {fact.source for fact in FACTS if set(fact.columns) <= set(source.columns)} == {name}
    spark = sqlglot.transpile(
        source.select, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert len(spark) == 1


def test_signals_and_needs_are_flags_of_the_rows_a_customer_has() -> None:
    bench = Bench()
    bench.put("score.signal", [{"party_key": 1, "signal": code} for code in ("outflow", "matured")])
    ((outflow, matured, slope),) = bench.ask(
        f"SELECT signals_outflow, signals_matured, signals_slope FROM ({SOURCES['signals'].select})"
    )
    assert (outflow, matured, slope) == (True, True, False)


def test_a_fact_whose_columns_are_not_there_is_not_offered() -> None:
    some = offered(["age", "tier_rank", "holds_time"])
    assert list(some) == ["age"]
    with pytest.raises(RuleRefused):
        read_rule({"fact": "aum", "is": "missing", "values": []}, some)


def _empty() -> str:
    kinds = {column: kind for source in (WIDE, *SOURCES) for column, kind in types_of(source).items()}
    return "SELECT " + ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in kinds.items())


EMPTY = _empty()
