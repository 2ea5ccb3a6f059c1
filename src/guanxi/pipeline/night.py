"""The nightly run (跑批): extracts in, a complete run in the lake out.

A run is a function of its manifest: extract hashes, policy hashes, the run it stands on, the step texts and the date.
Its id is made of exactly these, so the same night started again finds its own folder and goes on where it stood.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from guanxi.insight.months import RunMonth, month_end, month_of, months_between, next_month
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.contract import FILES
from guanxi.insight.staging.mapping import Mapping as BankMapping
from guanxi.insight.tables import DATED_FILES, TABLES, Table
from guanxi.insight.way import Step, the_way
from guanxi.lake.door import Door, VaultSink
from guanxi.lake.engine import DuckEngine, LakeEngine, parquet_files
from guanxi.lake.erasing import ARRIVED, Taken, Whom, erase_from
from guanxi.lake.extracts import ExtractReport, load_extract
from guanxi.lake.store import WHOLE, Manifest, Part, Store, file_sha256
from guanxi.pipeline.bank import Bank
from guanxi.pipeline.known import ClosedMonths, corrected_months, stood_before
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
    ops: Mapping[str, pa.Table] = field(default_factory=dict)  # what people decided (pipeline/registers.py)
    accepted: frozenset[str] = (
        frozenset()
    )  # contract files whose changed volume two persons accepted for this run


def read_by_run(policies: Mapping[str, Policy]) -> dict[str, Policy]:
    """Those policies a run is a function of: who may export how much, say, changes no figure."""
    return {
        kind: policy for kind, policy in policies.items() if policy.tables() or kind == QualityPolicy.kind
    }


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
        "ops": {name: rows_sha256(rows) for name, rows in night.ops.items()},
        "policies": {kind: policy.content_hash() for kind, policy in night.policies.items()},
        "previous": previous,
        "way": way,
    }
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return f"{night.on:%Y%m%d}-{digest[:10]}"


def rows_sha256(rows: pa.Table) -> str:
    """One hash over the values of a small table, whatever its bytes in memory."""
    return hashlib.sha256(json.dumps(rows.to_pylist(), default=str).encode()).hexdigest()


def way_hash(steps: Iterable[Step]) -> str:
    """One hash over all step texts: a changed step is a different run."""
    return hashlib.sha256("\n".join(step.text for step in steps).encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """A run before it runs: its id, what it reads and what it stands on."""

    run: str
    inputs: Mapping[str, str]
    before: Manifest | None
    steps: tuple[Step, ...]
    way: str


def plan_run(night: Night, store: Store) -> Plan:
    """Name the run: hash the extract's files and find the run that stands for the last date before."""
    steps = the_way()
    way = way_hash(steps)
    inputs = {path.name: file_sha256(path) for path in sorted(night.folder.iterdir()) if path.is_file()}
    before = store.standing_before(night.on)
    run = run_id(night, inputs, before.run if before else None, way)
    return Plan(run, inputs, before, steps, way)


def make_run(night: Night, plan: Plan, store: Store, engine: LakeEngine, watcher: Watcher) -> Manifest:
    """Read, check and compute one business date; returns its manifest, complete in the lake.

    A run already complete is returned as it stands. Raises RunRefused (or the reader's ExtractRefused) when a gate
    stops the night; nothing made before is then lost.
    """
    done = store.manifest(plan.run)
    if done is None:
        done = _compute(night, plan, store, engine, watcher)
        store.close(done)
    store.stand(done)
    return done


