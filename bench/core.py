"""The nightly core of one closed month: the walk over the real steps, a hand-written script, pandas."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from bench.figures import Cost, Section, costing, least
from bench.lake import BenchLake
from guanxi.insight.months import RunMonth, month_of, next_month
from guanxi.insight.tables import TABLES
from guanxi.insight.way import Step, the_way
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.store import Part
from guanxi.pipeline.progress import Silent
from guanxi.pipeline.walk import Walk

SCRIPT = Path(__file__).with_name("rival.sql")
MEMORY = "4GiB"
# Steps of the run's last day that the script does not do: positions at other days and the reconciliation.
LAST_ONLY = ("feature.wealth_day", "report.unit_day", "report.large_change", "report.reconciliation")
RUN = "bench"

MACROS = (
    # Rounded half up once, exactly, as the steps do it.
    "CREATE MACRO mean(total, days) AS CAST(SIGN(CAST(total * 100 AS BIGINT)) * ((2 * ABS(CAST(total * 100 AS BIGINT)) "
    "+ CAST(days AS BIGINT)) // (2 * CAST(days AS BIGINT))) AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2))",
    "CREATE MACRO half_up(amount, divisor) AS CAST(SIGN(CAST(ROUND(amount * 10000, 0) AS BIGINT)) * "
    "((2 * ABS(CAST(ROUND(amount * 10000, 0) AS BIGINT)) + CAST(divisor AS BIGINT)) // (2 * CAST(divisor AS BIGINT))) "
    "AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2))",
    "CREATE MACRO bin(x) AS CASE WHEN x BETWEEN -1000 AND 1000 THEN x "
    "WHEN x BETWEEN -100000 AND 100000 THEN CAST(ROUND(x, 0) AS DECIMAL(18,2)) "
    "ELSE CAST(ROUND(x / 1e2, 0) * 1e2 AS DECIMAL(18,2)) END",
)
INPUTS = {  # the script's name: table, and whether it is read for the month, the month before or the eleven before
    "account": ("core.account", "whole"),
    "party": ("core.party", "whole"),
    "member": ("core.party_member", "whole"),
    "holding": ("core.holding", "whole"),
    "relation": ("core.relation", "whole"),
    "unit_scope": ("core.unit_scope", "whole"),
    "fx": ("staged.fx_rates", "whole"),
    "ftp": ("staged.ftp_rates", "whole"),
    "credit": ("staged.credit", "whole"),
    "balances": ("staged.balances", "month"),
    "transactions": ("staged.transactions", "month"),
    "events": ("staged.channel_events", "month"),
    "prev_account": ("feature.account_month", "prev"),
    "prev_activity": ("feature.activity_month", "prev"),
    "prev_tier": ("score.tier", "prev"),
    "prev_stage": ("score.stage", "prev"),
    "past_wealth": ("feature.wealth_month", "past"),
    "past_activity": ("feature.activity_month", "past"),
    "past_contribution": ("feature.contribution_month", "past"),
    "past_tier": ("score.tier", "past25"),
}
KEPT = ("account_month", "wealth_month", "activity_month", "contribution_month", "card", "tier", "stage")
REPORTS = (
    "unit_tier",
    "unit_band",
    "account_band",
    "migration",
    "attrition",
    "age_channel",
    "holding",
    "concentration",
)
# What must come out equal: steps' table, columns grouped by, figures over each group.
CHECKS = {
    "accounts": (
        "feature.account_month",
        "refused",
        "SUM(balance_days_base), SUM(balance_base), SUM(in_transit)",
    ),
    "AUM and averages": (
        "feature.wealth_month",
        "",
        "SUM(aum), SUM(daily_average), SUM(weighted_average), SUM(loans)",
    ),
    "activity": (
        "feature.activity_month",
        "",
        "SUM(initiated_count), SUM(active_days), SUM(inflow), SUM(outflow)",
    ),
    "contribution": (
        "feature.contribution_month",
        "",
        "SUM(contribution), SUM(expected_loss), SUM(deposit_margin)",
    ),
    "tiers": (
        "score.tier",
        "scheme, held_rank, reason_code",
        "SUM(next_gap), SUM(months_held), SUM(months_below), SUM(best_below_rank), SUM(months_at_or_above)",
    ),
    "stages": ("score.stage", "stage, reason_code", "SUM(old_base), SUM(months_in_stage), SUM(idle_days)"),
    "value card": ("score.value_card", "segment", "ROUND(SUM(composite_score), 4)"),
    "behaviour": (
        "score.behaviour",
        "preference, recency_rank, frequency_rank, money_rank, age_band",
        "SUM(recency_days)",
    ),
    "unit × tier": ("report.unit_tier", "unit_no, kind, tier_rank", "SUM(customers), SUM(aum)"),
    "migration": ("report.migration", "from_rank, to_rank", "SUM(customers), SUM(aum)"),
    "attrition": (
        "report.attrition",
        "tier_rank",
        "SUM(customers), SUM(lost), SUM(declining), SUM(lost_base)",
    ),
    "age × channel": (
        "report.age_channel",
        "unit_no, age_band",
        "SUM(customers), SUM(aum), SUM(mobile_active)",
    ),
    "bands": ("report.account_band", "unit_no, band", "SUM(accounts), SUM(balance)"),
}
SCRIPT_TABLE = {"score.value_card": "card", "score.behaviour": "card"}


def measure(lake: BenchLake, times: int) -> Section:
    """Steps, script and pandas over the lake's last month, each `times` times; figures are checked equal."""
    from bench import frames

    compared = same_job()
    rest = [step for step in the_way() if step.name in LAST_ONLY]
    beyond = [step for step in _of_the_month() if step not in compared and step not in rest]
    walks: list[tuple[Cost, Cost, Cost]] = []
    scripts: list[Cost] = []
    for number in range(times):  # turn and turn about, so that a busy minute hits both
        walks.append(_walk(lake, compared, rest, beyond))
        scripts.append(_script(lake, keep=number == times - 1))
    walk, last, more = (min(costs, key=lambda cost: cost.cpu) for costs in zip(*walks, strict=True))
    script = min(scripts, key=lambda cost: cost.cpu)
    unequal = _differences(lake)
    pandas = least(lambda: frames.month(_inputs(lake)), 1)
    _clean(lake)
    rows = [
        _row("steps (the walk)", walk, script),
        _row("one hand-written DuckDB script", script, script),
        _row("pandas, reduced job", pandas, script),
        _row("steps of the last day alone", last, script),
        _row("steps of foresight, needs, worth and lists", more, script),
    ]
    return Section(
        "core: one closed month on a lake with its history",
        ("what", "CPU s", "wall s", "CPU ÷ script", "wall ÷ script"),
        rows,
        (
            f"Bar: steps ≤ 1.5 × script. Figures of steps and script: {_verdict(unequal)}.",
            f"Steps: {len(compared)}, each with its promise checked (columns, unique grain), rows in grain order, file "
            f"hashed and recorded. The script (bench/rival.sql) does none of these, writes {len(KEPT)} wide tables "
            f"instead of {len(compared) - len(REPORTS)} and no table of margins per account, and takes for granted "
            "what this bank delivers (no 积数 of its own, balances every night, a closed month, no tier set by hand). "
            "pandas does wealth without foreign currency and joint accounts, tiers by the balance alone, activity and "
            "one percentile; floats, nothing written.",
            f"Steps of the last day alone: {', '.join(LAST_ONLY)}; the script has no counterpart. The "
            f"{len(beyond)} steps in the last row (signals, labels, warnings, next need, lifetime value, segments' "
            "facts, lists) have none either.",
            f"Steps and script {times} times turn and turn about, the cheapest of each; pandas once.",
        ),
    )


