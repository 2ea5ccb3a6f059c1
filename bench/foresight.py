"""The scorer of leaving at scale, on synthetic rows: seconds to fit, to score, and for the reasons of those looked at.

`python -m bench.foresight --rows 4000000 --columns 60`. Synthetic: noise, but for five columns that drive leaving.
"""

from __future__ import annotations

import argparse
import resource

import numpy as np

from bench.figures import Section, costing, lines
from guanxi.insight.foresight.judge import auc, sigmoid
from guanxi.insight.foresight.model import Model, strongest_reasons
from guanxi.insight.foresight.thinning import MOST_LEARNT, fit

ROWS, COLUMNS, LOOKED_AT = 4_000_000, 60, 0.01


def rows_of(rows: int, columns: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Values (rows × columns) and what happened: about three in a hundred leave."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, columns))
    happened = (rng.random(rows) < sigmoid(values[:, :5].sum(axis=1) * 0.6 - 4)).astype(np.int64)
    return values, happened


def measure(
    rows: int = ROWS, columns: int = COLUMNS, looked_at: float = LOOKED_AT, most: int = MOST_LEARNT
) -> Section:
    """Both scorers, each once."""
    values, happened = rows_of(rows, columns)
    return Section(
        f"the scorer of leaving on {rows:,} person-months × {columns} columns, synthetic",
        ("scorer", "fit s", "fit CPU s", "score s", "score CPU s", "reasons s", "AUC", "chance ÷ happened", "peak GiB"),
        [_row(kind, values, happened, looked_at, most) for kind in ("logistic", "trees")],
        (
            f"Bars: fit ≤ 5 minutes, score ≤ 60 s, reasons for {looked_at:.0%} ({int(rows * looked_at):,}) ≤ 2 "
            f"minutes. {happened.sum():,} leave. Learnt from at most {most:,} rows, every event among them "
            "(insight/foresight/thinning.py); all rows are scored. AUC on the same rows; the rows are noise, but for "
            "five columns that drive leaving. The peak is the whole process's, with the rows themselves "
            f"({values.nbytes / 2**30:.1f} GiB).",
        ),
    )  # fmt: skip


def _row(kind: str, values: np.ndarray, happened: np.ndarray, looked_at: float, most: int) -> tuple[str, ...]:
    with costing() as fitting:
        scorer = fit(kind, values, happened, most=most)
    names = tuple(f"c{number}" for number in range(values.shape[1]))
    model = Model("asset_loss", kind, names, scorer, 1.0, 0.0, (), ())
    with costing() as scoring:
        chance = model.chance(values)
    seen = np.argsort(-chance)[: int(len(values) * looked_at)]
    with costing() as reasoning:
        strongest_reasons(model, values[seen], {})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (
        kind, f"{fitting.wall:.0f}", f"{fitting.cpu:.0f}", f"{scoring.wall:.1f}", f"{scoring.cpu:.1f}",
        f"{reasoning.wall:.1f}", f"{auc(happened, chance):.3f}", f"{chance.mean() / happened.mean():.3f}",
        f"{peak:.1f}",
    )  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench.foresight")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--looked-at", type=float, default=LOOKED_AT)
    parser.add_argument("--most", type=int, default=MOST_LEARNT, help="rows to learn from")
    told = parser.parse_args()
    print("\n".join(lines(measure(told.rows, told.columns, told.looked_at, told.most))))


if __name__ == "__main__":
    main()