def _compute(night: Night, plan: Plan, store: Store, engine: LakeEngine, watcher: Watcher) -> Manifest:
    report = _read(night, plan, store, engine, watcher)
    erased = _erase_again(night, store.folder(plan.run) / ARRIVED)
    parts = _staged_parts(store, engine, plan.run, plan.before)
    parts |= _violations(store, plan.run)
    parts |= {
        name: {WHOLE: _snapshot(store, engine, plan.run, name, rows)} for name, rows in night.ops.items()
    }
    compute, months, closed = _months(night, plan, parts, store, engine, report)
    tables = {name: table for policy in night.policies.values() for name, table in policy.tables().items()}
    walk = Walk(
        engine=engine,
        store=store,
        run=plan.run,
        parts=parts,
        months=months,
        policies=tables,
        watcher=watcher,
        known=closed.parts,
    )

    def with_identity(wanted: Sequence[date]) -> Sequence[date]:
        regrouped = _regrouped(engine, store, walk.parts, plan.before)
        wanted = tuple(sorted(months)) if regrouped else wanted
        closed.identify(walk.parts, wanted, regrouped=regrouped)
        return wanted

    compute = walk.go(plan.steps, compute, again=with_identity)
    return Manifest(
        run=plan.run,
        bank=night.bank.code,
        business_date=night.on,
        previous=plan.before.run if plan.before else None,
        inputs=plan.inputs,
        policies={kind: policy.content_hash() for kind, policy in night.policies.items()},
        way=plan.way,
        parts=walk.parts,
        facts={
            "extract": _plain(report),
            "computed": [month.isoformat() for month in compute],
            "folder": str(night.folder),
            "erased_delivered": sorted(erased.customer_nos),
        },
        known=closed.standing(),
    )


def _read(night: Night, plan: Plan, store: Store, engine: LakeEngine, watcher: Watcher) -> ExtractReport:
    quality = night.policies["quality"]
    assert isinstance(quality, QualityPolicy)
    watcher.begin("reading", len(FILES))
    return load_extract(
        night.folder,
        night.mapping,
        night.door,
        night.vault,
        connection=engine.local.connection,
        into=store.folder(plan.run) / ARRIVED,
        policy=quality,
        business_date=night.on,
        previous_rows=_rows_before(plan.before),
        accepted=night.accepted,
        on_file=lambda name, rows, seconds: watcher.done(f"staged.{name}", None, rows, seconds),
    )


def _erase_again(night: Night, arrived: Path) -> Taken:
    """What the bank still delivers of erased customers goes before anything is made of it, from the vault too."""
    rows = night.ops.get("ops.erased")
    numbers = frozenset(rows.column("customer_no").to_pylist()) if rows is not None else frozenset()
    taken = erase_from(arrived, Whom(numbers)) if numbers else Taken(frozenset(), frozenset())
    night.vault.forget(taken.tokens)
    return taken


def _rows_before(before: Manifest | None) -> dict[str, int]:
    """Rows per snapshot file of the run before, for the guard against files that shrank or grew."""
    if before is None:
        return {}
    return {
        file.name: part.rows
        for file in FILES
        if file.name not in DATED_FILES and (part := before.part(f"staged.{file.name}", None))
    }


def _staged_parts(store: Store, engine: LakeEngine, run: str, before: Manifest | None) -> Parts:
    """Parts of the staged tables: what arrived, dated rows merged month by month into what was there."""
    parts: Parts = {name: dict(months) for name, months in before.parts.items()} if before else {}
    arrived = store.folder(run) / ARRIVED
    for file in FILES:
        name = f"staged.{file.name}"
        for path in sorted((arrived / name).glob("*.parquet")):
            month = None if path.stem == WHOLE else date.fromisoformat(path.stem)
            parts.setdefault(name, {})[path.stem] = _settle(store, engine, run, name, month, path, parts)
    return parts


def _violations(store: Store, run: str) -> Parts:
    """What was found wrong with this night's files; the listing lies where the reader wrote it."""
    files = sorted((store.folder(run) / ARRIVED / "quality.violations").glob("*.parquet"))
    if not files:
        return {"quality.violation": {}}
    return {"quality.violation": {WHOLE: store.keep(run, "quality.violation", None, files, 0, 0.0)}}


def _snapshot(store: Store, engine: LakeEngine, run: str, name: str, rows: pa.Table) -> Part:
    """What people had decided when the run began, kept with the run: a later decision belongs to a later run."""
    kept = store.kept(run, name, None)
    if kept is not None:
        return kept
    started = time.perf_counter()
    path = store.part_path(run, name, None)
    count = engine.write_rows(rows, TABLES[name], path)
    return store.keep(run, name, None, [path], count, time.perf_counter() - started)


