"""One Spark session for all parity tests of a process; interpreted, for compiling ten-row plans costs more than running
them. Compiled plans are what the cluster's night runs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from guanxi.lake.engine import DuckEngine
from guanxi.lake.spark import SparkEngine, open_session

WANTED = "parity tests need Java 17 (default-jre-headless) and pyspark"


@pytest.fixture(scope="session")
def java() -> None:
    """Skips with the reason where Spark cannot run; where tests must not be skipped (CI) it fails."""
    if shutil.which("java") or os.environ.get("JAVA_HOME"):
        return
    if os.environ.get("CI"):
        pytest.fail(WANTED)
    pytest.skip(WANTED)


@pytest.fixture(scope="session")
def session(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A Spark of two threads in this process."""
    settings = {
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.memory": "1g",
    }
    made = open_session("local[2]", tmp_path_factory.mktemp("spark"), settings)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def spark(session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    with SparkEngine(tmp_path_factory.mktemp("spill"), session=session) as engine:
        yield engine


@pytest.fixture(scope="session")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    with DuckEngine(tmp_path_factory.mktemp("spill")) as engine:
        yield engine


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """Where a part may be written."""
    return tmp_path / "part.parquet"
