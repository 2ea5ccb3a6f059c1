"""One bank's night from lock to current run: policies in force, the run, the checks, publishing, the record.

A past date run again is computed anew together with every later date that stands on it; people keep seeing the
latest date, and the outcome says how many customers moved.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
from django.db import connections
from rich.console import Console

from guanxi.crm.campaigns.drawing import key_of
from guanxi.crm.leads.night import work_leads
from guanxi.crm.policies import services as policy_services
from guanxi.crm.salons.night import end_salons
from guanxi.crm.scores.runs.accepting import accepted_files
from guanxi.crm.surveys.night import ask_after
from guanxi.insight.metrics.registry import metrics
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.mapping import read_mapping
from guanxi.insight.tables import TABLES
from guanxi.lake.door import Door, read_keys
from guanxi.lake.engine import DuckEngine, local_engine
from guanxi.lake.engines import open_engine
from guanxi.lake.extracts import ExtractRefused
from guanxi.lake.store import Manifest, Store
from guanxi.lake.sweeping import Swept, kept_from, sweep
from guanxi.pipeline.bank import Bank
from guanxi.pipeline.campaigning import work_campaigns
from guanxi.pipeline.deals import settle_contacts
from guanxi.pipeline.erasing import erase_approved, note_delivered
from guanxi.pipeline.global_look import look_at_global
from guanxi.pipeline.holding import hold_complaints
from guanxi.pipeline.judging import judge_cases
from guanxi.pipeline.licences import warn_of_expiry
from guanxi.pipeline.lock import run_lock
from guanxi.pipeline.measuring import measure_people
from guanxi.pipeline.metric_check import Proof, prove, record_proofs
from guanxi.pipeline.night import Night, RunRefused, find_extract, make_run, plan_run, read_by_run
from guanxi.pipeline.opening import Opened, open_tasks
from guanxi.pipeline.progress import Silent, Together, Watcher, terminal_bars
from guanxi.pipeline.publish import Published, publish_run
from guanxi.pipeline.publish.run_record import RunRecord, rule_counts
from guanxi.pipeline.publish.source import Source
from guanxi.pipeline.registers import read_registers
from guanxi.pipeline.training import train_when_due
from guanxi.pipeline.vault import PostgresVault

Clock = Callable[[], datetime]
Reconciled = tuple[str, str, str, Decimal, Decimal]


@dataclass(frozen=True)
class Outcome:
    """What a finished night can tell."""

    manifest: Manifest
    published: Published
    reconciliation: list[Reconciled]
    violations: list[tuple[str, str, str, int]]  # rule, contract file, severity, rows
    moved: (
        int | None
    )  # customers whose tier changed against what stood for this date; None when nothing stood

    swept: Swept = field(default_factory=Swept)  # what went from the lake
    training: str = ""  # what came of training the scorer, when this night did
    opened: Opened = field(default_factory=Opened)  # what the night did to the lists of the next morning

    def lines(self) -> Iterator[str]:
        """The outcome in plain words."""
        yield f"run {self.manifest.run}: {len(self.manifest.facts['computed'])} months computed"
        for rule, file, severity, rows in self.violations:
            yield f"  {severity:<8} {rows:>9,}  {file}: {rule}"
        yield (
            f"published {self.published.arrived:,} rows, {self.published.written:,} of them new or changed, "
            f"in {self.published.seconds:.1f} s"
        )
        if self.moved is not None:
            yield f"{self.moved:,} customers hold another tier than before this run"
        if self.opened.rows:
            yield (
                f"{self.opened.opened:,} tasks opened, {self.opened.refreshed:,} brought up to date, "
                f"{self.opened.lapsed:,} given up, in {self.opened.seconds:.1f} s"
            )
        if self.swept.files:
            yield str(self.swept)
        if self.training:
            yield self.training


def run_nightly(
    bank: Bank, extracts: Path, on: date, *, now: Clock, console: Console | None = None
) -> Outcome:
    """Run one business date and all that hangs on it; returns the outcome of the latest date.

    Raises RunLocked, RunRefused or ExtractRefused; yesterday's figures then still stand.
    """
    holder = f"process {os.getpid()}, business date {on}, since {now():%Y-%m-%d %H:%M:%S %Z}"
    with run_lock(bank.home, holder=holder), _pipeline_connection() as connection:
        store = Store(bank.lake)
        _check_kept(store, on)
        erase_approved(bank.home, store, on)
        later = [day for day in store.standing() if day > on]
        outcome = None
        for day in (on, *later):
            publish = day == (later[-1] if later else on)
            outcome = _one_date(
                bank, find_extract(extracts, day), day, store, connection, now, console, publish
            )
        assert outcome is not None
        swept = sweep(store, _kept_nights(bank, outcome.manifest.business_date))
        return replace(outcome, swept=swept, training=train_when_due(bank, store, outcome.manifest, now=now))


def _check_kept(store: Store, on: date) -> None:
    """Refuse a date whose night before was swept from the lake."""
    first = kept_from(store)
    if first is not None and on <= first:
        raise RunRefused(
            f"the night of {on} can not be made again: the lake keeps what nights stand on from {first} "
            f"(policy quality, kept_nights) (湖中仅保留 {first} 之后的批次，{on} 不能重跑)"
        )


def _kept_nights(bank: Bank, on: date) -> int:
    quality = _policies(bank, on)[QualityPolicy.kind]
    assert isinstance(quality, QualityPolicy)
    return quality.kept_nights


def prove_current(bank: Bank) -> tuple[str, list[Proof]]:
    """The current run's id and the proof of every registered figure; raises RunRefused when nothing was published."""
    mapping = read_mapping(bank.mapping_file.read_text(encoding="utf8"))
    with _pipeline_connection() as connection, local_engine(bank.home / "spill") as engine:
        row = connection.execute("SELECT id FROM scores_run WHERE is_current").fetchone()
        store = Store(bank.lake)
        manifest = store.manifest(str(row[0])) if row else None
        if manifest is None:
            raise RunRefused(f"{bank.name} has no published run yet: start `guanxi run` first")
        source = Source(engine, store, manifest, mapping.base_currency)
        return manifest.run, prove(metrics(), source, connection)


