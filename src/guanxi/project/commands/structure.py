"""`guanxi structure FILE`: which figures of a printed structure table cannot be true together."""

from __future__ import annotations

import argparse
from pathlib import Path

from guanxi.insight.quality.structure import check_structure, read_structure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE --language zh|en."""
    parser.add_argument("file", type=Path, help="the table as TOML; banks/demo/structure.toml shows the form")
    parser.add_argument("--language", choices=["zh", "en"], default="zh")


def main(parsed: argparse.Namespace) -> int:
    """Print the findings; status 1 when there are any, or when the table cannot be read."""
    try:
        found = check_structure(read_structure(parsed.file.read_text(encoding="utf8")))
    except (OSError, ValueError) as wrong:
        print(wrong)
        return 1
    sound = "the printed figures fit together" if parsed.language == "en" else "表内数字相互一致"
    print("\n".join(said.words(parsed.language) for said in found) or sound)
    return 1 if found else 0
