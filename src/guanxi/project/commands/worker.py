"""`guanxi worker`: does what pages have asked for and nobody waits for (simulations, later sending and files)."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from guanxi.project.cli import add_bank_argument, working_for

GRACE = 10.0  # seconds a job gets to end by itself; what is cut off is taken up again by the next worker
AGAIN = 3.0  # seconds until the database is looked for again

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--bank FOLDER --until-empty."""
    add_bank_argument(parser, default="banks/demo")
    parser.add_argument("--until-empty", action="store_true", help="end when the queue is empty")


def main(parsed: argparse.Namespace) -> int:
    """Work until a signal (or until the queue is empty); a second worker may run beside it."""
    from guanxi.pipeline.bank import open_bank
    from guanxi.project.database import home_folder

    with working_for(open_bank(parsed.bank, home_folder(os.environ))):
        from guanxi.project.databases import migrate

        migrate()
        work(until_empty=parsed.until_empty)
    return 0


def work(*, until_empty: bool) -> None:
    """Take jobs one after the other over a direct connection, with a sign of life each ten seconds.

    The queue's own worker ends, without an error, when the database breaks off; only a signal ends this.
    """
    asyncio.run(_work(until_empty=until_empty))


async def _work(*, until_empty: bool) -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    while not told.is_set():
        begun = asyncio.create_task(_begin(until_empty=until_empty))
        await asyncio.wait((begun, asyncio.create_task(told.wait())), return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()  # nothing happens to one that has ended; the others see their jobs through
        (ended,) = await asyncio.gather(begun, return_exceptions=True)
        if until_empty or told.is_set():
            if isinstance(ended, Exception):
                raise ended
            return
        logger.warning("the worker lost the database and begins again (数据库中断，重新连接)")
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), AGAIN)


async def _begin(*, until_empty: bool) -> None:
    """One life of the queue's own worker."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as direct:
        async with direct.open_async():
            await direct.run_worker_async(
                wait=not until_empty,
                concurrency=1,
                shutdown_graceful_timeout=GRACE,
                install_signal_handlers=False,
            )


@contextmanager
def beside(environment: Mapping[str, str]) -> Iterator[None]:
    """A worker as a process of its own while the block runs, ended with it."""
    command = [sys.executable, "-m", "guanxi.project.cli", "worker", "--bank", environment["GUANXI_BANK"]]
    # In our own process group: a signal to all of us reaches it too, even before we listen for one.
    with subprocess.Popen(command, env=dict(environment)) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=GRACE + 5)
            except subprocess.TimeoutExpired:
                process.kill()
