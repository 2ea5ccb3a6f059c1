"""Campaigns read out over a run that stands (补看一次): the night's own two steps, with what people have done since.

The demo tells its campaigns after its first night; so that nobody has to wait for the next one, tonight's look is made
again. The run itself stays as it is: nothing is written into the lake, only the look in the operational store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connections

from guanxi.crm.campaigns.drawing import key_of
from guanxi.crm.policies.selectors import in_force
from guanxi.insight.months import MONTH_COLUMNS, RunMonth, months_between, previous_month
from guanxi.insight.policies.base import Policy
from guanxi.insight.tables import TABLES
from guanxi.insight.way import Step, the_way
from guanxi.lake.engine import DuckEngine, local_engine
from guanxi.lake.store import Manifest, Store
from guanxi.pipeline.global_look import look_at_global
from guanxi.pipeline.publish.effects import publish_effects
from guanxi.pipeline.publish.source import Source
from guanxi.pipeline.registers import read_registers

STEPS = ("effect.outcome", "effect.readout")
REGISTERS = ("ops.campaign", "ops.assignment")


def look_again(home: Path, on: date) -> int:
    """The look of business date `on` over the run that stands for it in a bank's home; rows written (0: no run)."""
    store = Store(home / "lake")
    manifest = store.manifest(store.standing().get(on, ""))
    wrapper = connections["pipeline"]
    wrapper.ensure_connection()
    if manifest is None:
        return 0
    with TemporaryDirectory(dir=home) as scratch, local_engine(Path(scratch) / "spill") as engine:
        # Read-outs are in shares and the money of the tables; no step of these asks which currency that is.
        source = Source(engine, store, manifest, "")
        _name_given(engine, manifest, in_force(on))
        for name, rows in read_registers(wrapper.connection, on, REGISTERS).items():
            path = Path(scratch) / f"{name}.parquet"
            engine.write_rows(rows, TABLES[name], path)
            engine.name_files(name, TABLES[name], engine.written(path))
        for step in the_way():
            if step.name in STEPS:
                _make(engine, store, manifest, step, Path(scratch) / f"{step.name}.parquet")
        written = sum(merged.written for merged in publish_effects(wrapper.connection, source).values())
    return written + look_at_global(on, key_of(home))


def _name_given(engine: DuckEngine, manifest: Manifest, policies: Mapping[str, Policy]) -> None:
    """The month and the policies' tables, as a run is given them."""
    on = manifest.business_date
    month = RunMonth(on.replace(day=1), on, first=False, base_currency="", balance_basis="")
    engine.name_rows("run.month", MONTH_COLUMNS, [month.row()])
    for policy in policies.values():
        for name, table in policy.tables().items():
            engine.name_rows(name, table.columns, table.rows)


def _make(engine: DuckEngine, store: Store, manifest: Manifest, step: Step, path: Path) -> None:
    """One step's rows, under its name."""
    first = month = manifest.business_date.replace(day=1)
    for _ in range(max(step.past_months - 1, 0)):
        first = previous_month(first)
    for name in step.past:
        held = [store.paths(manifest.part(name, one)) for one in months_between(first, month)]
        engine.name_files(
            f"past.{name.replace('.', '_')}", TABLES[name], [p for paths in held for p in paths]
        )
    if step.make is None:
        engine.write(step.sql, step.table, path)
    else:
        engine.write_rows(step.make(engine), step.table, path)
    engine.name_files(step.name, step.table, engine.written(path))