def _settle(
    store: Store, engine: LakeEngine, run: str, name: str, month: date | None, arrived: Path, parts: Parts
) -> Part:
    """The staged part of what arrived: as the reader wrote it, or merged into the month's rows of the night before."""
    kept = store.kept(run, name, month)
    if kept is not None:
        return kept
    started = time.perf_counter()
    path = store.part_path(run, name, month)
    earlier = parts.get(name, {}).get(month.isoformat()) if month else None
    if earlier is None:
        rows = _take_over(engine.local, arrived, path)
    else:
        rows = _merge(engine, TABLES[name], arrived, store.paths(earlier), path)
    return store.keep(run, name, month, engine.written(path), rows, time.perf_counter() - started)


def _take_over(engine: DuckEngine, arrived: Path, path: Path) -> int:
    """The same file under the part's name; the reader has already typed, ordered and freed it of double keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.hardlink_to(arrived)
    return int(engine.rows(f"SELECT COUNT(*) FROM {parquet_files([path])}")[0][0])


def _merge(engine: LakeEngine, table: Table, arrived: Path, earlier: Sequence[Path], path: Path) -> int:
    """New rows and those old ones whose key did not arrive again."""
    engine.name_files("prev.arrived", table, [arrived])
    engine.name_files("prev.arrived_before", table, earlier)
    same = " AND ".join(f'fresh."{column}" = old."{column}"' for column in table.grain)
    fresh, old = (
        ", ".join(f'{side}."{column}"' for column in table.column_names) for side in ("fresh", "old")
    )
    return engine.write(
        f"SELECT {fresh} FROM prev.arrived AS fresh UNION ALL SELECT {old} FROM prev.arrived_before AS old "
        f"WHERE NOT EXISTS (SELECT 1 FROM prev.arrived AS fresh WHERE {same})",
        table,
        path,
    )


def _months(
    night: Night, plan: Plan, parts: Parts, store: Store, engine: LakeEngine, report: ExtractReport
) -> tuple[Sequence[date], Mapping[date, RunMonth], ClosedMonths]:
    """The months to compute, oldest first, the calendar row of each month the lake knows, and the closed ones."""
    before = plan.before
    dated = [
        date.fromisoformat(key)
        for name in ("staged.balances", "staged.transactions")
        for key in parts.get(name, {})
    ]
    usable = [month for month in dated if month <= night.on]
    if not usable:
        raise RunRefused(f"no balances and no transactions on or before {night.on}")
    earliest = min(usable)
    open_from = earliest if before is None else _first_open(before)
    first = min(open_from, *_touched(report, night.on), *corrected_months(engine, store, parts, before))
    compute = tuple(months_between(max(first, earliest), night.on))
    closed = ClosedMonths.of(engine, store, plan.run, night.on, stood_before(before, open_from))
    closed.lay(parts, compute)
    months = {
        month: RunMonth(
            month=month,
            business_date=night.on,
            first=month == earliest,
            base_currency=night.mapping.base_currency,
            balance_basis=night.mapping.balance_basis,
            known_on=closed.nights.get(month.isoformat()),
        )
        for month in months_between(earliest, night.on)
    }
    return compute, months, closed


def _regrouped(engine: LakeEngine, store: Store, parts: Parts, before: Manifest | None) -> bool:
    """Whether a number known before belongs to another party than before: then no month computed earlier holds."""
    stood = before.part("core.party_member", None) if before else None
    now = parts["core.party_member"][WHOLE]
    if stood is None or stood.sha256 == now.sha256:
        return False
    moved = engine.local.rows(
        f"SELECT COUNT(*) FROM {parquet_files(store.paths(now))} AS now "
        f"JOIN {parquet_files(store.paths(stood))} AS stood ON stood.customer_no = now.customer_no "
        "WHERE now.party_key <> stood.party_key"
    )
    return bool(moved[0][0])


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