def _one_date(
    bank: Bank,
    folder: Path,
    on: date,
    store: Store,
    connection: psycopg.Connection[tuple[object, ...]],
    now: Clock,
    console: Console | None,
    publish: bool,
) -> Outcome:
    mapping = read_mapping(bank.mapping_file.read_text(encoding="utf8"))
    night = Night(
        bank=bank,
        mapping=mapping,
        folder=folder,
        on=on,
        policies=_policies(bank, on),
        door=Door(read_keys(bank.home)),
        vault=PostgresVault(connection),
        ops=read_registers(connection, on),
    )
    plan = plan_run(night, store)
    # Not part of the run's id: it says whether the night stops, and changes no row of one that does not.
    night = replace(night, accepted=accepted_files(plan.run))
    stood = store.manifest(store.standing().get(on, "")) if on in store.standing() else None
    record = RunRecord(connection, plan.run, on, now())
    try:
        with _watched(record, console) as watcher, open_engine(bank.home / "spill") as engine:
            manifest = make_run(night, plan, store, engine, watcher)
            source = Source(engine.local, store, manifest, mapping.base_currency)
            reconciliation = _reconciled(engine.local)
            published = (
                publish_run(connection, source, bank_code=bank.code, bank_name=bank.name, watcher=watcher)
                if publish
                else Published({}, 0.0)
            )
            note_delivered(manifest)
            opened = _begin_the_day(bank, source, connection, on, watcher, now=now) if publish else Opened()
            outcome = Outcome(
                manifest,
                published,
                reconciliation,
                rule_counts(source),
                _moved(engine.local, store, stood, manifest),
                opened=opened,
            )
    except ExtractRefused as refused:
        record.close("stopped", now(), [asdict(reason) for reason in refused.reasons])
        raise
    except RunRefused as refused:
        record.close("stopped", now(), [{"reason": line} for line in str(refused).splitlines()])
        raise
    except BaseException as failure:
        # Where the database is gone the record cannot say so: the next start finds it still called running.
        with suppress(psycopg.OperationalError):
            record.close("failed", now(), [{"reason": f"{type(failure).__name__}: {failure}"}])
        raise
    record.close("done", now(), [{"moved": outcome.moved}])
    return outcome


