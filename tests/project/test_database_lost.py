"""Commands whose database goes away under them: the night says what stands and what to do, sender and worker wait."""

import argparse
import asyncio
import os
import signal
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from procrastinate.exceptions import ConnectorException
from rich.progress import Progress

from guanxi.pipeline import nightly, sending
from guanxi.project import databases
from guanxi.project.commands import run, send, worker

NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def lose(*_given, **_named):
    raise OperationalError("server closed the connection unexpectedly")


def test_a_night_without_its_database_says_that_nothing_is_half_and_to_start_again(
    monkeypatch, capsys
) -> None:
    monkeypatch.setattr(run, "working_for", lambda _bank: nullcontext())
    monkeypatch.setattr(databases, "migrate", lambda: None)
    monkeypatch.setattr(nightly, "run_nightly", lose)
    asked = argparse.Namespace(bank=Path("banks/demo"), extracts=Path(), date=date(2026, 10, 31), quiet=True)
    assert run.main(asked) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "server closed the connection" in said
    assert "start the same night again" in said


@pytest.mark.parametrize("back", [False, True])
def test_what_shows_the_senders_outlives_the_database(monkeypatch, back) -> None:
    told = sending.Standing(waiting=3, with_sender=0, in_doubt=0, accepted=5, per_second=1.0)
    monkeypatch.setattr(sending, "standing", (lambda **_: told) if back else lose)
    monkeypatch.setattr("django.db.connections", {"pipeline": SimpleNamespace(close=lambda: None)})
    office = SimpleNamespace(clock=lambda: NOW, using="pipeline")
    with Progress(disable=True) as progress:
        bar = progress.add_task("sending", total=None)
        assert send._show(office, progress, bar, NOW) == (3 if back else 1)  # never "nothing left to send"
        assert ("waiting for it" in progress.tasks[0].description) is not back


def test_the_worker_begins_again_until_it_is_told_to_end(monkeypatch) -> None:
    lives = []

    async def life(*, until_empty: bool) -> None:
        lives.append(until_empty)
        if len(lives) == 1:
            return  # so ends the queue's own worker when its database breaks off
        if len(lives) == 2:
            raise ConnectorException  # and so one that finds none
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)

    monkeypatch.setattr(worker, "_begin", life)
    monkeypatch.setattr(worker, "AGAIN", 0.01)
    worker.work(until_empty=False)
    assert len(lives) == 3


def test_a_worker_that_was_to_empty_the_queue_says_that_it_could_not(monkeypatch) -> None:
    async def life(**_named: bool) -> None:
        raise ConnectorException

    monkeypatch.setattr(worker, "_begin", life)
    with pytest.raises(ConnectorException):
        worker.work(until_empty=True)
