"""`guanxi train`: trains the scorer of leaving and the model of needs from a complete run, and keeps both."""

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
    from guanxi.insight.needs.training import TrainedNeeds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--bank FOLDER --date YYYY-MM-DD."""
    add_bank_argument(parser)
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="a business date that was run")


def main(parsed: argparse.Namespace) -> int:
    """Train, judge, keep; status 1 when the date was never run or there is nothing to learn from yet for either."""
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
            from guanxi.pipeline.training import train_needs_now, train_now
            from guanxi.project import clock
            from guanxi.project.databases import migrate

            migrate()

            def leaving() -> None:
                version, trained = train_now(bank, parsed.date, now=clock.now)
                print_card(console, f"{version.purpose} version {version.version}", trained)

            def needs() -> None:
                version, trained = train_needs_now(bank, parsed.date, now=clock.now)
                print_needs(console, f"{version.purpose} version {version.version}", trained)

            done = 0
            for train in (leaving, needs):
                try:
                    train()
                    done += 1
                except TrainingRefused as refused:
                    console.print(f"[red]stopped[/red] {refused}", highlight=False)
            return 0 if done else 1
    except (BankError, PolicyError, DatabaseError, EmbeddedError, RunLocked) as stopped:
        console.print(f"[red]stopped[/red] {stopped}", highlight=False)
        return 1


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


def print_needs(console: Console, name: str, trained: TrainedNeeds) -> None:
    """The order of families judged on the newest snapshot, and what becomes of the model."""
    table = Table("measure", title=f"{name}: judged on the newest month ends")
    for head in ("model", "peers", "gain", "95 % interval"):
        table.add_column(head, justify="right")
    said = trained.card.get("needs", {})
    for label, key in (("Recall@3", "recall"), ("NDCG@3", "ndcg")):
        if key in said:
            one = said[key]
            reach = "—" if one["from"] is None else f"{one['from']:+.4f} … {one['to']:+.4f}"
            figures = ("—" if one[part] is None else f"{one[part]:.4f}" for part in ("model", "peers"))
            table.add_row(label, *figures, f"{one['gain']:+.4f}", reach)
    console.print(table)
    for one in trained.card.get("families", []):
        orders = " · ".join(
            f"{label} {'—' if one[key] is None else format(one[key], '.3f')}"
            for label, key in (("AUC", "auc"), ("of peers", "peers_auc"))
        )
        console.print(
            f"{one['family']}: {one['learnt']:,} takers learnt from, {one['takers']:,} judged, "
            f"{one['kind'] or 'not fitted'}, {orders}",
            highlight=False,
        )
    if trained.kept:
        console.print("better than what peers take. Switch it on at /models (two persons).")
    else:
        console.print(f"not better than what peers take, or not judged: {trained.why}; popularity serves")
