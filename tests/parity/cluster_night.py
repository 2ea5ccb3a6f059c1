"""`python -m tests.parity.cluster_night HOME EXTRACTS DAY`: one night on the master that the environment names."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

from tests.parity.quick import INTERPRETED
from tests.pipeline.nights import run_once

from guanxi.lake.spark import SparkEngine, open_session

if __name__ == "__main__":
    home, extracts, day = sys.argv[1:]
    session = open_session(os.environ["GUANXI_SPARK_MASTER"], Path(home) / "spill", INTERPRETED)
    try:
        run_once(
            Path(home),
            Path(extracts),
            date.fromisoformat(day),
            engine=lambda spill: SparkEngine(spill, session=session),
        )
    finally:
        session.stop()
