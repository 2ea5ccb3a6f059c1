"""`guanxi train`: trains the scorer of leaving from a complete run and keeps it in the register of models."""

from __future__ import annotations

import argparse
import os
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from guanxi.project.cli import add_bank_argument, working_for

if TYPE_CHECKING:
    from guanxi.insight.foresight.training import Trained


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--bank FOLDER --date YYYY-MM-DD."""
    add_bank_argument(parser)
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="a business date that was run")


def main(parsed: argparse.Namespace) -> int:
    """Train, judge, keep; status 1 when the date was never run or there is nothing to learn from yet."""
    from guanxi.insight.policies import PolicyError
    from guanxi.pipeline.bank import BankError, open_bank
    from guanxi.pipeline.lock import RunLocked
    from guanxi.project.database import DatabaseError, home_folder
    from guanxi.project.embedded import EmbeddedError

    console = Console()
    try:
        bank = open_bank(parsed.bank, home_folder(os.environ))
        with working_for(bank):
            from guanxi.pipeline.learning import TrainingRefused
            from guanxi.pipeline.training import train_now
            from guanxi.project import clock
            from guanxi.project.databases import migrate

            migrate()
            try:
                version, trained = train_now(bank, parsed.date, now=clock.now)
            except TrainingRefused as refused:
                console.print(f"[red]stopped[/red] {refused}", highlight=False)
                return 1
            print_card(console, f"{version.purpose} version {version.version}", trained)
    except (BankError, PolicyError, DatabaseError, EmbeddedError, RunLocked) as stopped:
        console.print(f"[red]stopped[/red] {stopped}", highlight=False)
        return 1
    return 0


def print_card(console: Console, name: str, trained: Trained) -> None:
    """The judged figures and what becomes of the model."""
    table = Table("scorer", title=f"{name}: judged on rows it had not seen")
    for head in ("AUC", "lift 10 %", "precision", "caught"):
        table.add_column(head, justify="right")
    for kind, said in trained.card.get("judged", {}).items():
        label = f"{kind} ({said['name']})" if "name" in said else kind
        forms = (("auc", ".3f"), ("lift", ".2f"), ("precision", ".1%"), ("caught", ".1%"))
        figures = ("—" if said[key] is None else format(said[key], form) for key, form in forms)
        table.add_row(label, *figures)
    console.print(table)
    if trained.kept:
        console.print(
            f"chosen: {trained.card['chosen']}; better than the rule. Switch it on at /models (two persons)."
        )
    else:
        console.print(f"not better than the rule, or not judged: {trained.why}")
