"""The night after beside a rebuild of all history: what arrived is merged, and only months it touches are made again.

Both make the same run of the same rows: the night as the bank's job makes it, the rebuild by walking every month from
the rows as they stand after the night. What they make is compared row by row.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb

from bench.figures import Cost, Section, costing
from bench.lake import SEED, BenchLake, night_of
from guanxi.insight.way import the_way
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.store import WHOLE, Manifest, Part, Store
from guanxi.pipeline.demo import generate_day
from guanxi.pipeline.lab.recut import Ground
from guanxi.pipeline.progress import Silent
from guanxi.pipeline.walk import Parts, Walk

BAR = 0.35
MEMORY = "4GiB"
GIVEN = ("staged.", "ops.", "quality.")  # what a rebuild starts from


def measure(lake: BenchLake) -> Section:
    """The day after the lake's, incrementally and with all its history; once each."""
    from guanxi.pipeline.night import make_run, plan_run

    after = lake.on + timedelta(days=1)
    if not (lake.extracts / after.isoformat() / "manifest.toml").exists():
        generate_day(lake.extracts, after, seed=SEED)
    root = lake.home / "nights"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(lake.store.root, root, copy_function=os.link)  # parts never change: a name more is a copy
    store = Store(root)
    night = night_of(lake.bank, lake.extracts, after)
    with DuckEngine(lake.home / "spill", memory=MEMORY, threads=2) as engine, costing() as nightly:
        manifest = make_run(night, plan_run(night, store), store, engine, Silent())
    rebuilt, whole = _rebuild(lake, store, manifest)
    made, unequal = _compared(store, manifest, rebuilt)
    shutil.rmtree(root)
    return _section(lake, nightly, whole, made, unequal)


def _rebuild(lake: BenchLake, store: Store, manifest: Manifest) -> tuple[Parts, Cost]:
    ground = Ground(store, manifest, lake.base_currency, "daily")
    parts: Parts = {name: dict(held) for name, held in manifest.parts.items() if name.startswith(GIVEN)}
    with DuckEngine(lake.home / "spill", memory=MEMORY, threads=2) as engine:
        walk = Walk(
            engine=engine, store=store, run="rebuild", parts=parts, months=ground.calendar(),
            policies=lake.policies, watcher=Silent(),
        )  # fmt: skip
        with costing() as cost:
            walk.go(the_way(), ground.months)
    return walk.parts, cost


def _compared(store: Store, manifest: Manifest, rebuilt: Parts) -> tuple[int, dict[str, list[int]]]:
    """How many parts both made, and of each table with parts that differ, how many rows only one side has, by part."""
    made = 0
    unequal: dict[str, list[int]] = {}
    for name, part, other in _pairs(manifest, rebuilt):
        made += 1
        if part.sha256 != other.sha256 and (rows := _apart(store, part, other)):
            unequal.setdefault(name, []).append(rows)
    return made, unequal


def _pairs(manifest: Manifest, rebuilt: Parts) -> Iterator[tuple[str, Part, Part]]:
    for name, held in sorted(rebuilt.items()):
        if not name.startswith(GIVEN):
            for key, other in sorted(held.items()):
                if key in manifest.parts.get(name, {}):
                    yield name, manifest.parts[name][key], other


def _apart(store: Store, part: Part, other: Part) -> int:
    one, two = (f"SELECT * FROM {_files(store, side)}" for side in (part, other))
    query = (
        f"SELECT (SELECT COUNT(*) FROM ({one} EXCEPT {two})) + (SELECT COUNT(*) FROM ({two} EXCEPT {one}))"
    )
    with duckdb.connect() as asking:
        return int(asking.execute(query).fetchall()[0][0])


def _files(store: Store, part: Part) -> str:
    paths: list[Path] = store.paths(part)
    return parquet_files(paths)


def _section(
    lake: BenchLake, nightly: Cost, whole: Cost, made: int, unequal: dict[str, list[int]]
) -> Section:
    said = ", ".join(
        f"{name} {len(rows)} parts, {sum(rows):,} rows" for name, rows in sorted(unequal.items())
    )
    equal = made - sum(len(rows) for rows in unequal.values())
    return Section(
        "the night after beside a rebuild of all history",
        ("what", "CPU s", "wall s", "CPU ÷ rebuild", "wall ÷ rebuild"),
        [
            _row("the night, its files read too", nightly, whole),
            _row("every month again from the rows as they stand", whole, whole),
        ],
        (
            f"Bar: ≤ {BAR} × rebuild. {lake.manifest.parts['core.party'][WHOLE].rows:,} parties, "
            f"{len(lake.manifest.months('feature.wealth_month'))} months and the first day of the next. "
            f"Of {made:,} parts that both made, {equal:,} are equal row by row"
            + (f"; apart (rows that only one of the two has): {said}." if unequal else "."),
            "What a bank says without a date (an account's rate or loan class, a customer's closing) holds from the "
            "night that brought it; a rebuild reads the past by it too, and there the two part.",
        ),
    )


def _row(name: str, cost: Cost, rival: Cost) -> tuple[str, ...]:
    return (
        name, f"{cost.cpu:.0f}", f"{cost.wall:.0f}", f"{cost.cpu / rival.cpu:.2f}", f"{cost.wall / rival.wall:.2f}"
    )  # fmt: skip
