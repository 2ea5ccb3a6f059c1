"""`guanxi learn`: trains and judges the scorer on any labelled table the bank brings (CSV or Parquet)."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--table T --label L, and how the rows are ordered, parted and left out."""
    parser.add_argument("--table", type=Path, required=True, help="a CSV (also .gz) or Parquet file")
    parser.add_argument("--label", required=True, help="the column of what happened, two values")
    parser.add_argument(
        "--time", help="the column rows are ordered by; without it they stand in order of time"
    )
    parser.add_argument("--id", help="the key's column, which is not learnt from")
    parser.add_argument(
        "--calibrate-from", metavar="TIME", help="rows from this time on choose and calibrate"
    )
    parser.add_argument("--judge-from", metavar="TIME", help="rows from this time on judge")
    parser.add_argument("--least-events", type=int, default=30, help="refuse to learn from fewer")
    parser.add_argument(
        "--positive", help="the label's value that means it happened; the last in order when not said"
    )
    parser.add_argument(
        "--without", action="append", default=[], metavar="COLUMN", help="do not learn from this column"
    )
    parser.add_argument(
        "--keep-suspects", action="store_true", help="learn from columns that seem known only afterwards, too"
    )
    parser.add_argument("--keep-drifted", action="store_true", help="learn from columns that moved away, too")
    parser.add_argument("--capacity", type=int, default=500, help="how many rows people could act on")
    parser.add_argument(
        "--out", type=Path, help="where the model card goes (Markdown); printed when not said"
    )


def main(parsed: argparse.Namespace) -> int:
    """Train, judge, write the card; status 1 with the reason when the table cannot be learnt from."""
    from guanxi.insight.foresight import any_table
    from guanxi.insight.foresight.card import markdown
    from guanxi.insight.foresight.training import train
    from guanxi.lake.labelled import labelled_table

    console = Console()
    borders = (
        (parsed.calibrate_from, parsed.judge_from) if parsed.calibrate_from and parsed.judge_from else None
    )
    asked = any_table.Asked(
        parsed.label, parsed.time, parsed.id, tuple(parsed.without), parsed.positive, borders
    )
    try:
        table = labelled_table(parsed.table)
        split, suspects = any_table.read_table(table, asked)
        drifted = any_table.drifted_columns(split)
        left_out = [] if parsed.keep_suspects else [suspect.name for suspect in suspects]
        left_out += [] if parsed.keep_drifted else [name for name, _ in drifted if name not in left_out]
        if left_out:
            split, _ = any_table.read_table(table, any_table.without(left_out, asked))
        for suspect in suspects:
            console.print(
                f"[yellow]possible leak[/yellow] {suspect.name}: AUC {suspect.auc:.3f} alone ({suspect.why})"
            )
        for name, psi in drifted:
            console.print(
                f"[yellow]moved away[/yellow] {name}: PSI {psi:.2f} between the oldest and the newest rows"
            )
        trained = train(split, purpose=parsed.label, capacity=parsed.capacity, least=parsed.least_events)
    except (any_table.TableRefused, OSError, ValueError) as refused:
        console.print(f"[red]stopped[/red] {refused}", highlight=False)
        return 1
    text = markdown(
        parsed.table.name, trained.card, suspects, drifted, left_out, kept=trained.kept, why=trained.why
    )
    if parsed.out:
        parsed.out.write_text(text, encoding="utf8")
        console.print(f"model card: {parsed.out}")
    else:
        console.print(text, highlight=False, markup=False)
    return 0
