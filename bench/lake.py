"""The lake and the store the bench works on: the made-up bank at the size asked for, made once and kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from guanxi.insight.policies import load_policy
from guanxi.insight.policies.base import PolicyTable
from guanxi.lake.store import Manifest, Store
from guanxi.pipeline.bank import Bank, open_bank
from guanxi.pipeline.demo.command import LAST_DAY, generate_with_bar
from guanxi.project.cli import working_for

if TYPE_CHECKING:
    from guanxi.pipeline.night import Night

ROOT = Path(__file__).resolve().parents[1]
SEED = 7


@dataclass(frozen=True)
class BenchLake:
    """A complete run to measure on."""

    bank: Bank
    store: Store
    manifest: Manifest
    policies: Mapping[str, PolicyTable]
    extracts: Path
    base_currency: str = "CNY"

    @property
    def home(self) -> Path:
        """The bank's home folder."""
        return self.bank.home

    @property
    def on(self) -> date:
        """The business date: the last day of a month."""
        return self.manifest.business_date


@contextmanager
def bench_lake(customers: int, months: int, home: Path) -> Iterator[BenchLake]:
    """Work for the made-up bank of this size under `home`; what is there already is taken."""
    os.environ["GUANXI_HOME"] = str(home)
    os.environ["GUANXI_DEMO"] = "1"  # cookies over plain HTTP
    os.environ["GUANXI_TODAY"] = (LAST_DAY + timedelta(days=1)).isoformat()
    os.environ.setdefault("GUANXI_DATABASE", "guanxi_bench")
    bank = open_bank(ROOT / "banks" / "demo", home)
    with working_for(bank):
        yield _prepared(bank, customers, months)


def _prepared(bank: Bank, customers: int, months: int) -> BenchLake:
    store, extracts = Store(bank.lake), bank.home / "extracts"
    if LAST_DAY not in store.standing():
        console = Console()
        if not (extracts / LAST_DAY.isoformat() / "manifest.toml").exists():
            generate_with_bar(
                console, extracts, customers=customers, months=months, seed=SEED, until=LAST_DAY
            )
        _run(bank, extracts, console)
    manifest = store.manifest(store.standing()[LAST_DAY])
    assert manifest is not None
    policies = {
        name: table
        for kind, body in bank.policy_payloads().items()
        for name, table in load_policy(kind, body).tables().items()
    }
    return BenchLake(bank, store, manifest, policies, extracts)


def _run(bank: Bank, extracts: Path, console: Console) -> None:
    """The night without publishing it: that is measured by itself."""
    from guanxi.lake.engine import DuckEngine
    from guanxi.pipeline.night import make_run, plan_run
    from guanxi.pipeline.progress import terminal_bars

    night, store = night_of(bank, extracts, LAST_DAY), Store(bank.lake)
    with terminal_bars(console) as bars, DuckEngine(bank.home / "spill") as engine:
        make_run(night, plan_run(night, store), store, engine, bars)


def night_of(bank: Bank, extracts: Path, on: date) -> Night:
    """The night of one business date under the bank's starting policies, its vault in the bench's database."""
    from django.db import connections

    from guanxi.insight.staging.mapping import read_mapping
    from guanxi.lake.door import Door, read_keys
    from guanxi.pipeline.night import Night, find_extract, read_by_run
    from guanxi.pipeline.vault import PostgresVault
    from guanxi.project.databases import migrate

    migrate()
    connections["pipeline"].ensure_connection()
    connection = connections["pipeline"].connection
    assert connection is not None
    policies = {kind: load_policy(kind, body) for kind, body in bank.policy_payloads().items()}
    return Night(
        bank=bank,
        mapping=read_mapping(bank.mapping_file.read_text(encoding="utf8")),
        folder=find_extract(extracts, on),
        on=on,
        policies=read_by_run(policies),
        door=Door(read_keys(bank.home)),
        vault=PostgresVault(connection),
    )
