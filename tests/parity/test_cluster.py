"""The night on a standalone cluster of a master and two workers: one is lost in the middle, the run ends right."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.parity.cluster import PATIENCE, standalone
from tests.parity.conftest import need_java
from tests.parity.quick import SHORT_LIVED
from tests.parity.same import SECOND, TwoNights
from tests.pipeline.nights import ROOT

from guanxi.lake.store import Store

LOST_AFTER = 30  # parts, of about ninety: by then both workers have done some of the steps


def records(home: Path, run: str) -> int:
    """How many parts the run has recorded."""
    return len(list((home / "demo" / "lake" / f"run={run}" / "records").glob("*.json")))


def test_a_night_on_a_cluster_that_loses_a_worker_ends_with_duckdbs_rows(
    two_nights: TwoNights, tmp_path: Path
) -> None:
    need_java()
    home = two_nights.folder / "cluster"
    shutil.copytree(two_nights.folder / "before", home)
    with standalone(tmp_path / "cluster", workers=2, java_options=SHORT_LIVED) as cluster:
        env = {**cluster.env, "GUANXI_SPARK_MASTER": cluster.url}
        said = (tmp_path / "night.log").open("wb")
        night = subprocess.Popen(
            [sys.executable, "-m", "tests.parity.cluster_night", str(home), str(two_nights.extracts), str(SECOND)],
            env=env, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            while night.poll() is None and records(home, two_nights.manifest.run) < LOST_AFTER:
                time.sleep(0.1)
            assert night.poll() is None, (tmp_path / "night.log").read_text()[-3000:]
            cluster.lose(cluster.workers[0])
            assert night.wait(timeout=4 * PATIENCE) == 0, (tmp_path / "night.log").read_text()[-3000:]
        finally:
            night.kill()
        executors = cluster.log("master")
    manifest = Store(home / "demo" / "lake").manifest(two_nights.manifest.run)
    assert manifest is not None
    assert two_nights.differing(home, manifest) == {}
    assert "Removing worker" in executors
