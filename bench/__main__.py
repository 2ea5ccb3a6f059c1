"""`python -m bench [--customers N] [--months M] [--times T] [--home DIR] [--only PART …]`; see PARTS."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Report, Section
from bench.how import MONTH
from bench.lake import ROOT, BenchLake, bench_lake

PARTS = ("core", "load", "publish", "web", "segments", "engines", "lab", "today")
PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    """Make what is missing, measure, print, and write docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--customers", type=int, default=459_067)
    parser.add_argument("--months", type=int, default=25)
    parser.add_argument(
        "--times", type=int, default=3, help="repeats of what can be repeated; the cheapest counts"
    )
    parser.add_argument("--home", type=Path, help="where lake and database are kept for the next time")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rate", type=float, default=20.0, help="today: pages a second")
    parser.add_argument("--seconds", type=float, default=600.0, help="today: for so long")
    asked = parser.parse_args()
    home = asked.home or ROOT / "var" / f"bench-{asked.customers}-{asked.months}"
    report = Report(asked.customers, datetime.now(UTC), how=MONTH)
    with bench_lake(asked.customers, asked.months, home) as lake:
        for part in asked.only:
            report.add(_measured(part, lake, asked))
            asked.page.write_text(report.text(), encoding="utf8")


def _measured(part: str, lake: BenchLake, asked: argparse.Namespace) -> Section:
    """Some parts import Django's models, which wait for the bank to be opened."""
    from bench import core, engines, lab, load, publishing, segments, today, web

    if part == "web":
        return web.measure(lake)
    if part == "today":
        return today.measure(lake, rate=asked.rate, seconds=asked.seconds)
    repeated = {
        "core": core.measure,
        "load": load.measure,
        "publish": publishing.measure,
        "segments": segments.measure,
        "lab": lab.measure,
        "engines": engines.measure,
    }
    return repeated[part](lake, asked.times)


if __name__ == "__main__":
    main()
