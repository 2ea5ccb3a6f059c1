"""A night on Spark over a lake that DuckDB began: same run, same rows, file by file; compiled plans, as a bank has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.parity.quick import COMPILED
from tests.parity.same import SECOND, TwoNights
from tests.pipeline.nights import run_once

from guanxi.lake.engine import LakeEngine
from guanxi.lake.spark import SparkEngine


@pytest.mark.faults  # the cluster's night (test_cluster.py) asks the same of interpreted plans in every run
def test_the_second_night_on_spark_is_the_second_night_on_duckdb(two_nights: TwoNights, session) -> None:
    home = two_nights.folder / "spark"
    shutil.copytree(two_nights.folder / "before", home)

    def compiled(spill: Path) -> LakeEngine:
        engine = SparkEngine(spill, session=session)
        for key, value in COMPILED.items():
            engine.session.conf.set(key, value)
        return engine

    manifest = run_once(home, two_nights.extracts, SECOND, engine=compiled)
    assert manifest.run == two_nights.manifest.run
    assert two_nights.differing(home, manifest) == {}
