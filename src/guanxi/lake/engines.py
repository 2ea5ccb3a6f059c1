"""Which engine computes: as the environment names it."""

from __future__ import annotations

import os
from pathlib import Path

from guanxi.lake.engine import EngineMissing, LakeEngine, local_engine


def open_engine(spill: Path) -> LakeEngine:
    """The engine that the environment names: GUANXI_ENGINE=duckdb (the default) or spark, each with its settings.

    Raises EngineMissing for another name, or when Spark or Java is not installed.
    """
    name = os.environ.get("GUANXI_ENGINE", "duckdb")
    if name == "duckdb":
        return local_engine(spill)
    if name == "spark":
        from guanxi.lake.spark import SparkEngine  # only where it is installed and asked for

        return SparkEngine(spill, master=os.environ.get("GUANXI_SPARK_MASTER", "local[*]"))
    raise EngineMissing(f"GUANXI_ENGINE says {name}; it can be duckdb or spark")
