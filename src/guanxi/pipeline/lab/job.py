"""A requested simulation, run by the worker: from its row in the store to its figures in the same row."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from django.db import connections, transaction
from psycopg import sql

from guanxi.crm.lab.models import Move, Simulation, State
from guanxi.crm.policies import selectors as policies
from guanxi.insight.policies import load_policy
from guanxi.insight.staging.mapping import read_mapping
from guanxi.lake.engines import open_engine
from guanxi.lake.store import Store
from guanxi.pipeline.bank import Bank
from guanxi.pipeline.copying import make_stage
from guanxi.pipeline.lab.figures import fen, rank
from guanxi.pipeline.lab.recut import Ground
from guanxi.pipeline.lab.trial import Counted, Kind, Simulated, Trial, TrialRefused, pieces_of, simulate
from guanxi.pipeline.night import read_by_run

Clock = Callable[[], datetime]
STAGED = (
    "simulation_id",
    "draft",
    "party_id",
    "scheme",
    "from_rank",
    "to_rank",
    "aum_fen",
    "contribution_fen",
)
_INTO_MOVES = """
INSERT INTO lab_move
    (simulation_id, draft, party_id, unit_id, keeper_id, scheme, from_rank, to_rank, aum_fen, contribution_fen)
SELECT s.simulation_id, s.draft, s.party_id, p.unit_id, p.keeper_id, s.scheme, s.from_rank, s.to_rank, s.aum_fen,
       s.contribution_fen
FROM stage_lab_move AS s JOIN customers_party AS p ON p.id = s.party_id
"""


class Stopped(Exception):
    """Somebody stopped the simulation."""


def run_simulation(bank: Bank, number: int, *, now: Clock, today: date) -> None:
    """Run one requested simulation to its end; the row says how it ended. Run again, it starts where it was killed.

    What is wrong with the request ends it as failed, with the reason; other errors too, and they are raised.
    """
    rows = Simulation.objects.using("pipeline").filter(pk=number)
    taken = rows.filter(state__in=(State.WAITING, State.RUNNING))
    if not taken.update(state=State.RUNNING, started_at=now(), error=""):
        return
    scratch = bank.home / "lab" / f"simulation={number}"
    try:
        _run(bank, rows.get(), scratch, today)
    except Stopped:
        shutil.rmtree(scratch, ignore_errors=True)
    except Exception as failure:
        shutil.rmtree(scratch, ignore_errors=True)
        rows.update(state=State.FAILED, finished_at=now(), error=f"{failure}"[:1000])
        if not isinstance(failure, TrialRefused):
            raise
    else:
        rows.update(state=State.DONE, finished_at=now(), piece="")
        shutil.rmtree(scratch, ignore_errors=True)


def _run(bank: Bank, simulation: Simulation, scratch: Path, today: date) -> None:
    ground = _ground(bank)
    trial = Trial(
        kind=_kind(simulation),
        policies=read_by_run(policies.in_force(today)),
        drafts=tuple(load_policy(simulation.kind, draft["payload"]) for draft in simulation.drafts),
        month=simulation.month,
        months=simulation.months,
    )
    trial.check(ground)
    watcher = Counted(_teller(simulation.pk), pieces_of(trial, ground))
    with open_engine(scratch / "spill") as engine:
        made = simulate(trial, ground, engine, scratch, watcher)
    _keep(simulation, trial, made)


def _kind(simulation: Simulation) -> Kind:
    if simulation.kind not in ("tier", "value", "scope"):
        raise TrialRefused(f"the lab knows no kind {simulation.kind}")
    return simulation.kind  # type: ignore[return-value]  # just checked


def _ground(bank: Bank) -> Ground:
    """The run people see; raises TrialRefused before the first."""
    mapping = read_mapping(bank.mapping_file.read_text(encoding="utf8"))
    store = Store(bank.lake)
    row = _connection().execute("SELECT id FROM scores_run WHERE is_current").fetchone()
    manifest = store.manifest(str(row[0])) if row else None
    if manifest is None:
        raise TrialRefused(f"{bank.name} has no published run yet: start `guanxi run` first")
    return Ground(store, manifest, mapping.base_currency, mapping.balance_basis)


def _teller(number: int) -> Callable[[int, int, str], None]:
    def tell(done: int, total: int, piece: str) -> None:
        running = Simulation.objects.using("pipeline").filter(pk=number, state=State.RUNNING)
        if not running.update(done=done, total=total, piece=piece):
            raise Stopped

    return tell


def _keep(simulation: Simulation, trial: Trial, made: Simulated) -> None:
    """The figures and the names, together; a job that runs twice leaves what one leaves."""
    with transaction.atomic(using="pipeline"):
        Move.objects.using("pipeline").filter(simulation=simulation).delete()
        for number, named in enumerate(made.named):
            _copy(simulation.pk, number, named)
        kept = Simulation.objects.using("pipeline").filter(pk=simulation.pk)
        kept.update(
            result=made.figures,
            run=made.figures["run"],
            policies={kind: policy.content_hash() for kind, policy in trial.policies.items()},
        )


def _copy(simulation: int, number: int, named: pa.Table) -> None:
    connection = _connection()
    stage = sql.Identifier("stage_lab_move")
    make_stage(connection, stage, sql.Identifier("lab_move"), STAGED)
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(stage, sql.SQL(", ").join(map(sql.Identifier, STAGED)))
    with connection.cursor() as cursor, cursor.copy(copy) as rows:
        for batch in named.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                rows.write_row(_staged(simulation, number, row))
    connection.execute(_INTO_MOVES)
    connection.execute(sql.SQL("DROP TABLE {}").format(stage))


def _staged(simulation: int, number: int, row: dict[str, Any]) -> tuple[Any, ...]:
    earned = row["contribution"]
    standing = rank(row["from_rank"]), rank(row["to_rank"])
    money = fen(row["aum"]), None if earned is None else fen(earned)
    return (simulation, number, row["party_key"], row["scheme"], *standing, *money)


def _connection() -> psycopg.Connection[tuple[Any, ...]]:
    wrapper = connections["pipeline"]
    wrapper.ensure_connection()
    assert wrapper.connection is not None
    connection: psycopg.Connection[tuple[Any, ...]] = wrapper.connection
    return connection
