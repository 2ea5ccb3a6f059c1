"""The night after beside a rebuild of all history: what arrived is merged, and only months it touches are made again.

Both make the same run of the same rows: the night as the bank's job makes it, the rebuild by walking every month from
the rows as they stand after the night. What they make is compared row by row.
"""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

from bench.figures import Cost, Section, costing
from bench.lake import SEED, BenchLake, night_of
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import WHOLE, Manifest, Store
from guanxi.pipeline.demo import generate_day
from guanxi.pipeline.lab.recut import Ground
from guanxi.pipeline.progress import Silent
from guanxi.pipeline.rebuild import Known, made_by_both, rebuild, rows_apart
from guanxi.pipeline.walk import Parts

BAR = 0.35
MEMORY = "4GiB"


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
    parts, known, whole = _rebuild(lake, store, manifest)
    made, unequal = _compared(store, manifest, parts, known, lake.home / "spill")
    shutil.rmtree(root)
    return _section(lake, nightly, whole, made, unequal)


def _rebuild(lake: BenchLake, store: Store, manifest: Manifest) -> tuple[Parts, Known, Cost]:
    ground = Ground(store, manifest, lake.base_currency, "daily")
    with DuckEngine(lake.home / "spill", memory=MEMORY, threads=2) as engine, costing() as cost:
        parts, known = rebuild(ground, engine, lake.policies, "rebuild", Silent())
    return parts, known, cost


def _compared(
    store: Store, manifest: Manifest, parts: Parts, known: Known, spill: Path
) -> tuple[int, dict[str, list[int]]]:
    """How many parts both made, and of each table with parts that differ, how many rows only one side has, by part."""
    made = 0
    unequal: dict[str, list[int]] = {}
    with DuckEngine(spill, memory=MEMORY, threads=2) as engine:
        for name, part, other in made_by_both(manifest, parts, known):
            made += 1
            if rows := rows_apart(engine, store, part, other):
                unequal.setdefault(name.split("@")[0], []).append(rows)
    return made, unequal


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
            "What a bank says without a date (an account's rate or loan class, a customer's closing) counts in a "
            "closed month as it was known when the month closed, in both.",
        ),
    )


def _row(name: str, cost: Cost, rival: Cost) -> tuple[str, ...]:
    return (
        name, f"{cost.cpu:.0f}", f"{cost.wall:.0f}", f"{cost.cpu / rival.cpu:.2f}", f"{cost.wall / rival.wall:.2f}"
    )  # fmt: skip
