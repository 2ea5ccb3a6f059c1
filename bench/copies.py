"""A lake with every customer many times: keys of their own, files by groups of buckets as such a run writes them.

The copies are synthetic: every one has the same distributions.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from bench.core import same_job
from bench.lake import BenchLake
from guanxi.insight.months import month_of
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.store import Part, Store
from guanxi.pipeline.walk import BUCKETS

MONTHS = 12  # of state that are copied
# How a copy's keys become its own: whole numbers keep their last 15 digits and get the copy's number, texts a tail.
NUMBERS = ("party_key", "own_key", "other_key")
TEXTS = ("account_no", "customer_no", "transaction_no", "party_uuid")


@dataclass(frozen=True)
class Grown:
    """The copied lake: its parts, how many customers it has, and the groups of buckets its files are cut by."""

    store: Store
    parts: dict[str, dict[str, Part]]
    customers: int
    groups: list[tuple[int, int] | None]


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
    return Grown(store, parts, parts["core.party"]["all"].rows, groups)


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
