"""A night on Spark over a lake that DuckDB began: same run, same rows, file by file.

On one machine, in full count: the night on a cluster that loses a worker (test_cluster.py) compares the same.
"""

from __future__ import annotations

import shutil

import pytest
from tests.parity.same import SECOND, TwoNights
from tests.pipeline.nights import run_once

from guanxi.lake.spark import SparkEngine


@pytest.mark.faults
def test_the_second_night_on_spark_is_the_second_night_on_duckdb(two_nights: TwoNights, session) -> None:
    home = two_nights.folder / "spark"
    shutil.copytree(two_nights.folder / "before", home)
    manifest = run_once(
        home, two_nights.extracts, SECOND, engine=lambda spill: SparkEngine(spill, session=session)
    )
    assert manifest.run == two_nights.manifest.run
    assert two_nights.differing(home, manifest) == {}
