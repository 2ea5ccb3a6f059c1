"""`guanxi run`: the nightly job (跑批) of one bank for one business date."""

from __future__ import annotations

import argparse
import os
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from guanxi.project.cli import add_bank_argument, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--bank FOLDER --extracts DIR --date YYYY-MM-DD."""
    add_bank_argument(parser)
    parser.add_argument(
        "--extracts", type=Path, required=True, metavar="DIR", help="where the bank's files arrive"
    )
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="the business date")
    parser.add_argument("--quiet", action="store_true", help="no bars, only the summary")


def main(parsed: argparse.Namespace) -> int:
    """Run, publish and say what came of it; status 1 when the night was stopped."""
    from guanxi.lake.extracts import ExtractRefused
    from guanxi.pipeline.bank import BankError, open_bank
    from guanxi.pipeline.lock import RunLocked
    from guanxi.pipeline.night import RunRefused
    from guanxi.project.database import home_folder

    console = Console()
    try:
        bank = open_bank(parsed.bank, home_folder(os.environ))
        start_django(bank)
        from guanxi.pipeline.nightly import run_nightly
        from guanxi.project import clock
        from guanxi.project.databases import migrate

        migrate()
        outcome = run_nightly(
            bank, parsed.extracts, parsed.date, now=clock.now, console=None if parsed.quiet else console
        )
    except (BankError, RunLocked, RunRefused, ExtractRefused) as stopped:
        console.print(f"[red]stopped[/red] {stopped}")
        return 1
    print_outcome(console, outcome)
    return 0


def print_outcome(console: Console, outcome: object) -> None:
    """The reconciliation and the counts of a finished night."""
    from guanxi.pipeline.nightly import Outcome

    assert isinstance(outcome, Outcome)
    table = Table("view", "component", "currency", "amount", "difference", title="reconciliation (对账)")
    for row in outcome.reconciliation:
        table.add_row(*(f"{cell:,}" if not isinstance(cell, str) else cell for cell in row))
    console.print(table)
    for line in outcome.lines():
        console.print(line)
