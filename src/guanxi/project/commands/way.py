"""`guanxi way`: the steps in the order they run."""

from __future__ import annotations

import argparse

from guanxi.insight.way import draw, the_way


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--draw prints a Mermaid graph instead of a list."""
    parser.add_argument("--draw", action="store_true", help="print a Mermaid graph")


def main(parsed: argparse.Namespace) -> int:
    """Print the way."""
    steps = the_way()
    if parsed.draw:
        print(draw(steps), end="")
        return 0
    for step in steps:
        print(f"{step.name:<28} {step.months:<5} {step.scope:<7} {step.about}")
    return 0
