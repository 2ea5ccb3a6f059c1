"""The queue: a killed worker's job goes to another; what waits is said to whoever watches."""

import asyncio
from types import SimpleNamespace

import pytest
from django.db import connection, connections
from django.test import Client
from procrastinate.contrib.django import app

from guanxi.crm.audit import seals
from guanxi.crm.audit.models import ChangeLog
from guanxi.project import jobs

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def waiting_job() -> int:
    return app.configure_task("lab.simulate", queue="lab", lock="lab").defer(simulation=0)


def taken_by_a_worker(job: int, silent_for: str) -> None:
    """As if a worker had taken it and last been heard of so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (NOW() - %s::interval) RETURNING id",
            [silent_for],
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job]
        )


def state_of(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


async def rescue() -> None:
    direct = app.connector.get_worker_connector()
    with app.replace_connector(direct) as using:
        async with using.open_async():
            await jobs.rescue.func(SimpleNamespace(app=using), timestamp=0)


def test_the_job_of_a_worker_that_was_killed_waits_again() -> None:
    job = waiting_job()
    taken_by_a_worker(job, "5 minutes")
    asyncio.run(rescue())
    assert state_of(job) == "todo"


def test_the_job_of_a_worker_that_lives_stays_with_it() -> None:
    job = waiting_job()
    taken_by_a_worker(job, "5 seconds")
    asyncio.run(rescue())
    assert state_of(job) == "doing"


def test_whoever_watches_is_told_what_waits_and_who_works() -> None:
    taken_by_a_worker(waiting_job(), "5 seconds")
    waiting_job()
    assert Client().get("/ready").json()["queue"] == {"waiting": 1, "doing": 1, "workers": 1}


def test_the_trail_is_sealed_and_the_digests_stand_outside_the_database(settings, tmp_path) -> None:
    settings.GUANXI_SEALS_FILE = tmp_path / "heads.log"
    row = ChangeLog.objects.create(staff_no="S1", staff_name="李敏", verb="x.y", object_key="1")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE audit_changelog SET at = at - interval '1 hour' WHERE id = %s", [row.pk])
    jobs.seal_trail.func(timestamp=0)
    jobs.seal_trail.func(timestamp=0)
    (line,) = settings.GUANXI_SEALS_FILE.read_text(encoding="utf8").splitlines()
    assert seals.knows(line.split()[-1])
    assert seals.verify() == []
