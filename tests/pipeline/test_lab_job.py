"""A requested simulation through the worker: figures and names kept, a second run changes nothing, a stop stops it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connections
from tests.pipeline.nights import ROOT

from guanxi.crm.lab import services
from guanxi.crm.lab.models import Move, Simulation, State
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.policies.selectors import version_in_force
from guanxi.crm.testing import everything, make_staff
from guanxi.pipeline.bank import Bank, open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.lab import job
from guanxi.pipeline.nightly import run_nightly
from guanxi.project.commands.worker import work

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
ON, TODAY, MONTH = date(2026, 10, 31), date(2026, 11, 1), date(2026, 10, 1)
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("extracts")
    generate(folder, customers=300, months=3, seed=23, until=ON)
    return folder


@pytest.fixture
def bank(tmp_path, extracts) -> Bank:
    bank = open_bank(ROOT / "banks" / "demo", tmp_path / "home")
    run_nightly(bank, extracts, ON, now=lambda: NOW)
    return bank


def requested(**changed: object) -> Simulation:
    """Potential customers from 20,000 instead of 50,000, asked for by an analyst of the bank."""
    by = make_staff("analyst", Unit.objects.get(parent=None))
    standing = version_in_force("tier", TODAY)
    assert standing is not None
    payload = standing.payload
    payload["schemes"][0]["bands"][1]["lower"] = "20000"
    draft = services.save_draft(by=by, today=TODAY, now=NOW, kind="tier", name="2 万", payload=payload)
    told = {"month": MONTH, "months": 3, **changed}
    tried = [services.Tried.of_draft(draft)]
    return services.request_simulation(by=by, today=TODAY, now=NOW, kind="tier", tried=tried, **told)  # type: ignore[arg-type]


def run(bank: Bank, simulation: Simulation) -> Simulation:
    job.run_simulation(bank, simulation.pk, now=lambda: NOW, today=TODAY)
    simulation.refresh_from_db()
    return simulation


def moves() -> list[tuple[int, int, int, int | None]]:
    with everything():
        rows = Move.objects.order_by("party_id")
        return list(rows.values_list("party_id", "from_rank", "to_rank", "keeper_id"))


def test_the_worker_takes_it_leaves_figures_and_names_and_a_second_run_the_same(
    bank, monkeypatch, settings
) -> None:
    monkeypatch.setenv("GUANXI_BANK", str(bank.folder))
    settings.GUANXI_HOME, settings.GUANXI_TODAY = bank.home.parent, TODAY.isoformat()
    settings.GUANXI_SEALS_FILE = bank.home / "audit-seals.log"  # the worker seals when its time has come
    simulation = requested()
    work(until_empty=True)
    simulation.refresh_from_db()
    assert (simulation.state, simulation.error) == (State.DONE, "")
    named = moves()
    (draft,) = simulation.result["drafts"]
    assert len(named) == sum(row[3] for row in draft["moves"] if row[1] != row[2]) > 0
    assert {(before, after) for _party, before, after, _keeper in named} == {(1, 2)}
    assert not (bank.home / "lab" / f"simulation={simulation.pk}").exists()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE task_name = 'lab.simulate'")
        assert cursor.fetchall() == [("succeeded",)]
    _runs_twice_and_leaves_what_one_leaves(bank, simulation, named)


def _runs_twice_and_leaves_what_one_leaves(bank: Bank, simulation: Simulation, named: list[object]) -> None:
    figures = simulation.result
    Simulation.objects.filter(pk=simulation.pk).update(state=State.RUNNING)
    run(bank, simulation)
    assert (simulation.state, simulation.result, moves()) == (State.DONE, figures, named)


def _a_month_that_has_not_ended_fails_with_the_reason(bank: Bank) -> None:
    simulation = run(bank, requested(month=date(2026, 11, 1)))
    assert simulation.state == State.FAILED
    assert "2026-11" in simulation.error
    assert moves() == []


def test_a_stop_and_a_month_that_has_not_ended_leave_nothing(bank, monkeypatch) -> None:
    simulation = requested()
    tell = job._teller

    def stopping(number: int):
        told = tell(number)

        def one(done: int, total: int, piece: str) -> None:
            if done == 2:
                by = Staff.objects.get(pk=simulation.requested_by_id)
                services.stop_simulation(by=by, today=TODAY, now=NOW, simulation=simulation)
            told(done, total, piece)

        return one

    monkeypatch.setattr(job, "_teller", stopping)
    run(bank, simulation)
    assert (simulation.state, simulation.result, moves()) == (State.STOPPED, {}, [])
    assert not (bank.home / "lab" / f"simulation={simulation.pk}").exists()
    run(bank, simulation)
    assert simulation.state == State.STOPPED
    monkeypatch.undo()
    _a_month_that_has_not_ended_fails_with_the_reason(bank)
