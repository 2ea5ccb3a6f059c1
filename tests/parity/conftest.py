"""One Spark session for all parity tests of a process, interpreted (quick.py)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.parity.quick import INTERPRETED, SHORT_LIVED
from tests.parity.same import FIRST, SECOND, TwoNights
from tests.pipeline.nights import run_once, split_extract

from guanxi.lake.engine import DuckEngine
from guanxi.lake.spark import SparkEngine, open_session
from guanxi.pipeline.demo.bank import generate
from guanxi.pipeline.night import find_extract

WANTED = "parity tests need Java 17 (default-jre-headless) and pyspark"


def need_java() -> None:
    """Skips with the reason where Spark cannot run; where tests must not be skipped (CI) it fails."""
    if shutil.which("java") or os.environ.get("JAVA_HOME"):
        return
    if os.environ.get("CI"):
        pytest.fail(WANTED)
    pytest.skip(WANTED)


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A Spark of two threads in this process."""
    need_java()
    settings = {
        **INTERPRETED,
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": SHORT_LIVED,
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


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> TwoNights:
    """Extracts of two nights in one month, a lake after the first one, and what DuckDB makes of the second."""
    folder = tmp_path_factory.mktemp("nights")
    generate(folder / "whole", customers=300, months=2, seed=11, until=SECOND)
    extracts = split_extract(find_extract(folder / "whole", SECOND), folder / "extracts", FIRST, SECOND)
    run_once(folder / "before", extracts, FIRST)
    shutil.copytree(folder / "before", folder / "duck")
    return TwoNights(folder, extracts, run_once(folder / "duck", extracts, SECOND))


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """Where a part may be written."""
    return tmp_path / "part.parquet"
