"""`guanxi masked`: the de-identified data analysts may ask, made from the current run; as Parquet for a notebook."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from guanxi.project.cli import add_bank_argument, working_for


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--bank FOLDER --parquet FOLDER."""
    add_bank_argument(parser)
    parser.add_argument(
        "--parquet", type=Path, metavar="FOLDER", help="also write each view as FOLDER/<view>.parquet"
    )


def main(parsed: argparse.Namespace) -> int:
    """Make the file unless it is there; print what it holds; exit status 1 where there is nothing to make it from."""
    from guanxi.pipeline.bank import BankError, open_bank
    from guanxi.project.database import home_folder

    bank = open_bank(parsed.bank, home_folder(os.environ))
    with working_for(bank):
        from guanxi.lake.masked import write_parquet
        from guanxi.pipeline.masking import make_masked
        from guanxi.project import clock

        try:
            made = make_masked(bank, today=clock.today())
        except BankError as error:
            print(error, file=sys.stderr)
            return 1
        print(
            f"{made.file}: run {made.run}, figures of {made.business_date}, {made.rows:,} rows, "
            f"groups of {made.smallest_group}, {made.bytes / 1e6:,.1f} MB"
        )
        for path in write_parquet(made, parsed.parquet) if parsed.parquet else []:
            print(path)
    return 0
