"""The nightly run (跑批): extracts in, a complete run in the lake out.

A run is a function of its manifest: extract hashes, policy hashes, the run it stands on, the step texts and the date.
Its id is made of exactly these, so the same night started again finds its own folder and goes on where it stood.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from guanxi.insight.months import RunMonth, month_end, month_of, months_between, next_month
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.contract import FILES
from guanxi.insight.staging.mapping import Mapping as BankMapping
from guanxi.insight.tables import DATED_FILES, TABLES
from guanxi.insight.way import Step, the_way
from guanxi.lake.door import Door, VaultSink
from guanxi.lake.engine import DuckEngine
from guanxi.lake.extracts import ExtractReport, load_extract
from guanxi.lake.store import WHOLE, Manifest, Part, Store, file_sha256
from guanxi.pipeline.bank import Bank
from guanxi.pipeline.progress import Watcher
from guanxi.pipeline.walk import Parts, Walk


class RunRefused(ValueError):
    """The night stops and yesterday's figures stay; the message lists every reason."""


@dataclass(frozen=True)
class Night:
    """What a run is asked to do. `policies` are those in force on `on`, by kind."""

    bank: Bank
    mapping: BankMapping
    folder: Path
    on: date
    policies: Mapping[str, Policy]
    door: Door
    vault: VaultSink


def find_extract(extracts: Path, on: date) -> Path:
    """The folder of the business date below `extracts`, or `extracts` itself when it holds files."""
    dated = extracts / on.isoformat()
    if dated.is_dir():
        return dated
    if extracts.is_dir() and any(entry.is_file() for entry in extracts.iterdir()):
        return extracts
    raise RunRefused(f"no extract for {on}: neither {dated} nor files in {extracts}")


def run_id(night: Night, inputs: Mapping[str, str], previous: str | None, way: str) -> str:
    """The run's name: its date and a hash over everything it is a function of."""
    body = {
        "bank": night.bank.code,
        "date": night.on.isoformat(),
        "inputs": dict(inputs),
        "mapping": file_sha256(night.bank.mapping_file),
        "policies": {kind: policy.content_hash() for kind, policy in night.policies.items()},
        "previous": previous,
        "way": way,
    }
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return f"{night.on:%Y%m%d}-{digest[:10]}"


def way_hash(steps: Iterable[Step]) -> str:
    """One hash over all step texts: a changed step is a different run."""
    return hashlib.sha256("\n".join(step.sql for step in steps).encode()).hexdigest()


def make_run(night: Night, store: Store, engine: DuckEngine, watcher: Watcher) -> Manifest:
    """Read, check and compute one business date; returns its manifest, complete in the lake.

    Raises RunRefused (or the reader's ExtractRefused) when a gate stops the night.
    """
    steps = the_way()
    inputs = {path.name: file_sha256(path) for path in sorted(night.folder.iterdir()) if path.is_file()}
    before = store.standing_before(night.on)
    run = run_id(night, inputs, before.run if before else None, way_hash(steps))
    done = store.manifest(run)
    if done is not None:
        store.stand(done)
        return done
    report = _read(night, store, engine, run, before, watcher)
    parts = _staged_parts(store, engine, run, before, report)
    compute, months = _months(night, parts, before, report)
    tables = {name: table for policy in night.policies.values() for name, table in policy.tables().items()}
    walk = Walk(
        engine=engine, store=store, run=run, parts=parts, months=months, policies=tables, watcher=watcher
    )
    walk.go(steps, compute)
    manifest = Manifest(
        run=run,
        bank=night.bank.code,
        business_date=night.on,
        previous=before.run if before else None,
        inputs=inputs,
        policies={kind: policy.content_hash() for kind, policy in night.policies.items()},
        way=way_hash(steps),
        parts=walk.parts,
        facts={"extract": _plain(report), "computed": [month.isoformat() for month in compute]},
    )
    store.close(manifest)
    store.stand(manifest)
    return manifest


