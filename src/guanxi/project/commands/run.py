"""`guanxi run`: the nightly job (跑批) of one bank for one business date."""

from __future__ import annotations

import argparse
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from guanxi.project.cli import add_bank_argument, working_for

if TYPE_CHECKING:
    from guanxi.pipeline.nightly import Outcome

DATABASE_LOST = (
    "the database cannot be reached or broke off ({lost}). People see the run they saw before, or the new one where "
    "its publication was committed, never half of one. When the database is back, start the same night again: it goes "
    "on where it stood. (数据库中断：页面上仍是完整的一批数据；数据库恢复后重新跑同一天即可)"
)


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
    import psycopg
    from django.db import OperationalError

    from guanxi.insight.policies import PolicyError
    from guanxi.insight.staging.mapping import MappingError
    from guanxi.lake.door import DoorError
    from guanxi.lake.extracts import ExtractRefused
    from guanxi.pipeline.bank import BankError, open_bank
    from guanxi.pipeline.lock import RunLocked
    from guanxi.pipeline.night import RunRefused
    from guanxi.project.database import DatabaseError, home_folder
    from guanxi.project.embedded import EmbeddedError

    console = Console()
    try:
        bank = open_bank(parsed.bank, home_folder(os.environ))
        with working_for(bank):
            from guanxi.pipeline.nightly import run_nightly
            from guanxi.project import clock
            from guanxi.project.databases import migrate

            migrate()
            bars = None if parsed.quiet else console
            outcome = run_nightly(bank, parsed.extracts, parsed.date, now=clock.now, console=bars)
            print_outcome(console, outcome)
    except (
        *(BankError, MappingError, PolicyError, DoorError, DatabaseError, EmbeddedError),
        *(RunLocked, RunRefused, ExtractRefused),
    ) as stopped:
        console.print(f"[red]stopped[/red] {stopped}", highlight=False)
        return 1
    except (OperationalError, psycopg.OperationalError) as lost:
        console.print(f"[red]stopped[/red] {DATABASE_LOST.format(lost=lost)}", highlight=False)
        return 1
    return 0


def print_outcome(console: Console, outcome: Outcome) -> None:
    """The reconciliation, a line for each component with the views that hold it, and the counts of a finished night.

    A night whose views differ is refused before this, so one amount stands for all of them.
    """
    held: dict[tuple[str, str], dict[str, Decimal]] = {}
    for view, component, currency, amount, _ in outcome.reconciliation:
        held.setdefault((component, currency), {})[view] = amount
    table = Table("component", "currency", title="reconciliation (对账): all views equal to the fen")
    table.add_column("amount", justify="right", no_wrap=True)
    table.add_column("views")
    for (component, currency), views in held.items():
        table.add_row(component, currency, f"{next(iter(views.values())):,}", ", ".join(sorted(views)))
    console.print(table)
    for line in outcome.lines():
        console.print(line)
