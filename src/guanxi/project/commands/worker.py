"""`guanxi worker`: does what pages have asked for and nobody waits for (simulations, later sending and files)."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from guanxi.project.cli import add_bank_argument, working_for

GRACE = 10.0  # seconds a job gets to end by itself; what is cut off is taken up again by the next worker


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
    """Take jobs one after the other over a direct connection, with a sign of life each ten seconds."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as direct:
        direct.run_worker(wait=not until_empty, concurrency=1, shutdown_graceful_timeout=GRACE)


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
