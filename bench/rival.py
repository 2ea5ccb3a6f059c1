"""The nightly core as a hand-written DuckDB script (bench/rival.sql): in one go, or by groups of buckets.

In one go everything lies in memory at once. At 17 million customers the same statements run bucketed, as one would
write them by hand there: postings, balances and whatever else carries no bucket are laid by groups once; what concerns
one customer runs group by group; percentiles and standings look across all groups between. It relies on what the
made-up bank delivers, accounts of one holder.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from bench.figures import Cost, costing
from guanxi.insight.months import next_month
from guanxi.insight.policies.base import PolicyTable
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import parquet_files
from guanxi.lake.store import WHOLE, Part, Store

STATEMENTS = {
    found.group(1): text
    for text in Path(__file__).with_name("rival.sql").read_text(encoding="utf8").split(";\n")
    if (found := re.search(r"CREATE TABLE (\w+)", text))
}
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
# The script's name: table, and whether it is read whole, or its month, the month before, eleven, two years before.
INPUTS = {
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
    "past_tier": ("score.tier", "past_years"),
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
# By groups: what is made of one group's rows, what looks across all groups, and what then joins the two.
FIRST = (
    "account_month", "position", "wealth_month", "activity_month", "contribution_month", "indicator", "hold",
)  # fmt: skip
ACROSS = ("rank", "standing")
SECOND = ("card", "tier", "stage", "customer")
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
    "value card": ("score.value_card", "segment", "ROUND(AVG(composite_score), 8)"),
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


@dataclass(frozen=True)
class Ground:
    """What the script stands on: its inputs' files by its own names for them, the policies, the day and currency."""

    inputs: Mapping[str, Sequence[Path]]
    policies: Mapping[str, PolicyTable]
    on: date
    base_currency: str


def inputs_of(store: Store, parts: Mapping[str, Mapping[str, Part]], month: date) -> dict[str, list[Path]]:
    """The files of every input for one month's job; an input nobody delivered has none."""
    found: dict[str, list[Path]] = {}
    for name, (table, which) in INPUTS.items():
        held = parts.get(table, {})
        earlier = sorted(key for key in held if key != WHOLE and key < month.isoformat())
        keys = {
            "whole": [WHOLE], "month": [month.isoformat()], "prev": earlier[-1:], "past": earlier[-11:],
            "past_years": earlier[-24:],
        }[which]  # fmt: skip
        found[name] = [path for key in keys if key in held for path in store.paths(held[key])]
    return found


def in_one_go(ground: Ground, out: Path, spill: Path, memory: str) -> Cost:
    """The whole script in one engine; its tables lie as Parquet below `out`."""
    _fresh(out)
    with _engine(spill, memory) as connection, costing() as cost:
        _name(connection, ground)
        for text in STATEMENTS.values():
            connection.execute(text)
        for table in (*KEPT, *(f"r_{name}" for name in REPORTS)):
            _write(connection, table, out / table / "all.parquet")
    return cost


def by_groups(ground: Ground, groups: Sequence[tuple[int, int]], out: Path, spill: Path, memory: str) -> Cost:
    """The same statements over groups of buckets (first and last of each)."""
    _fresh(out)
    with _engine(spill, memory) as connection, costing() as cost:
        _name(connection, ground)
        _lay_by_groups(connection, groups, out / "laid")
        for number, group in enumerate(groups):
            _look_at(connection, ground, out / "laid", number, group)
            _make(connection, FIRST, out, f"{number}.parquet")
        _look_at(connection, ground, out / "laid", None, None)
        _see(connection, FIRST, out, "*.parquet")
        for table in ACROSS:
            connection.execute(STATEMENTS[table])
        for number, group in enumerate(groups):
            _look_at(connection, ground, out / "laid", number, group)
            _see(connection, FIRST, out, f"{number}.parquet")
            _make(connection, SECOND, out, f"{number}.parquet")
        _look_at(connection, ground, out / "laid", None, None)
        _see(connection, (*FIRST, *SECOND), out, "*.parquet")
        for name in REPORTS:
            connection.execute(STATEMENTS[f"r_{name}"])
            _write(connection, f"r_{name}", out / f"r_{name}" / "all.parquet")
    return cost


def differences(steps: Path, out: Path) -> list[str]:
    """The names of the checks in which steps (their tables' folders below `steps`) and script do not say the same."""
    asking, found = duckdb.connect(), []
    for name, (table, keys, sums) in CHECKS.items():
        query = f"SELECT {keys + ', ' if keys else ''}COUNT(*), {sums} FROM {{}} GROUP BY ALL ORDER BY ALL"
        noun = table.split(".")[1]
        script = f"r_{noun}" if noun in REPORTS else SCRIPT_TABLE.get(table, noun)
        said = [
            asking.execute(query.format(parquet_files(sorted(folder.glob("*.parquet"))))).fetchall()
            for folder in (steps / table, out / script)
        ]
        if said[0] != said[1]:
            found.append(name)
            apart = [(one, other) for one, other in zip(*said, strict=False) if one != other]
            print(f"not equal in {name}: {apart[:3]}")
    return found


