"""The same steps on DuckDB and on Spark local: one closed month of the lake, same Parquet in, same rows out."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psutil
import pyspark

from bench.figures import Cost, Section, costing
from bench.lake import BenchLake
from guanxi.insight.months import RunMonth, month_of
from guanxi.insight.way import Step, the_way
from guanxi.lake.engine import DuckEngine, LakeEngine, parquet_files
from guanxi.lake.spark import SparkEngine, open_session
from guanxi.lake.store import Part
from guanxi.pipeline.progress import Silent
from guanxi.pipeline.walk import Walk

MASTER = "local[2]"
MEMORY = "4g"
RUNS = {"duckdb": "bench-duckdb", "spark": "bench-spark"}


def measure(lake: BenchLake, times: int) -> Section:
    """The monthly SQL steps of the lake's last month on both engines, turn and turn about; results are compared."""
    steps = [step for step in the_way() if step.sql and step.months != "none"]
    began = time.perf_counter()
    session = open_session(MASTER, lake.home / "spill", {"spark.driver.memory": MEMORY})
    session.sql("SELECT 1").collect()
    started = time.perf_counter() - began
    costs: dict[str, list[Cost]] = {name: [] for name in RUNS}
    open_engine: dict[str, Callable[[], LakeEngine]] = {
        "duckdb": lambda: DuckEngine(lake.home / "spill", threads=2),
        "spark": lambda: SparkEngine(lake.home / "spill", session=session),
    }
    for _ in range(times):
        for name, opened in open_engine.items():
            with opened() as engine, _costing() as cost:
                _walk(lake, steps, engine)
            costs[name].append(cost)
    session.stop()
    least = {name: min(held, key=lambda cost: cost.cpu) for name, held in costs.items()}
    unequal = _unequal(lake, steps)
    _clean(lake)
    return Section(
        "engines: one closed month on DuckDB and on Spark local",
        ("engine", "CPU s", "wall s", "CPU ÷ DuckDB", "wall ÷ DuckDB"),
        [
            _row(f"DuckDB {duckdb.__version__}", least["duckdb"], least["duckdb"]),
            _row(f"Spark {pyspark.__version__} {MASTER}", least["spark"], least["duckdb"]),
        ],
        (
            f"Bar: DuckDB ≥ 8 × faster. Steps: {len(steps)}. Rows: {_verdict(unequal)}.",
            f"Spark's start ({started:.0f} s) is not counted; {MEMORY} for its driver. Each engine {times} times, turn "
            f"and turn about, the cheapest by processor time; load {os.getloadavg()[0]:.1f} at the end.",
        ),
    )


def _verdict(unequal: list[str]) -> str:
    return f"NOT equal in {', '.join(unequal)}" if unequal else "equal in every column that is no DOUBLE"


def _row(name: str, cost: Cost, rival: Cost) -> tuple[str, ...]:
    ratios = (f"{cost.cpu / rival.cpu:.1f}", f"{cost.wall / rival.wall:.1f}")
    return (name, f"{cost.cpu:.1f}", f"{cost.wall:.1f}", *ratios)


@contextmanager
def _costing() -> Iterator[Cost]:
    """As `costing`, with the processor time of the JVM that lives beside this process."""
    before = _living()
    with costing() as cost:
        yield cost
    cost.cpu += _living() - before


def _living() -> float:
    spent = 0.0
    for child in psutil.Process().children(recursive=True):
        if "java" in child.name():
            used = child.cpu_times()
            spent += used.user + used.system
    return spent


def _walk(lake: BenchLake, steps: Sequence[Step], engine: LakeEngine) -> None:
    run, month = RUNS[engine.name], month_of(lake.on)
    shutil.rmtree(lake.store.folder(run), ignore_errors=True)
    parts: dict[str, dict[str, Part]] = {table: dict(held) for table, held in lake.manifest.parts.items()}
    months = {month: RunMonth(month, lake.on, False, lake.base_currency, "daily")}
    walk = Walk(
        engine=engine, store=lake.store, run=run, parts=parts, months=months, policies=lake.policies, watcher=Silent()
    )  # fmt: skip
    walk.go(steps, [month])


def _unequal(lake: BenchLake, steps: Sequence[Step]) -> list[str]:
    """Tables whose parts do not hold the same values in all columns but DOUBLE."""
    asking = duckdb.connect()
    found = []
    for step in steps:
        exact = ", ".join(f'"{column}"' for column, kind in step.table.columns if kind != "DOUBLE")
        told = [
            asking.execute(
                f"SELECT COUNT(*), BIT_XOR(HASH({exact})) FROM {parquet_files(_files(lake, run, step))}"
            ).fetchall()
            for run in RUNS.values()
        ]
        if told[0] != told[1]:
            found.append(step.name)
    return found


def _files(lake: BenchLake, run: str, step: Step) -> list[Path]:
    return sorted((lake.store.folder(run) / step.name).glob("*.parquet"))


def _clean(lake: BenchLake) -> None:
    for run in RUNS.values():
        shutil.rmtree(lake.store.folder(run), ignore_errors=True)
