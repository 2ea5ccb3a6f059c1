"""`guanxi simulator`: counterparts of every channel on this machine, for trying out and for the demo."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from guanxi.project import database

LINE = "\r\x1b[K"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which simulators, where, and how badly they behave."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="smsc gateway mail wecom push (default: all)"
    )
    parser.add_argument(
        "--folder", type=Path, help="ledgers, mailbox, accounts.json (default: simulators in the home)"
    )
    parser.add_argument("--first-port", type=int, default=0, help="ports from here on (default: free ones)")
    parser.add_argument("--seed", type=int, default=1, help="what goes wrong is the same for the same seed")
    parser.add_argument("--wrong", type=float, default=0.0, metavar="SHARE", help="share that goes wrong")
    parser.add_argument(
        "--fails", type=float, default=0.02, metavar="SHARE", help="share that is never delivered"
    )
    parser.add_argument(
        "--opt-out", type=float, default=0.01, metavar="SHARE", help="share that answers 退订"
    )
    parser.add_argument(
        "--replies", type=float, default=0.02, metavar="SHARE", help="share that answers otherwise"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="receipts come within so many seconds")
    parser.add_argument(
        "--most", type=int, default=0, help="throttle what comes faster, in messages a second"
    )
    parser.add_argument(
        "--mode", choices=("idempotent", "query", "blind"), default="query", help="of the gateway"
    )
    parser.add_argument("--fsync", action="store_true", help="write each ledger line through to the disk")


def main(arguments: argparse.Namespace) -> int:
    """Run until interrupted; returns 1 when a name is not known."""
    from guanxi.channels.simulators.town import NAMES, Town, Weather, run

    names = tuple(arguments.names) or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(
            f"guanxi simulator: no simulator called {', '.join(unknown)} (known: {', '.join(NAMES)})",
            file=sys.stderr,
        )
        return 1
    folder = arguments.folder or database.home_folder(os.environ) / "simulators"
    weather = Weather(
        arguments.seed, arguments.wrong, arguments.opt_out, arguments.replies, arguments.seconds, arguments.fails,
        arguments.most, arguments.mode, arguments.fsync,
    )  # fmt: skip
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # ended by another program, it tidies up as well
    try:
        asyncio.run(
            run(
                Town(folder, weather, names, arguments.first_port),
                _tell,
                1.0 if sys.stdout.isatty() else 10.0,
            )
        )
    except KeyboardInterrupt:
        print()
    return 0


def _tell(line: str) -> None:
    """Addresses stay on the terminal, counters are written over."""
    moving = "|" in line or "accept" in line or "bind" in line
    print(
        f"{LINE}{line}" if moving and sys.stdout.isatty() else line,
        end="" if moving and sys.stdout.isatty() else "\n",
    )
    sys.stdout.flush()
