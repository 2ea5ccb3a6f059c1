"""core.link · grain: left_no, right_no · scope: whole · months: none

Pairs of customer numbers that may be one person: Splink scores those that share a value of a blocking rule, by the m
of the policy and the u of the bank's own customers, with the frequency of the very name; equal valid identifiers
decide by themselves where the names agree too. Nothing is drawn at random: same tables, same pairs.
"""

from __future__ import annotations

import logging
from typing import Any

import pyarrow as pa

from guanxi.insight.engine import Engine
from guanxi.insight.identity.resolution.comparing import (
    COLUMNS,
    CONDITIONS,
    FREQUENT,
    UNKNOWN,
    strangers,
)
from guanxi.insight.tables import TABLES
from guanxi.insight.tables.identity import BLOCKS, FIELDS, LOOSE
from guanxi.insight.tables.shape import arrow_schema

READS = ("core.link_key", "core.link_block", "policy.identity", "policy.identity_m")
LEAST_WEIGHT = -16.0
"""Pairs far below any line are not kept; those of one identifier lie above it whatever their names."""
_MOST_LIKELY_PRIOR = 0.05
LOOSE_PART = 5
"""A value that says little brings together at most this part of what others may."""


def make(engine: Engine) -> pa.Table:
    """Scored pairs at or above the review line, and all pairs of one valid identifier."""
    schema = arrow_schema(TABLES["core.link"])
    compared = engine.arrow(_compared())
    if compared.num_rows < 2:
        return schema.empty_table()
    line = engine.arrow("SELECT * FROM policy.identity").to_pylist()[0]
    persons = int(
        engine.arrow("SELECT COUNT(*) AS n FROM core.link_key WHERE kind = 'person'")["n"][0].as_py()
    )
    m = {
        (row["field"], row["level"]): float(row["m"])
        for row in engine.arrow("SELECT field, level, m FROM policy.identity_m").to_pylist()
    }
    share = float(line["duplicate_share"])
    u = strangers(engine, m, share * persons)
    prior = min(2 * share / max(persons - 1, 1), _MOST_LIKELY_PRIOR)
    return _scored(engine, compared, m, u, prior, float(line["review_from"])).cast(schema)


def _compared() -> str:
    """The customers whom a blocking rule brings together with somebody, each rule's value only where it may."""
    joins, values = [], []
    for number, rule in enumerate(BLOCKS):
        values.append(f"b{number}.value AS {rule}")
        joins.append(
            f"LEFT JOIN core.link_block AS b{number} ON b{number}.rule = '{rule}' "
            f"AND b{number}.value = held.{rule} AND b{number}.records <= {_most(rule)}"
        )
    some = ", ".join(f"b{number}.value" for number in range(len(BLOCKS)))
    return (
        f"SELECT {', '.join(f'held.{name}' for name in COLUMNS)}, {', '.join(values)} "
        f"FROM core.link_key AS held CROSS JOIN policy.identity AS line {' '.join(joins)} "
        f"WHERE COALESCE({some}) IS NOT NULL ORDER BY held.customer_no"
    )


def _most(rule: str) -> str:
    """The most customers who may share a value of this rule."""
    return f"line.block_most // {LOOSE_PART}" if rule in LOOSE else "line.block_most"


def _scored(
    engine: Engine, compared: pa.Table, m: dict[tuple[str, str], float], u: dict[tuple[str, str], float],
    prior: float, review_from: float,
) -> pa.Table:  # fmt: skip
    from splink import Linker

    api = engine.splink()
    # Our own settings, which the tests hold against the columns: Splink's check of them takes longer than a small bank.
    linker = Linker(api.register(compared), _settings(m, u, prior), validate_settings=False)
    logging.getLogger("splink").setLevel(logging.WARNING)  # it tells how long each piece took
    for column in sorted(set(FREQUENT.values())):
        linker.table_management.register_term_frequency_lookup(
            api.register(engine.arrow(_frequency(column))), column
        )
    scored = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT)
    kept = api.query_sql(_kept(scored.physical_name, review_from)).as_pyarrow_table()
    api.delete_tables_created_by_splink_from_db()
    return kept


