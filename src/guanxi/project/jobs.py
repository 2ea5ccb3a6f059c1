"""What the worker does: the tasks of the queue (Procrastinate, in the operational store), each safe to run twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app

from guanxi.crm.audit import seals
from guanxi.crm.openapi import services as openapi
from guanxi.crm.scores.selectors import aged_by
from guanxi.pipeline import behaving
from guanxi.pipeline.bank import Bank, open_bank
from guanxi.pipeline.campaigning import work_campaigns
from guanxi.pipeline.lab.job import run_simulation
from guanxi.pipeline.masking import make_masked
from guanxi.pipeline.sending import bank_office, drain, is_configured
from guanxi.project import clock

SILENT_AFTER = 30.0  # seconds without a sign of life after which a worker's jobs are given to another
KEEP_HOURS = 24 * 30
SENDING_SECONDS = 40.0  # of each minute at most; other jobs want the worker too


@app.task(name="lab.simulate", queue="lab")
def simulate(simulation: int) -> None:
    """Run a simulation of the policy lab that somebody asked for."""
    run_simulation(_bank(), simulation, now=clock.now, today=clock.today())


@app.task(name="analysis.prepare", queue="lab")
def prepare_masked() -> None:
    """Make the data that analysts may ask, of the run people see; made already, nothing happens."""
    make_masked(_bank(), today=clock.today())


@app.periodic(cron="* * * * *")
@app.task(name="queue.rescue", queue="queue", queueing_lock="queue.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  # the queue's own signature
    """Give the jobs of a worker that was killed to another: a killed job stays `doing` for ever by itself."""
    manager: Any = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER):
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="queue.tidy", queue="queue", queueing_lock="queue.tidy", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  # the queue's own signature
    """Forget jobs that ended long ago; what they did is in the audit trail."""
    manager: Any = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=KEEP_HOURS, include_failed=True)


@app.periodic(cron="*/10 * * * *")
@app.task(name="audit.seal", queue="queue", queueing_lock="audit.seal")
def seal_trail(timestamp: int) -> None:  # noqa: ARG001  # the queue's own signature
    """Seal what has settled of the audit trail; the digests go to a file, outside of the database they speak for."""
    seals.seal(now=clock.now())
    seals.write_down(settings.GUANXI_SEALS_FILE)


@app.task(name="campaigns.work", queue="campaigns")
def campaigns_work() -> None:
    """Let approved and running campaigns go on now; the night does it too."""
    work_campaigns(today=clock.today(), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="behaviour.minute", queue="queue", queueing_lock="behaviour.minute", lock="behaviour.minute")
def behaviour_minute(timestamp: int) -> None:  # noqa: ARG001  # the queue's own signature
    """Add the events that came to the counts, and open the tasks they mean."""
    behaving.minute(today=clock.today(), now=clock.now())


@app.periodic(cron="29 * * * *")
@app.task(name="behaviour.hour", queue="queue", queueing_lock="behaviour.hour", lock="behaviour.hour")
def behaviour_hour(timestamp: int) -> None:  # noqa: ARG001  # the queue's own signature
    """Let go what is no longer kept of events, and what the open API need not remember."""
    behaving.hour(today=clock.today(), now=clock.now())
    openapi.forget(now=aged_by(clock.now()))


@app.periodic(cron="* * * * *")
@app.task(name="messaging.send", queue="queue", queueing_lock="messaging.send", lock="messaging.send")
def send_messages(timestamp: int) -> None:  # noqa: ARG001  # the queue's own signature
    """Send what is due and hear what came in; `guanxi send` does it without a pause between."""
    if is_configured():
        office = bank_office(settings.GUANXI_BANK_HOME, today=clock.today(), clock=clock.now)
        drain(office, SENDING_SECONDS)


def _bank() -> Bank:
    """The bank this process works for."""
    return open_bank(Path(os.environ["GUANXI_BANK"]), settings.GUANXI_HOME)
