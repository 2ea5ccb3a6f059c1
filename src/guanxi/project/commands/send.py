"""`guanxi send`: hands the outbox to the counterparts and listens to them, until a signal (消息发送)."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from guanxi.project.cli import add_bank_argument, working_for

if TYPE_CHECKING:
    from guanxi.pipeline.sending import Office

LOOK = 1.0  # seconds between two looks at how it stands


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--bank FOLDER --account CODE --until-empty --quiet."""
    add_bank_argument(parser, default="banks/demo")
    parser.add_argument("--account", action="append", default=[], metavar="CODE", help="only this account")
    parser.add_argument("--until-empty", action="store_true", help="end when nothing is left to send or hear")
    parser.add_argument("--quiet", action="store_true", help="no progress on the terminal")


def main(parsed: argparse.Namespace) -> int:
    """Send until a signal; a second sender may run beside it. Status 1 for a bank without the policy `sending`."""
    from guanxi.pipeline.bank import open_bank
    from guanxi.project.database import home_folder

    with working_for(open_bank(parsed.bank, home_folder(os.environ))):
        from django.conf import settings

        from guanxi.pipeline.sending import bank_office
        from guanxi.project import clock
        from guanxi.project.databases import migrate

        migrate()
        try:
            office = bank_office(
                settings.GUANXI_BANK_HOME, today=clock.today(), clock=clock.now, wanted=parsed.account
            )
        except KeyError:
            print("this bank has no policy 'sending'; without one nothing is sent (缺少发送政策)")
            return 1
        _work(office, until_empty=parsed.until_empty, quiet=parsed.quiet)
    return 0


def _work(office: Office, *, until_empty: bool, quiet: bool) -> None:
    ends = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_given: ends.set())
    began = office.clock()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(quiet=quiet)) as progress, office.at_work():
        bar = progress.add_task("sending", total=None)
        while not ends.wait(LOOK):
            left = _show(office, progress, bar, began)
            if until_empty and office.done() and not left:
                return


def _show(office: Office, progress: Progress, bar: object, began: object) -> int:
    """Say how it stands; how many messages still need a sender. Without the database nobody knows: some do.

    The lanes wait for the database by themselves, so what shows them must not end before it is back.
    """
    from datetime import datetime

    from django.db import InterfaceError, OperationalError, connections
    from rich.progress import TaskID

    from guanxi.pipeline.sending import standing

    assert isinstance(began, datetime)
    assert isinstance(bar, int)
    try:
        told = standing(began=began, now=office.clock(), using=office.using)
    except (OperationalError, InterfaceError):
        connections[office.using].close()
        progress.update(
            TaskID(bar), description="the database cannot be reached; waiting for it (等待数据库恢复)"
        )
        return 1
    left = told.waiting + told.with_sender
    said = f"{told.per_second:,.0f}/s · {told.in_doubt:,} in doubt (存疑)"
    progress.update(TaskID(bar), completed=told.accepted, total=told.accepted + left, description=said)
    return left
