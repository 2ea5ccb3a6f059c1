"""`python -m bench.scale [--copies N] [--home DIR] [--only PART …]`: 17 million customers on this machine.

core: the nightly core of one closed month. segments: counts over 17 million rows. lab: a tier draft over 17 million
customers, one month and twelve. foresight: the scorer of leaving on 4 million person-months (synthetic). engines: the
same steps on DuckDB and on Spark local, at the lake's own size.

The lake of the 459,067-customer bank is copied N times with keys of their own, in files by groups of buckets as a run
of that size writes them (37 copies: 17 million customers), with twelve months of state. Then one closed month is walked
by the same steps as in `bench.core`. The copies are synthetic: every one has the same distributions.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import psutil

from bench.core import same_job
from bench.figures import Cost, Report, Section, costing
from bench.lake import ROOT, BenchLake, bench_lake
from guanxi.insight.months import RunMonth, month_of
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.store import Part, Store
from guanxi.pipeline.walk import BUCKETS, Walk

MONTHS = 12
PARTS = ("core", "segments", "lab", "foresight", "engines")
PAGE = ROOT / "docs" / "benchmarks-scale.md"
PEAK_BAR, SPILL_BAR, MINUTES_BAR, PER_CUSTOMER_BAR = 4.0, 2.0, 10.0, 1.3
# How a copy's keys become its own: whole numbers keep their last 15 digits and get the copy's number, texts a tail.
NUMBERS = ("party_key", "own_key", "other_key")
TEXTS = ("account_no", "customer_no", "transaction_no", "party_uuid")


@dataclass(frozen=True)
class Grown:
    """The copied lake: its parts, and how many customers it has."""

    store: Store
    parts: dict[str, dict[str, Part]]
    customers: int


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


def main() -> None:
    """Copy what is missing, walk, print, write the page."""
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("--copies", type=int, default=37)
    parser.add_argument("--customers", type=int, default=459_067)
    parser.add_argument("--months", type=int, default=25)
    parser.add_argument("--home", type=Path, help="where the single lake is kept, as in `make bench`")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    home = asked.home or ROOT / "var" / f"bench-{asked.customers}-{asked.months}"
    report = Report(asked.customers, datetime.now(UTC), "make bench-scale")
    with bench_lake(asked.customers, asked.months, home) as lake:
        for part in asked.only:
            for section in _measured_part(part, lake, asked.copies):
                report.add(section)
            asked.page.write_text(report.text(), encoding="utf8")


def _measured_part(part: str, lake: BenchLake, copies: int) -> list[Section]:
    from bench import engines, foresight, lab, segments

    if part == "core":
        one, many = (_measured(lake, copy_lake(lake, number)) for number in (1, copies))
        return [_section(one, many, copies), _steps(one, many)]
    once: dict[str, Callable[[], Section]] = {
        "segments": lambda: segments.measure(lake, times=2),
        "lab": lambda: lab.measure_copies(lake, copies),
        "foresight": foresight.measure,
        "engines": lambda: engines.measure(lake, times=1),
    }
    return [once[part]()]


# ---- The copied lake


def copy_lake(lake: BenchLake, copies: int) -> Grown:
    """The tables that the month's steps read, so many times; a lake copied before is taken as it stands."""
    root = lake.home / f"copies-{copies}"
    store, month = Store(root), month_of(lake.on)
    groups = _groups(lake.manifest.parts["core.party"]["all"].rows * copies)
    parts: dict[str, dict[str, Part]] = {}
    for name, keys in _needed(lake, month).items():
        for key in keys:
            source = lake.manifest.parts[name][key]
            began = time.perf_counter()
            parts.setdefault(name, {})[key] = _copied(lake, store, name, key, source, copies, groups)
            print(f"copied {name} {key}: {time.perf_counter() - began:.1f} s", flush=True)
    return Grown(store, parts, parts["core.party"]["all"].rows)


def _needed(lake: BenchLake, month: date) -> dict[str, list[str]]:
    """Table → the keys of its parts that one month's steps read."""
    steps = same_job()
    made = {step.name for step in steps}
    read = {
        name: 1 for step in steps for name in step.inputs if name not in made
    }  # months back, this one counted
    for step in steps:
        for name in step.prev:
            read[name] = max(read.get(name, 0), 2)
        for name in step.past:
            read[name] = max(read.get(name, 0), min(step.past_months, MONTHS))
    needed: dict[str, list[str]] = {}
    for name, back in sorted(read.items()):
        held = sorted(lake.manifest.parts.get(name, {}))
        window = [key for key in held if key <= month.isoformat()][-back:]
        # What the walk makes itself is not copied for its month.
        wanted = [key for key in window if name not in made or key != month.isoformat()]
        needed[name] = wanted if TABLES[name].monthly else held
    return needed