def _begin_the_day(
    bank: Bank, source: Source, connection: psycopg.Connection[tuple[object, ...]], on: date, watcher: Watcher,
    *, now: Clock,
) -> Opened:  # fmt: skip
    """What follows from published figures before people come to work: each room's own deeds, proofs, tasks.

    `on` is the night's business date; what people will see dates from the day the night ends on.
    """
    tomorrow = on + timedelta(days=1)
    settle_contacts(connection, on)
    judge_cases(connection, on)
    warn_of_expiry(connection, on)
    work_leads(today=tomorrow, now=now())
    end_salons(today=tomorrow, now=now())
    ask_after(today=tomorrow, now=now())
    run = source.manifest.run
    record_proofs(connection, run, prove(metrics(), source, connection))
    opened = open_tasks(connection, on, run=run, now=now())
    watcher.done("worklist_task", None, opened.rows, opened.seconds)
    hold_complaints(connection, tomorrow)
    began = time.perf_counter()
    campaigns = work_campaigns(today=tomorrow, now=now())
    watcher.done("campaigns_recipient", None, campaigns.rows, time.perf_counter() - began)
    look_at_global(on, key_of(bank.home))
    measured = measure_people(on)
    watcher.done("performance_personfigure", None, measured.rows, measured.seconds)
    return opened


def _policies(bank: Bank, on: date) -> Mapping[str, Policy]:
    """The policies in force on the date; the bank's folder seeds version 1 of those the store has none of."""
    policy_services.seed_from_bank(bank.policy_payloads(), valid_from=on)
    return read_by_run(policy_services.in_force(on))


@contextmanager
def _pipeline_connection() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The pipeline's login, each statement its own transaction unless one is opened."""
    wrapper = connections["pipeline"]
    wrapper.ensure_connection()
    assert wrapper.connection is not None
    yield wrapper.connection


@contextmanager
def _watched(record: RunRecord, console: Console | None) -> Iterator[Watcher]:
    if console is None:
        yield Together(record, Silent())
        return
    with terminal_bars(console) as bars:
        yield Together(record, bars)


def _reconciled(engine: DuckEngine) -> list[Reconciled]:
    """The reconciliation table; raises RunRefused when any view differs from the first by a fen."""
    rows = engine.rows(
        "SELECT view_name, component, currency, amount, difference FROM report.reconciliation "
        "ORDER BY component, currency, view_name"
    )
    apart = [row for row in rows if row[4] != 0]
    if apart:
        raise RunRefused(
            "totals do not reconcile, nothing is published:\n"
            + "\n".join(
                f"{view} {component} {currency}: {amount} differs by {by}"
                for view, component, currency, amount, by in apart
            )
        )
    return rows


def _moved(engine: DuckEngine, store: Store, stood: Manifest | None, manifest: Manifest) -> int | None:
    """How many customers hold another tier than the run that stood for the same date said."""
    if stood is None or stood.run == manifest.run:
        return None
    months = stood.months("score.tier")
    engine.name_files(
        "prev.stood_tier", TABLES["score.tier"], store.paths(stood.part("score.tier", months[-1]))
    )
    return int(
        engine.rows(
            "SELECT COUNT(*) FROM score.tier AS now JOIN prev.stood_tier AS stood ON stood.party_key = now.party_key "
            "WHERE now.held_rank IS DISTINCT FROM stood.held_rank"
        )[0][0]
    )