def _read(
    night: Night, store: Store, engine: DuckEngine, run: str, before: Manifest | None, watcher: Watcher
) -> ExtractReport:
    quality = night.policies["quality"]
    assert isinstance(quality, QualityPolicy)
    watcher.begin("reading", len(FILES))
    return load_extract(
        night.folder,
        night.mapping,
        night.door,
        night.vault,
        connection=engine.connection,
        into=store.folder(run) / "arrived",
        policy=quality,
        previous_rows=_rows_before(before),
        on_file=lambda name, rows, seconds: watcher.done(f"staged.{name}", None, rows, seconds),
    )


def _rows_before(before: Manifest | None) -> dict[str, int]:
    """Rows per snapshot file of the run before, for the guard against files that shrank or grew."""
    if before is None:
        return {}
    return {
        file.name: part.rows
        for file in FILES
        if file.name not in DATED_FILES and (part := before.part(f"staged.{file.name}", None))
    }


def _staged_parts(
    store: Store, engine: DuckEngine, run: str, before: Manifest | None, report: ExtractReport
) -> Parts:
    """Parts of the staged tables: what arrived, dated rows merged month by month into what was there."""
    parts: Parts = {name: dict(months) for name, months in before.parts.items()} if before else {}
    arrived = store.folder(run) / "arrived"
    for file in FILES:
        name = f"staged.{file.name}"
        for path in sorted((arrived / name).glob("*.parquet")):
            month = None if path.stem == WHOLE else date.fromisoformat(path.stem)
            parts.setdefault(name, {})[path.stem] = _settle(store, engine, run, name, month, path, parts)
    return parts


def _settle(
    store: Store, engine: DuckEngine, run: str, name: str, month: date | None, arrived: Path, parts: Parts
) -> Part:
    kept = store.kept(run, name, month)
    if kept is not None:
        return kept
    started = time.perf_counter()
    table = TABLES[name]
    earlier = parts.get(name, {}).get(month.isoformat()) if month else None
    select = f"SELECT * FROM read_parquet('{arrived}')"
    if earlier is not None:
        engine.name_files("prev.arrived_before", table, store.paths(earlier))
        same = " AND ".join(f'fresh."{column}" = old."{column}"' for column in table.grain)
        select = (
            f"SELECT * FROM read_parquet('{arrived}') UNION ALL BY NAME SELECT old.* FROM prev.arrived_before AS old "
            f"WHERE NOT EXISTS (SELECT 1 FROM read_parquet('{arrived}') AS fresh WHERE {same})"
        )
    path = store.part_path(run, name, month)
    rows = engine.write(select, table, path)
    return store.keep(run, name, month, [path], rows, time.perf_counter() - started)


def _months(
    night: Night, parts: Parts, before: Manifest | None, report: ExtractReport
) -> tuple[Sequence[date], Mapping[date, RunMonth]]:
    """The months to compute, oldest first, and the calendar row of each month the lake knows."""
    dated = [
        date.fromisoformat(key)
        for name in ("staged.balances", "staged.transactions")
        for key in parts.get(name, {})
    ]
    usable = [month for month in dated if month <= night.on]
    if not usable:
        raise RunRefused(f"no balances and no transactions on or before {night.on}")
    earliest = min(usable)
    first = earliest if before is None else min(_first_open(before), *_touched(report, night.on))
    months = {
        month: RunMonth(
            month=month,
            business_date=night.on,
            first=month == earliest,
            base_currency=night.mapping.base_currency,
            balance_basis=night.mapping.balance_basis,
        )
        for month in months_between(earliest, night.on)
    }
    return tuple(months_between(max(first, earliest), night.on)), months


def _first_open(before: Manifest) -> date:
    """The first month the run before could not finish."""
    month = month_of(before.business_date)
    return month if before.business_date < month_end(month) else next_month(month)


def _touched(report: ExtractReport, on: date) -> list[date]:
    return [month_of(month) for month in report.months_touched if month <= on] or [month_of(on)]


def _plain(value: object) -> Any:
    """Dataclasses, dates and decimals as JSON can hold them."""
    body = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    return json.loads(json.dumps(body, default=str, ensure_ascii=False))
