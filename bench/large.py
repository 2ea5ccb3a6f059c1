"""core at 17 million: one closed month over copies of the lake, beside one copy, a script and reading alone."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import psutil

from bench.copies import MONTHS, Grown, copy_lake
from bench.core import same_job
from bench.figures import Cost, Section, costing
from bench.lake import BenchLake
from bench.rival import Ground, by_groups, differences, in_one_go, inputs_of, verdict
from guanxi.insight.months import RunMonth, month_of
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.pipeline.walk import Walk

PEAK_BAR, SPILL_BAR, MINUTES_BAR, PER_CUSTOMER_BAR, SCRIPT_BAR = 4.0, 2.0, 10.0, 1.3, 1.5
MEMORY = "3GiB"  # of the engine, for the steps and for the script


class Peak:
    """The most memory, spill and parted inputs this process held, looked at ten times a second."""

    def __init__(self, spill: Path, parted: Path) -> None:
        self._spill, self._parted, self._stop = spill, parted, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.memory = self.spilled = self.parted = 0

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._stop.wait(0.1):
            self.memory = max(self.memory, process.memory_info().rss)
            self.spilled = max(self.spilled, _bytes_under(self._spill))
            self.parted = max(self.parted, _bytes_under(self._parted))


class Told:
    """A watcher that keeps the seconds of each step, over months and groups."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.rows: dict[str, int] = {}

    def begin(self, stage: str, total: int) -> None:
        """Nothing to keep."""

    def done(
        self,
        piece: str,
        month: date | None,  # noqa: ARG002  # a watcher's signature
        rows: int,
        seconds: float,
        *,
        resumed: bool = False,  # noqa: ARG002  # the same
    ) -> None:
        """Keep a step's seconds and rows."""
        self.seconds[piece], self.rows[piece] = seconds, rows
        print(f"{piece}: {rows:,} rows, {seconds:.1f} s", flush=True)


@dataclass(frozen=True)
class Walked:
    """What one closed month cost."""

    customers: int
    cost: Cost
    reading: Cost
    script: Cost
    unequal: list[str]
    memory: int
    spilled: int
    parted: int
    told: Told


def measure(lake: BenchLake, copies: int) -> list[Section]:
    """The month at one copy and at so many: what it cost, and each step's seconds."""
    one, many = (_measured(lake, copy_lake(lake, number)) for number in (1, copies))
    return [_section(one, many, copies), _steps(one, many)]


def _measured(lake: BenchLake, grown: Grown) -> Walked:
    """The month's steps over the copied lake, and how long reading the same columns takes alone."""
    month, spill, told = month_of(lake.on), lake.home / "spill", Told()
    shutil.rmtree(grown.store.folder("walk"), ignore_errors=True)
    parts = {name: dict(held) for name, held in grown.parts.items()}
    with DuckEngine(spill, memory=MEMORY, threads=2) as engine:
        walk = Walk(
            engine=engine, store=grown.store, run="walk", parts=parts,
            months={month: RunMonth(month, lake.on, False, lake.base_currency, "daily")},
            policies=lake.policies, watcher=told,
        )  # fmt: skip
        with costing() as cost, Peak(spill, grown.store.folder("walk") / "split") as peak:
            walk.go(same_job(), [month])
    out = lake.home / "rival"
    script = _script(lake, grown, out, spill)
    unequal = differences(grown.store.folder("walk"), out)
    shutil.rmtree(grown.store.folder("walk"))
    shutil.rmtree(out)
    reading = _reading(grown)
    return Walked(
        grown.customers, cost, reading, script, unequal, peak.memory, peak.spilled, peak.parted, told
    )


def _script(lake: BenchLake, grown: Grown, out: Path, spill: Path) -> Cost:
    """The same month by the hand-written script, by the groups the lake's files are cut by."""
    inputs = inputs_of(grown.store, grown.parts, month_of(lake.on))
    ground = Ground(inputs, lake.policies, lake.on, lake.base_currency)
    groups = [group for group in grown.groups if group is not None]
    if groups:
        return by_groups(ground, groups, out, spill, MEMORY)
    return in_one_go(ground, out, spill, MEMORY)


def _reading(grown: Grown) -> Cost:
    """Every column of every input read once and thrown away."""
    with duckdb.connect(config={"threads": 2}) as asking, costing() as cost:
        for name, held in grown.parts.items():
            for part in held.values():
                columns = ", ".join(f'MAX("{column}")' for column in TABLES[name].column_names)
                asking.execute(f"SELECT {columns} FROM {parquet_files(grown.store.paths(part))}").fetchall()
    return cost


def _bytes_under(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _section(one: Walked, many: Walked, copies: int) -> Section:
    return Section(
        f"one closed month at {many.customers:,} parties ({copies} copies) beside one copy",
        ("customers", "wall s", "CPU s", "CPU µs ÷ customer", "÷ one copy", "CPU ÷ script", "wall ÷ script",
         "÷ reading alone", "peak GiB", "spill GB", "parted GB"),
        [_row(walked, one) for walked in (one, many)],
        (
            f"Bars: ≤ {MINUTES_BAR:.0f} minutes, peak ≤ {PEAK_BAR:.0f} GiB, spill ≤ {SPILL_BAR:.0f} GB, CPU a customer "
            f"≤ {PER_CUSTOMER_BAR} × one copy, ≤ {SCRIPT_BAR} × script. Two threads, {MEMORY} for the engine; the "
            "peak is the whole process's.",
            "Script: bench/rival.sql, by groups of buckets where the lake's files are (bench/rival.py), with the same "
            f"memory and threads. Figures of steps and script at {many.customers:,}: {verdict(many.unequal)}; "
            f"at one copy: {verdict(one.unequal)}.",
            f"Steps: the {len(many.told.seconds)} of the nightly core, from bucketed Parquet with {MONTHS} months of "
            "state. The copies are synthetic: as many banks with the same distributions. Reading alone is every column "
            "of every input once. Parted: rows without a bucket, laid by groups of customers for the month's steps.",
        ),
    )  # fmt: skip


def _row(walked: Walked, one: Walked) -> tuple[str, ...]:
    each = walked.cost.cpu / walked.customers
    return (
        f"{walked.customers:,}", f"{walked.cost.wall:.0f}", f"{walked.cost.cpu:.0f}", f"{each * 1e6:.0f}",
        f"{each / (one.cost.cpu / one.customers):.2f}", f"{walked.cost.cpu / walked.script.cpu:.2f}",
        f"{walked.cost.wall / walked.script.wall:.2f}", f"{walked.cost.cpu / walked.reading.cpu:.1f}",
        f"{walked.memory / 2**30:.1f}", f"{walked.spilled / 1e9:.2f}", f"{walked.parted / 1e9:.2f}",
    )  # fmt: skip


def _steps(one: Walked, many: Walked) -> Section:
    return Section(
        "seconds by step",
        ("step", "rows", "wall s", "rows ÷ s", "÷ (one copy × copies)"),
        [
            (
                name, f"{many.told.rows[name]:,}", f"{seconds:.1f}",
                f"{many.told.rows[name] / max(seconds, 1e-3):,.0f}",
                f"{seconds / (one.told.seconds[name] * many.customers / one.customers):.2f}",
            )
            for name, seconds in many.told.seconds.items()
        ],
    )  # fmt: skip
