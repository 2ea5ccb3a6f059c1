"""The `guanxi` command: parses, then hands over to one module per subcommand.

Modules are imported when their command runs, so that `guanxi --help` needs neither Django nor DuckDB.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from guanxi.pipeline.bank import Bank

COMMANDS = {
    "demo": "set up the demo bank, run its night and serve the workbench",
    "run": "run the nightly job for one bank and business date (跑批)",
    "train": "train the scorer of leaving from a complete run (模型训练)",
    "learn": "train and judge the scorer on any labelled table (CSV or Parquet)",
    "effect": "read a randomised trial out: lift, intervals, for whom it works (效果评估)",
    "generate": "write a demo bank's extracts (synthetic data)",
    "contacts": "bring contacts from an old system, each with its author and time (历史跟进导入)",
    "identity": "measure who is found to be one person against known truth (客户归并评估)",
    "mapping": "check a bank's files against its mapping before anything is loaded",
    "masked": "make the de-identified data analysts may ask, or write them for a notebook (去标识化数据)",
    "metrics": "prove every registered figure against its source (指标核对)",
    "structure": "say which figures of a printed structure table cannot be true together",
    "serve": "serve the workbench",
    "send": "hand the outbox to the channels and listen to them (消息发送)",
    "worker": "do what pages have asked for: simulations of the policy lab",
    "simulator": "counterparts of every channel on this machine: SMSC, gateway, mail, WeCom, push (渠道模拟器)",
    "counter": "a token for the counter system, or one event at the counter (到店事件)",
    "database": "migrate, print the script with the logins, stop the embedded server",
    "way": "print the steps in order, or draw them",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit status (1: refused with a reason on stderr)."""
    # Read when OpenMP is loaded, which a command does later: threads that wait by spinning made a fit on a busy
    # machine take thirty times as long as threads that sleep.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="guanxi", description="关系 Guanxi: customer relations for banks")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, about in COMMANDS.items():
        sub = subparsers.add_parser(name, help=about, description=about)
        if arguments[:1] == [name]:
            _module(name).add_arguments(sub)
    parsed = parser.parse_args(arguments)
    return int(_module(parsed.command).main(parsed))


def _module(name: str) -> Any:
    return importlib.import_module(f"guanxi.project.commands.{name}")


def add_bank_argument(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """The --bank option all commands about a bank share."""
    parser.add_argument(
        "--bank",
        type=Path,
        default=Path(default) if default else None,
        required=default is None,
        metavar="FOLDER",
        help="the bank's folder, for example banks/berka",
    )


@contextmanager
def working_for(bank: Bank) -> Iterator[None]:
    """Make this process work for one bank: its database and Django's applications.

    Where the embedded server is ours to start, it is stopped again at the end by the process that started it.
    """
    from guanxi.project import database, embedded

    os.environ["GUANXI_BANK"] = str(bank.folder)
    os.environ.setdefault("GUANXI_DATABASE", f"guanxi_{bank.code}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
    ours = database.given_urls(os.environ) is None
    cluster = embedded.locate(database.home_folder(os.environ)) if ours else None
    found_running = cluster is not None and cluster.is_running()
    try:
        database.urls(os.environ)
        import django

        django.setup()
        yield
    finally:
        if cluster is not None and not found_running:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