def _of_the_month() -> list[Step]:
    return [step for step in the_way() if step.months != "none"]


def same_job() -> list[Step]:
    """The month's steps that make what the script makes, and those they stand on, in the order of the way."""
    steps = {step.name: step for step in _of_the_month()}
    wanted = {table for table, _, _ in CHECKS.values()} | {f"report.{name}" for name in REPORTS}
    needed: set[str] = set()
    while wanted:
        table = wanted.pop()
        if table in steps and table not in needed:
            needed.add(table)
            wanted |= {*steps[table].inputs, *steps[table].past}
    return [step for step in steps.values() if step.name in needed and step.name not in LAST_ONLY]


def _verdict(unequal: list[str]) -> str:
    if unequal:
        return f"NOT equal in {', '.join(unequal)}"
    return f"equal in {len(CHECKS)} checks (AUM to the fen, tiers, stages, ranks, reports)"


def _row(name: str, cost: Cost, rival: Cost) -> tuple[str, ...]:
    return (
        name, f"{cost.cpu:.1f}", f"{cost.wall:.1f}", f"{cost.cpu / rival.cpu:.2f}", f"{cost.wall / rival.wall:.2f}"
    )  # fmt: skip


def _walk(
    lake: BenchLake, compared: list[Step], rest: list[Step], beyond: list[Step]
) -> tuple[Cost, Cost, Cost]:
    """The steps as a night walks them, written to a folder of their own in the same lake."""
    shutil.rmtree(lake.store.folder(RUN), ignore_errors=True)
    month = month_of(lake.on)
    parts: dict[str, dict[str, Part]] = {table: dict(held) for table, held in lake.manifest.parts.items()}
    with DuckEngine(lake.home / "spill", memory=MEMORY) as engine:
        walk = Walk(
            engine=engine, store=lake.store, run=RUN, parts=parts, months={month: _run_month(lake)},
            policies=lake.policies, watcher=Silent(),
        )  # fmt: skip
        with costing() as cost:
            walk.go(compared, [month])
        with costing() as last:
            walk.go(rest, [month])
        with costing() as more:
            walk.go(beyond, [month])
    return cost, last, more


