"""`guanxi mapping check`: what fits and what does not, before anything is loaded."""

from __future__ import annotations

import argparse
from pathlib import Path

from guanxi.insight.staging.mapping import MappingError, read_mapping
from guanxi.lake.mapping_check import check_mapping, in_words
from guanxi.project.cli import add_bank_argument


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """check --bank FOLDER --extracts DIR."""
    parser.add_argument("action", choices=["check"])
    add_bank_argument(parser)
    parser.add_argument(
        "--extracts", type=Path, required=True, metavar="DIR", help="a folder with the bank's files"
    )
    parser.add_argument("--language", choices=["zh", "en"], default="zh")


def main(parsed: argparse.Namespace) -> int:
    """Print the findings; status 1 when the folder could not be loaded."""
    try:
        mapping = read_mapping((parsed.bank / "mapping.toml").read_text(encoding="utf8"))
    except MappingError as error:
        print(error)
        return 1
    report = check_mapping(mapping, parsed.extracts)
    print("\n".join(in_words(report, parsed.language)))
    return 1 if report.stops else 0