def _groups(rows: int) -> list[tuple[int, int] | None]:
    """The groups of buckets that a walk over so many customers takes (see Walk)."""
    wanted = min(BUCKETS, -(-rows // DuckEngine.parties_per_group))
    if wanted <= 1:
        return [None]
    edges = [BUCKETS * number // wanted for number in range(wanted + 1)]
    return [(first, after - 1) for first, after in itertools.pairwise(edges)]


def _copied(
    lake: BenchLake,
    store: Store,
    name: str,
    key: str,
    source: Part,
    copies: int,
    groups: list[tuple[int, int] | None],
) -> Part:
    """One part, copied; in one file for each group of buckets where its rows carry a bucket."""
    table, month = TABLES[name], None if key == "all" else date.fromisoformat(key)
    bucketed = "bucket" in table.column_names and len(groups) > 1
    same = not any(column in table.column_names for column in (*NUMBERS, *TEXTS))
    wanted = groups if bucketed else [None]
    paths = [
        store.part_path("grown", name, month, number if bucketed else None) for number in range(len(wanted))
    ]
    rows = source.rows * (1 if same else copies)
    if not all(path.exists() for path in paths):
        for path, buckets in zip(paths, wanted, strict=True):
            _copy(lake.store.paths(source), name, path, 1 if same else copies, buckets)
    return Part("grown", tuple(str(path.relative_to(store.root)) for path in paths), rows, 0.0, "")


def _copy(sources: list[Path], name: str, path: Path, copies: int, buckets: tuple[int, int] | None) -> None:
    table = TABLES[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    own = [
        f'CAST("{column}" % 1000000000000000 AS BIGINT) * 64 + copy AS "{column}"'
        for column in NUMBERS
        if column in table.column_names
    ]
    own += [f'"{column}" || \'-\' || copy AS "{column}"' for column in TEXTS if column in table.column_names]
    replaced = f"* EXCLUDE (copy) REPLACE ({', '.join(own)})" if own else "* EXCLUDE (copy)"
    where = f"WHERE bucket BETWEEN {buckets[0]} AND {buckets[1]}" if buckets else ""
    order = ", ".join(f'"{column}"' for column in table.grain)
    with duckdb.connect(
        config={"memory_limit": "6GiB", "threads": 2, "temp_directory": str(path.parent)}
    ) as making:
        making.execute(
            f"COPY (SELECT {replaced} FROM (SELECT copy, held.* FROM {parquet_files(sources)} AS held, "
            f"range({copies}) AS copies(copy) {where}) ORDER BY {order}) TO '{path}.draft' "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
    Path(f"{path}.draft").rename(path)


# ---- The walk


@dataclass(frozen=True)
class Walked:
    """What one closed month cost."""

    customers: int
    cost: Cost
    reading: Cost
    memory: int
    spilled: int
    parted: int
    told: Told


def _measured(lake: BenchLake, grown: Grown) -> Walked:
    """The month's steps over the copied lake, and how long reading the same columns takes alone."""
    month, spill, told = month_of(lake.on), lake.home / "spill", Told()
    shutil.rmtree(grown.store.folder("walk"), ignore_errors=True)
    parts = {name: dict(held) for name, held in grown.parts.items()}
    with DuckEngine(spill, memory="3GiB", threads=2) as engine:
        walk = Walk(
            engine=engine, store=grown.store, run="walk", parts=parts,
            months={month: RunMonth(month, lake.on, False, lake.base_currency, "daily")},
            policies=lake.policies, watcher=told,
        )  # fmt: skip
        with costing() as cost, Peak(spill, grown.store.folder("walk") / "split") as peak:
            walk.go(same_job(), [month])
    shutil.rmtree(grown.store.folder("walk"))
    reading = _reading(grown)
    return Walked(grown.customers, cost, reading, peak.memory, peak.spilled, peak.parted, told)


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


# ---- What is said


def _section(one: Walked, many: Walked, copies: int) -> Section:
    return Section(
        f"one closed month at {many.customers:,} parties ({copies} copies) beside one copy",
        ("customers", "wall s", "CPU s", "CPU µs ÷ customer", "÷ one copy", "÷ reading alone", "peak GiB", "spill GB",
         "parted GB"),
        [_row(walked, one) for walked in (one, many)],
        (
            f"Bars: ≤ {MINUTES_BAR:.0f} minutes, peak ≤ {PEAK_BAR:.0f} GiB, spill ≤ {SPILL_BAR:.0f} GB, CPU a customer "
            f"≤ {PER_CUSTOMER_BAR} × one copy. Two threads, 3 GiB for the engine; the peak is the whole process's.",
            f"Steps: the {len(many.told.seconds)} of the nightly core, from bucketed Parquet with {MONTHS} months of "
            "state. The copies are synthetic: as many banks with the same distributions. Reading alone is every column "
            "of every input once. Parted: rows without a bucket, laid by groups of customers for the month's steps.",
        ),
    )  # fmt: skip


def _row(walked: Walked, one: Walked) -> tuple[str, ...]:
    each = walked.cost.cpu / walked.customers
    return (
        f"{walked.customers:,}", f"{walked.cost.wall:.0f}", f"{walked.cost.cpu:.0f}", f"{each * 1e6:.0f}",
        f"{each / (one.cost.cpu / one.customers):.2f}", f"{walked.cost.cpu / walked.reading.cpu:.1f}",
        f"{walked.memory / 2**30:.1f}", f"{walked.spilled / 1e9:.2f}",
        f"{walked.parted / 1e9:.2f}",
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


if __name__ == "__main__":
    main()
