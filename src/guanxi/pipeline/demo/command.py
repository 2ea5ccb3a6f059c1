"""`guanxi generate`: the demo bank's extracts from the command line, with a bar."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from guanxi.pipeline.demo.shapes import PAYMENTS_A_MONTH, PROFILES

if TYPE_CHECKING:
    from guanxi.pipeline.demo import GeneratedBank

LAST_DAY = date(2026, 10, 31)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--customers, --months, --seed, --profile, --until, --out; --day for one more night."""
    parser.add_argument(
        "--customers",
        type=int,
        default=20_000,
        metavar="N",
        help="persons who own accounts (459067: the full S bank)",
    )
    parser.add_argument("--months", type=int, default=25, metavar="M", help="months of history")
    parser.add_argument("--seed", type=int, default=7, metavar="S", help="the same seed gives the same bytes")
    parser.add_argument(
        "--profile", choices=PROFILES, default="2026", help="the documents' years (seed) or today's"
    )
    parser.add_argument(
        "--until", type=date.fromisoformat, default=LAST_DAY, metavar="DATE", help="business date"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder that gets one folder per business date"
    )

    parser.add_argument(
        "--payments",
        type=float,
        default=PAYMENTS_A_MONTH,
        metavar="P",
        help="wallet payments a month of who uses the mobile bank; 0 makes the thinnest transactions file",
    )
    parser.add_argument(
        "--second-accounts",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share of persons with an empty second settlement account (0.7: 2.4 accounts a customer)",
    )
    parser.add_argument(
        "--day", type=date.fromisoformat, metavar="DATE", help="only one more night: the changes of this day"
    )


def main(args: argparse.Namespace) -> int:
    """Write the extracts; status 1 with a reason on a wrong argument."""
    from guanxi.pipeline.demo import generate_day
    from guanxi.pipeline.demo.population import Wish

    console = Console()
    try:
        made = (
            generate_day(args.out, args.day, seed=args.seed)
            if args.day
            else generate_with_bar(
                console,
                args.out,
                customers=args.customers,
                months=args.months,
                seed=args.seed,
                profile=args.profile,
                until=args.until,
                wish=Wish(args.payments, args.second_accounts),
            )
        )
    except ValueError as error:
        console.print(f"[red]{error}")
        return 1
    console.print(f"{made.extract}: " + ", ".join(f"{name} {rows:,}" for name, rows in made.rows.items()))
    return 0


def generate_with_bar(console: Console, out: Path, *, customers: int, **wanted: Any) -> GeneratedBank:
    """`generate` with a bar on this console; `wanted` is passed on to it."""
    from guanxi.pipeline.demo import generate

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}/{task.total:,}"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bars:
        task = bars.add_task("customers", total=customers)
        made = generate(
            out,
            customers=customers,
            progress=lambda _, done, total: bars.update(task, completed=done, total=total),
            **wanted,
        )
        bars.update(task, completed=customers)
        return made
