"""`guanxi identity evaluate`: how well linkage finds who is who, on a folder whose truth is known."""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guanxi.insight.linkage_score import Scored
    from guanxi.pipeline.linking import Linked

Pair = tuple[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """evaluate --bank FOLDER --extract FOLDER (--truth FILE | --person PATTERN) --home DIR --memory SIZE."""
    parser.add_argument("what", choices=["evaluate"], help="measure pairs against known truth")
    parser.add_argument(
        "--bank", type=Path, required=True, help="the bank's folder, for example banks/febrl3"
    )
    parser.add_argument("--extract", type=Path, required=True, help="the folder with the bank's files")
    parser.add_argument(
        "--truth", type=Path, help="CSV or Parquet with customer_no and same_as, of all pairs"
    )
    parser.add_argument(
        "--person", help="pattern over the customer number whose first group names the person"
    )
    parser.add_argument("--home", type=Path, help="where the temporary lake lies (a folder of the system's)")
    parser.add_argument("--memory", default="4GiB")


def main(parsed: argparse.Namespace) -> int:
    """Print measures, evidence of cost and comparisons by rule; status 1 when the truth is not given."""
    if not parsed.truth and not parsed.person:
        print("say who is who: --truth FILE or --person PATTERN")
        return 1
    from guanxi.pipeline.bank import open_bank
    from guanxi.pipeline.linking import link_folder

    with tempfile.TemporaryDirectory(dir=parsed.home, prefix="linking-") as scratch:
        bank = open_bank(parsed.bank, Path(scratch))
        found = link_folder(bank, parsed.extract, Path(scratch), memory=parsed.memory)
        truth = _truth(parsed, Path(scratch))
    print("\n".join(_report(found, truth)))
    if parsed.truth:
        print("\n".join(_by_kind(parsed.truth, found)))
    return 0


def _truth(parsed: argparse.Namespace, scratch: Path) -> set[Pair]:
    import duckdb

    from guanxi.lake.engine import parquet_files
    from guanxi.pipeline.linking import truth_by_links, truth_by_person

    if parsed.truth:
        rows = duckdb.execute(f"SELECT customer_no, same_as FROM '{parsed.truth}'").fetchall()
        return truth_by_links((str(one), str(other)) for one, other in rows)
    staged = parquet_files(sorted((scratch / "arrived" / "staged.customers").glob("*.parquet")))
    numbers = [str(row[0]) for row in duckdb.execute(f"SELECT customer_no FROM {staged}").fetchall()]
    found = {number: re.search(parsed.person, number) for number in numbers}
    return truth_by_person({number: match[1] if match else number for number, match in found.items()})


def _report(found: Linked, truth: set[Pair]) -> list[str]:
    alone, helped = found.against(truth)
    lines = [
        f"{found.customers:,} customer numbers, {len(truth):,} true pairs",
        _line("merged by itself", alone),
        f"  precision at least {alone.precision_at_least:.4f} (exact 95 % interval)",
        f"left to people: {len(found.asked):,} pairs, {len(found.asked & truth):,} of them true; "
        f"groups stopped: {found.stopped:,}",
        _line("with those judged rightly", helped),
        f"seconds: {', '.join(f'{name} {spent}' for name, spent in found.seconds.items())}",
        f"peak memory {found.peak_gib:.2f} GiB",
    ]
    compared = sum(kept for kept, _ in found.blocks.values())
    lines.append(f"comparisons by rule ({compared:,} with repeats; left out as too common in brackets):")
    return lines + [
        f"  {rule:<18} {kept:>12,} [{dropped:,}]" for rule, (kept, dropped) in found.blocks.items()
    ]


def _rows(db: Any, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = db.sql(query).to_arrow_table().to_pylist()
    return found


def _line(name: str, scored: Scored) -> str:
    return (
        f"{name}: {scored.said:,} pairs, precision {scored.precision:.4f}, recall {scored.recall:.4f}, "
        f"F1 {scored.f1:.4f}"
    )


def _by_kind(truth: Path, found: Linked) -> list[str]:
    """Share of the planted pairs found, by how the second record differs, where the truth says it."""
    import duckdb

    rows = _rows(duckdb.connect(), f"SELECT * FROM '{truth}'")
    if not rows or "kind" not in rows[0]:
        return []
    lines = ["by kind: pairs, merged by itself, left to people"]
    for kind in sorted({str(row["kind"]) for row in rows}):
        own = {
            (min(one, other), max(one, other))
            for row in rows
            if str(row["kind"]) == kind
            for one, other in [(str(row["customer_no"]), str(row["same_as"]))]
        }
        lines.append(
            f"  {kind:<14} {len(own):>6,} {len(own & found.merged):>6,} {len(own & found.asked):>6,}"
        )
    return lines
