"""`python -m bench.scale [--copies N] [--rows N] [--home DIR] [--only PART …]`: 17 million customers on this machine.

core: the nightly core of one closed month, beside a hand-written script. nights: the night after beside a rebuild of
all history, at the lake's own size. segments: counts over 17 million rows. lab: a tier draft over 17 million
customers, one month and twelve. foresight: the scorer of leaving on 4 million person-months (synthetic). engines: the
same steps on DuckDB and on Spark local, at the lake's own size.

The lake of the 459,067-customer bank is copied N times with keys of their own, in files by groups of buckets as a run
of that size writes them (37 copies: 17 million customers), with twelve months of state. Then one closed month is walked
by the same steps as in `bench.core`. The copies are synthetic: every one has the same distributions.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Report, Section
from bench.how import SCALE
from bench.lake import ROOT, BenchLake, bench_lake

PARTS = ("core", "nights", "segments", "lab", "foresight", "engines")
PAGE = ROOT / "docs" / "benchmarks-scale.md"


def main() -> None:
    """Copy what is missing, walk, print, write the page."""
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("--copies", type=int, default=37)
    parser.add_argument("--rows", type=int, help="segments, foresight: so many in place of 17 and 4 million")
    parser.add_argument("--customers", type=int, default=459_067)
    parser.add_argument("--months", type=int, default=25)
    parser.add_argument("--home", type=Path, help="where the single lake is kept, as in `make bench`")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    home = asked.home or ROOT / "var" / f"bench-{asked.customers}-{asked.months}"
    report = Report(asked.customers, datetime.now(UTC), "make bench-scale", SCALE)
    with bench_lake(asked.customers, asked.months, home) as lake:
        for part in asked.only:
            for section in _measured(part, lake, asked.copies, asked.rows):
                report.add(section)
            asked.page.write_text(report.text(), encoding="utf8")


def _measured(part: str, lake: BenchLake, copies: int, rows: int | None) -> list[Section]:
    """Some parts import Django's models, which wait for the bank to be opened."""
    from bench import engines, foresight, lab, large, nights, segments

    if part == "core":
        return large.measure(lake, copies)
    once: dict[str, Callable[[], Section]] = {
        "nights": lambda: nights.measure(lake),
        "segments": lambda: segments.measure(lake, times=2, large=rows or segments.LARGE),
        "lab": lambda: lab.measure_copies(lake, copies),
        "foresight": lambda: foresight.measure(rows or foresight.ROWS),
        "engines": lambda: engines.measure(lake, times=1),
    }
    return [once[part]()]


if __name__ == "__main__":
    main()