def verdict(unequal: Sequence[str]) -> str:
    """What the checks came to, in words."""
    if unequal:
        return f"NOT equal in {', '.join(unequal)}"
    return f"equal in {len(CHECKS)} checks (AUM to the fen, tiers, stages, ranks, reports)"


def _fresh(out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)


def _engine(spill: Path, memory: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"temp_directory": str(spill), "memory_limit": memory, "threads": 2})


def _write(connection: duckdb.DuckDBPyConnection, table: str, path: Path, where: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"COPY (FROM {table} {where}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def _name(connection: duckdb.DuckDBPyConnection, ground: Ground) -> None:
    """The script's macros, the policies, the day, and a view for each input."""
    for macro in MACROS:
        connection.execute(macro)
    for name, paths in ground.inputs.items():
        _view(connection, name, paths)
    connection.execute("CREATE SCHEMA policy")
    for name, table in ground.policies.items():
        connection.execute(
            f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in table.columns)})"
        )
        if table.rows:
            connection.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})", table.rows
            )
    month = ground.on.replace(day=1)
    connection.execute(
        f"CREATE TABLE now AS SELECT DATE '{month}' AS month, DATE '{ground.on}' AS month_end, "
        f"DATE '{ground.on}' AS business_date, "
        f"{(next_month(month) - month).days} AS days, '{ground.base_currency}' AS base, "
        "(SELECT fx_stale_days FROM policy.aum_setting) AS stale"
    )


def _view(
    connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path], where: str = "", of: str = ""
) -> None:
    """A view over files; over none it has the columns of the input and no rows."""
    if paths:
        source = f"SELECT * FROM {parquet_files(list(paths))} {where}"
    else:
        columns = TABLES[INPUTS[of or name][0]].columns
        nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in columns)
        source = f"SELECT {nothing} WHERE FALSE"
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS {source}")


# Inputs without a bucket, and the ways to one: a tie concerns the customers at both of its ends.
LAID = {
    "balances": (("account", "account_no", "account_no"),),
    "transactions": (("account", "account_no", "account_no"),),
    "events": (("member", "customer_no", "customer_no"),),
    "credit": (("member", "customer_no", "customer_no"),),
    "relation": (("party", "party_key", "party_key"), ("party", "party_key", "other_key")),
}


def _lay_by_groups(
    connection: duckdb.DuckDBPyConnection, groups: Sequence[tuple[int, int]], folder: Path
) -> None:
    """Rows that carry no bucket, laid once by the group of whom they concern: `folder`/input/grp=n/."""
    which = " ".join(f"WHEN bucket <= {last} THEN {number}" for number, (_first, last) in enumerate(groups))
    for name, ways in LAID.items():
        rows = " UNION ".join(
            f"SELECT laid.*, CASE {which} END AS grp FROM {name} AS laid "
            f"JOIN {owner} AS owner ON owner.{key} = laid.{own}"
            for owner, key, own in ways
        )
        (folder / name).mkdir(parents=True)
        connection.execute(
            f"COPY ({rows}) TO '{folder / name}' (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (grp))"
        )


def _look_at(
    connection: duckdb.DuckDBPyConnection,
    ground: Ground,
    laid: Path,
    number: int | None,
    group: tuple[int, int] | None,
) -> None:
    """Views over one group's rows of each input, or over all."""
    for name, paths in ground.inputs.items():
        if group is not None and name in LAID:
            _view(connection, name, sorted((laid / name / f"grp={number}").glob("*.parquet")))
        elif group is not None and "bucket" in TABLES[INPUTS[name][0]].column_names:
            _view(connection, name, paths, f"WHERE bucket BETWEEN {group[0]} AND {group[1]}" if paths else "")
        else:
            _view(connection, name, paths)


def _make(connection: duckdb.DuckDBPyConnection, tables: Iterable[str], out: Path, file: str) -> None:
    """One group's tables, written and dropped; of positions only those asked for later."""
    made = list(tables)
    for table in made:
        connection.execute(f"DROP VIEW IF EXISTS {table}")
        connection.execute(STATEMENTS[table])
    for table in made:
        _write(connection, table, out / table / file, "WHERE is_joint" if table == "position" else "")
        connection.execute(f"DROP TABLE {table}")


def _see(connection: duckdb.DuckDBPyConnection, tables: Iterable[str], out: Path, pattern: str) -> None:
    """Views over what groups have written."""
    for table in tables:
        _view(connection, table, sorted((out / table).glob(pattern)))
