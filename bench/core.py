"""The nightly core of one closed month: the walk over the real steps, a hand-written script, pandas."""

from __future__ import annotations

import shutil

from bench.figures import Cost, Section, costing, least
from bench.lake import BenchLake
from bench.rival import CHECKS, KEPT, REPORTS, Ground, differences, in_one_go, inputs_of, verdict
from guanxi.insight.months import RunMonth, month_of
from guanxi.insight.way import Step, the_way
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import Part
from guanxi.pipeline.progress import Silent
from guanxi.pipeline.walk import Walk

MEMORY = "4GiB"
# Steps of the run's last day that the script does not do: positions at other days and the reconciliation.
LAST_ONLY = ("feature.wealth_day", "report.unit_day", "report.large_change", "report.reconciliation")
RUN = "bench"


def measure(lake: BenchLake, times: int) -> Section:
    """Steps, script and pandas over the lake's last month, each `times` times; figures are checked equal."""
    from bench import frames

    compared = same_job()
    rest = [step for step in the_way() if step.name in LAST_ONLY]
    beyond = [step for step in _of_the_month() if step not in compared and step not in rest]
    walks: list[tuple[Cost, Cost, Cost]] = []
    scripts: list[Cost] = []
    ground, out = _ground(lake), lake.home / "rival"
    for _ in range(times):  # turn and turn about, so that a busy minute hits both
        walks.append(_walk(lake, compared, rest, beyond))
        scripts.append(in_one_go(ground, out, lake.home / "spill", MEMORY))
    walk, last, more = (min(costs, key=lambda cost: cost.cpu) for costs in zip(*walks, strict=True))
    script = min(scripts, key=lambda cost: cost.cpu)
    unequal = differences(lake.store.folder(RUN), out)
    pandas = least(lambda: frames.month(ground.inputs), 1)
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
            f"Bar: steps ≤ 1.5 × script. Figures of steps and script: {verdict(unequal)}.",
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


def _ground(lake: BenchLake) -> Ground:
    inputs = inputs_of(lake.store, lake.manifest.parts, month_of(lake.on))
    return Ground(inputs, lake.policies, lake.on, lake.base_currency)


def _clean(lake: BenchLake) -> None:
    shutil.rmtree(lake.store.folder(RUN), ignore_errors=True)
    shutil.rmtree(lake.home / "rival", ignore_errors=True)
