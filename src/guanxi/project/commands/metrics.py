"""`guanxi metrics check`: proves every registered figure of the current run against its source (指标核对)."""

from __future__ import annotations

import argparse
import os

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from guanxi.project.cli import add_bank_argument, working_for


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`check` and --bank."""
    parser.add_argument("what", choices=["check"])
    add_bank_argument(parser)


def main(parsed: argparse.Namespace) -> int:
    """Print each figure beside its source and what is published; exit status 1 when one is not proven."""
    from guanxi.pipeline.bank import open_bank
    from guanxi.project.database import home_folder

    bank = open_bank(parsed.bank, home_folder(os.environ))
    with working_for(bank):
        from guanxi.pipeline.nightly import prove_current

        run, proofs = prove_current(bank)
    table = Table(title=f"{bank.name} · {run}")
    for column in ("metric", "", "figure", "source", "published"):
        table.add_column(column, justify="left" if column in ("metric", "") else "right", no_wrap=True)
    for proof in proofs:
        said = "proven" if proof.is_proven else "[red]differs[/red]"
        places = 2 if proof.metric.unit == "money" else 0
        sums = (
            "" if sum_ is None else f"{sum_:,.{places}f}"
            for sum_ in (proof.figure, proof.source, proof.published)
        )
        table.add_row(proof.metric.id, said, *sums)
    wide_enough(table).print(table)
    return 0 if all(proof.is_proven for proof in proofs) else 1


def wide_enough(table: Table) -> Console:
    """A console on which no figure is cut off, however narrow the terminal says it is."""
    console = Console()
    needed = Measurement.get(console, console.options.update(max_width=10_000), table).maximum
    return Console(width=max(console.width, needed))
