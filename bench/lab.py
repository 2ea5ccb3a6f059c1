"""The policy lab: one month cut again from stored state, and twelve months, on the bench's lake or on copies of it.

`python -m bench.lab --lake DIR --copies 35 --into DIR` first writes a lake of many copies of each customer: synthetic,
the columns the lab reads and no others. It then holds what counts as computed by today's steps, as a bank's lake does.
"""

from __future__ import annotations

import argparse
import resource
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from bench.figures import Cost, Section, costing
from bench.lake import ROOT, BenchLake
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.tier import TierPolicy
from guanxi.insight.tables import TABLES
from guanxi.insight.way import the_way
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.store import Part, Store
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.lab import Trial, simulate
from guanxi.pipeline.lab.recut import Ground, groups_of
from guanxi.pipeline.night import read_by_run, way_hash
from guanxi.pipeline.progress import Silent

MEMORY = "4GiB"
# What the lab reads of each table; other columns are NULL in the copies.
READ = {
    "core.party": "bucket kind size_class state since is_owner unit_no keeper_no area resident_type",
    "feature.wealth_month": "bucket month aum aum_days days days_in_month daily_average accounts_open accounts_refused "
    "loans basis",
    "score.company_standing": "bucket month scheme points",
    "score.tier": " ".join(TABLES["score.tier"].column_names),
    "score.value_card": "bucket month segment contribution_12m composite_score",
    "score.behaviour": "bucket month age_band",
}
LAST_ONLY = ("score.value_card", "score.behaviour")


def measure(lake: BenchLake, times: int) -> Section:
    """One month and twelve months of a tier draft beside what counts, as often as told; the cheapest counts."""
    ground = Ground(lake.store, lake.manifest, lake.base_currency, "daily")
    return section(ground, lake.home / "bench-lab", times)


def measure_copies(lake: BenchLake, copies: int, span: int = 12) -> Section:
    """The same over copies of the lake, made where they are missing; each once."""
    into = lake.home / f"lab-copies-{copies}"
    copied = Store(into)
    if not copied.standing():
        copy_lake(lake.store, copies, span, into)
    manifest = copied.manifest(list(copied.standing().values())[-1])
    assert manifest is not None
    ground = Ground(copied, manifest, lake.base_currency, "daily")
    return section(ground, lake.home / "bench-lab", 1, (1, span))