def _run_month(lake: BenchLake) -> RunMonth:
    month = month_of(lake.on)
    return RunMonth(month, lake.on, False, lake.base_currency, "daily")


def _inputs(lake: BenchLake) -> Mapping[str, list[Path]]:
    months = list(lake.manifest.months("feature.wealth_month"))
    now = month_of(lake.on)
    windows: dict[str, list[date | None]] = {
        "whole": [None],
        "month": [now],
        "prev": list(months[-2:-1]),
        "past": list(months[-12:-1]),
        "past25": list(months[-25:-1]),
    }
    return {
        name: [
            path for month in windows[which] for path in lake.store.paths(lake.manifest.part(table, month))
        ]
        for name, (table, which) in INPUTS.items()
    }


def _script(lake: BenchLake, *, keep: bool) -> Cost:
    """The hand-written script on an engine of its own, with the same memory and threads, results written as Parquet."""
    out = lake.home / "rival"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    connection = duckdb.connect(
        config={"temp_directory": str(lake.home / "spill"), "memory_limit": MEMORY, "threads": 2}
    )
    _name(connection, lake)
    statements = [text for text in SCRIPT.read_text(encoding="utf8").split(";\n") if text.strip()]
    with costing() as cost:
        for statement in statements:
            connection.execute(statement)
        for table in (*KEPT, *(f"r_{name}" for name in REPORTS)):
            connection.execute(f"COPY {table} TO '{out}/{table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    connection.close()
    if not keep:
        shutil.rmtree(out)
    return cost


def _name(connection: duckdb.DuckDBPyConnection, lake: BenchLake) -> None:
    for macro in MACROS:
        connection.execute(macro)
    for name, paths in _inputs(lake).items():
        if paths:
            source = f"SELECT * FROM {parquet_files(paths)}"
        else:
            columns = TABLES[INPUTS[name][0]].columns
            nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in columns)
            source = f"SELECT {nothing} WHERE FALSE"
        connection.execute(f"CREATE VIEW {name} AS {source}")
    connection.execute("CREATE SCHEMA policy")
    for name, table in lake.policies.items():
        connection.execute(
            f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in table.columns)})"
        )
        if table.rows:
            connection.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})", table.rows
            )
    month = month_of(lake.on)
    connection.execute(
        f"CREATE TABLE now AS SELECT DATE '{month}' AS month, DATE '{lake.on}' AS month_end, "
        f"DATE '{lake.on}' AS business_date, "
        f"{(next_month(month) - month).days} AS days, '{lake.base_currency}' AS base, "
        "(SELECT fx_stale_days FROM policy.aum_setting) AS stale"
    )


def _differences(lake: BenchLake) -> list[str]:
    """The names of the checks in which steps and script do not say the same."""
    asking, found = duckdb.connect(), []
    for name, (table, keys, sums) in CHECKS.items():
        query = f"SELECT {keys + ', ' if keys else ''}COUNT(*), {sums} FROM {{}} GROUP BY ALL ORDER BY ALL"
        steps = parquet_files(sorted((lake.store.folder(RUN) / table).glob("*.parquet")))
        noun = table.split(".")[1]
        script = f"r_{noun}" if noun in REPORTS else SCRIPT_TABLE.get(table, noun)
        said = [
            asking.execute(query.format(source)).fetchall()
            for source in (steps, f"'{lake.home}/rival/{script}.parquet'")
        ]
        if said[0] != said[1]:
            found.append(name)
            apart = [(one, other) for one, other in zip(*said, strict=False) if one != other]
            print(f"not equal in {name}: {apart[:3]}")
    return found


def _clean(lake: BenchLake) -> None:
    shutil.rmtree(lake.store.folder(RUN), ignore_errors=True)
    shutil.rmtree(lake.home / "rival", ignore_errors=True)