def _kept(scored: str, review_from: float) -> str:
    """Pairs with their evidence, the smaller number on the left; weights rounded: no engine's last bit shows."""
    evidence = ", ".join(f"{_level(field)}, {_weight(field)}" for field in FIELDS)
    left = "customer_no_l <= customer_no_r"
    same = "gamma_id = 2 AND COALESCE(id_valid_l, FALSE) AND COALESCE(id_valid_r, FALSE)"
    apart = "id_kind_l = id_kind_r AND gamma_id < 2 AND gamma_id >= 0 AND COALESCE(id_valid_l AND id_valid_r, FALSE)"
    return (
        f"SELECT CASE WHEN {left} THEN customer_no_l ELSE customer_no_r END AS left_no, "
        f"CASE WHEN {left} THEN customer_no_r ELSE customer_no_l END AS right_no, "
        f"CASE WHEN {left} THEN party_key_l ELSE party_key_r END AS left_key, "
        f"CASE WHEN {left} THEN party_key_r ELSE party_key_l END AS right_key, "
        "ROUND(match_probability, 9) AS posterior, ROUND(match_weight, 4) AS weight, "
        f"CASE WHEN {same} AND {_named_alike()} THEN 'identifier' ELSE 'model' END AS rule, "
        f"{apart} AS conflict, {evidence} FROM {scored} WHERE match_probability >= {review_from!r} OR {same} "
        "ORDER BY 1, 2"
    )


def _named_alike() -> str:
    """No name is known on one side, or the names are more alike than one part of them."""
    alike = [level for level, _ in CONDITIONS["name"]].index("part")
    return f"(gamma_name = -1 OR gamma_name > {len(CONDITIONS['name']) - alike})"


def _level(field: str) -> str:
    """The name of the level a pair reached; Splink numbers levels from the worst (0) up, and unknown -1."""
    named = [level for level, _ in CONDITIONS[field]]
    cases = "".join(f" WHEN {len(named) - place} THEN '{level}'" for place, level in enumerate(named))
    return f"CASE gamma_{field} WHEN -1 THEN 'unknown' WHEN 0 THEN 'differs'{cases} END AS {field}_level"


def _weight(field: str) -> str:
    frequent = any(of == field for of, _ in FREQUENT)
    adjusted = f" + mw_tf_adj_{field}" if frequent else ""
    return f"ROUND(mw_{field}{adjusted}, 3) AS {field}_weight"


def _settings(m: dict[tuple[str, str], float], u: dict[tuple[str, str], float], prior: float) -> Any:
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="customer_no",
        probability_two_random_records_match=prior,
        comparisons=[_comparison(field, m, u) for field in FIELDS],
        blocking_rules_to_generate_predictions=[block_on(rule) for rule in BLOCKS],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=["party_key", "id_valid"],
    )


def _comparison(field: str, m: dict[tuple[str, str], float], u: dict[tuple[str, str], float]) -> Any:
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons

    made: list[Any] = [levels.CustomLevel(UNKNOWN[field], "unknown", "duckdb").configure(is_null_level=True)]
    for level, condition in (*CONDITIONS[field], ("differs", "ELSE")):
        one = levels.ElseLevel() if level == "differs" else levels.CustomLevel(condition, level, "duckdb")
        frequent = FREQUENT.get((field, level))
        more: dict[str, Any] = (
            {"tf_adjustment_column": frequent, "disable_tf_exact_match_detection": True} if frequent else {}
        )
        made.append(one.configure(m_probability=m[field, level], u_probability=u[field, level], **more))
    return comparisons.CustomComparison(made, output_column_name=field)


def _frequency(column: str) -> str:
    return (
        f"SELECT {column}, CAST(n AS DOUBLE) / CAST(total AS DOUBLE) AS tf_{column} FROM ("
        f"SELECT {column}, COUNT(*) AS n, SUM(COUNT(*)) OVER () AS total FROM core.link_key "
        f"WHERE kind = 'person' AND {column} IS NOT NULL GROUP BY {column}) AS held ORDER BY {column}"
    )
