"""The tests' own embedded PostgreSQL: one for each working tree, not durable, kept running between sessions.

Fixtures are taken up by name in a conftest: `from tests.database import test_cluster`.
"""

from pathlib import Path

import pytest

from guanxi.project.embedded import Cluster, ensure_running

HOME = Path(__file__).resolve().parent.parent / "var" / "tests"


@pytest.fixture(scope="session")
def test_cluster() -> Cluster:
    """The running test cluster. It is adopted by the next session: starting costs more than keeping it."""
    return ensure_running(HOME, name="tests", durable=False)
