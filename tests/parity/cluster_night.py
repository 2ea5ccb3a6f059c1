"""`python -m tests.parity.cluster_night HOME EXTRACTS DAY`: one night with the engine that the environment names."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from tests.pipeline.nights import run_once

from guanxi.lake.engine import open_engine

if __name__ == "__main__":
    home, extracts, day = sys.argv[1:]
    run_once(Path(home), Path(extracts), date.fromisoformat(day), engine=open_engine)
