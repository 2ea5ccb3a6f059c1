"""The scorer of leaving at scale, on synthetic rows: seconds to fit, to score, and for the reasons of those looked at.

`python -m bench.foresight --rows 4000000 --columns 60`. Synthetic: noise, but for five columns that drive leaving.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from guanxi.insight.foresight.judge import auc, sigmoid
from guanxi.insight.foresight.model import Model, strongest_reasons
from guanxi.insight.foresight.scorers import fit_logistic, fit_trees


def rows_of(rows: int, columns: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Values (rows × columns) and what happened: about three in a hundred leave."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, columns))
    happened = (rng.random(rows) < sigmoid(values[:, :5].sum(axis=1) * 0.6 - 4)).astype(np.int64)
    return values, happened


def main() -> None:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--columns", type=int, default=60)
    parser.add_argument("--looked-at", type=float, default=0.01)
    told = parser.parse_args()
    values, happened = rows_of(told.rows, told.columns)
    print(f"synthetic: {told.rows:,} rows × {told.columns} columns, {happened.sum():,} leave")
    names = tuple(f"c{number}" for number in range(told.columns))
    for kind, fit in (("logistic", fit_logistic), ("trees", fit_trees)):
        began, used = time.perf_counter(), time.process_time()
        scorer = fit(values, happened)
        fitted, used = time.perf_counter(), time.process_time() - used
        model = Model("asset_loss", kind, names, scorer, 1.0, 0.0, (), ())
        chance = model.chance(values)
        scored = time.perf_counter()
        seen = np.argsort(-chance)[: int(told.rows * told.looked_at)]
        strongest_reasons(model, values[seen], {})
        reasoned = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(
            f"{kind}: fit {fitted - began:.1f} s ({used:.1f} s of both cores), score {scored - fitted:.1f} s, "
            f"reasons for {len(seen):,} "
            f"{reasoned - scored:.1f} s, AUC {auc(happened, chance):.3f}, peak {peak:.1f} GiB"
        )


if __name__ == "__main__":
    main()