def section(ground: Ground, scratch: Path, times: int, spans: Sequence[int] = (1, 12)) -> Section:
    """The table of figures."""
    policies = demo_policies()
    draft = gold_from("600000", policies)
    month = ground.closed_months()[-1]
    rows = []
    for months in spans:
        trial = Trial("tier", policies, (draft,), month, months)
        costs = [_cost(trial, ground, scratch) for _ in range(times)]
        cheapest = min(costs, key=lambda one: one.wall)
        rows.append(
            (f"{months} month{'s' * (months > 1)}", f"{cheapest.wall:.1f} s", f"{cheapest.cpu:.1f} s")
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    stood = ground.stands("score.tier", trial.span(ground), policies)
    return Section(
        "The policy lab",
        ("a tier draft beside what counts", "clock", "processor"),
        rows,
        (
            f"{ground.parties():,} customers, two threads, {MEMORY}; peak of the process {peak:.1f} GiB. Bars at 17 "
            "million: one month < 60 s, twelve months < 10 minutes.",
            "What counts was taken from the lake." if stood else "What counts was cut again too.",
        ),
    )


def _cost(trial: Trial, ground: Ground, scratch: Path) -> Cost:
    shutil.rmtree(scratch, ignore_errors=True)
    with DuckEngine(scratch / "spill", memory=MEMORY, threads=2) as engine, costing() as cost:
        simulate(trial, ground, engine, scratch, Silent())
    shutil.rmtree(scratch, ignore_errors=True)
    return cost


def demo_policies() -> dict[str, Policy]:
    """The made-up bank's starting policies."""
    payloads = open_bank(ROOT / "banks" / "demo", ROOT).policy_payloads()
    return read_by_run({kind: load_policy(kind, body) for kind, body in payloads.items()})


def gold_from(lower: str, policies: dict[str, Policy]) -> TierPolicy:
    """The draft that is measured: another line for one tier of persons."""
    policy = policies["tier"]
    assert isinstance(policy, TierPolicy)
    first, *others = policy.schemes
    bands = tuple(
        replace(band, lower=Decimal(lower)) if band.code == "gold" else band for band in first.bands
    )
    return replace(policy, schemes=(replace(first, bands=bands), *others))


# --- many copies of a lake


def copy_lake(source: Store, copies: int, span: int, into: Path) -> Store:
    """A lake with each customer `copies` times over the last months and the one before, in groups as a night writes."""
    manifest = source.manifest(list(source.standing().values())[-1])
    assert manifest is not None
    store = Store(into)
    months = manifest.months("score.tier")[-span - 1 :]
    connection = duckdb.connect(
        config={"memory_limit": MEMORY, "threads": 2, "temp_directory": str(into / "spill")}
    )
    connection.execute(
        "CREATE TABLE numbered AS SELECT party_key, ROW_NUMBER() OVER (ORDER BY party_key) AS number "
        f"FROM {parquet_files(source.paths(manifest.part('core.party', None)))}"
    )
    parts: dict[str, dict[str, Part]] = {}
    for table in READ:
        for key in _keys(table, months):
            part = manifest.parts[table].get(key)
            if part is not None:
                made = _copied(connection, source.paths(part), table, key, copies, part.rows, store)
                parts.setdefault(table, {})[key] = made
                print(table, key, f"{made.rows:,}", flush=True)
    policies = {kind: policy.content_hash() for kind, policy in demo_policies().items()}
    closed = replace(
        manifest, run="copies", previous=None, policies=policies, way=way_hash(the_way()), parts=parts
    )
    store.close(closed)
    store.stand(closed)
    return store


def _keys(table: str, months: Sequence[date]) -> list[str]:
    if not TABLES[table].monthly:
        return ["all"]
    if table in LAST_ONLY:
        return [months[-1].isoformat()]
    # Before the first month only the stored tier is read.
    return [month.isoformat() for month in (months if table == "score.tier" else months[1:])]


def _copied(
    connection: duckdb.DuckDBPyConnection,
    paths: list[Path],
    table: str,
    key: str,
    copies: int,
    rows: int,
    store: Store,
) -> Part:
    shape = TABLES[table]
    read = set(READ[table].split()) - {"party_key"}
    columns = ", ".join(
        "m.number + k.copy * 10000000 AS party_key" if name == "party_key"
        else f's."{name}"' if name in read else f'CAST(NULL AS {kind}) AS "{name}"'
        for name, kind in shape.columns
    )  # fmt: skip
    files = []
    parties = connection.execute("SELECT COUNT(*) FROM numbered").fetchall()[0][0]
    for group, buckets in enumerate(groups_of(parties * copies, DuckEngine.parties_per_group)):
        first, last = buckets or (0, 255)
        path = store.folder("copies") / table / f"{key}-{group:03d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"COPY (SELECT {columns} FROM {parquet_files(paths)} AS s JOIN numbered AS m ON m.party_key = s.party_key "
            f"CROSS JOIN (SELECT range AS copy FROM range({copies:d})) AS k WHERE s.bucket BETWEEN {first} AND {last} "
            f"ORDER BY 1) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
        )
        files.append(str(path.relative_to(store.root)))
    return Part("copies", tuple(files), rows * copies, 0.0, "")


def main() -> None:
    """Copies a lake where asked to, measures, prints."""
    parser = argparse.ArgumentParser(prog="bench.lab")
    parser.add_argument("--lake", type=Path, required=True, help="a lake with a complete run")
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--into", type=Path, help="where the copies are written, and kept")
    parser.add_argument("--span", type=int, default=12, help="months of the back-test")
    parser.add_argument("--times", type=int, default=1)
    asked = parser.parse_args()
    store = Store(asked.lake)
    if asked.copies > 1:
        copied = Store(asked.into)
        store = copied if copied.standing() else copy_lake(store, asked.copies, asked.span, asked.into)
    manifest = store.manifest(list(store.standing().values())[-1])
    assert manifest is not None
    ground = Ground(store, manifest, "CNY", "daily")
    made = section(ground, asked.lake.parent / "bench-lab", asked.times, (1, asked.span))
    for row in (made.columns, *made.rows):
        print(" · ".join(row))
    print("\n".join(made.notes))


if __name__ == "__main__":
    main()
