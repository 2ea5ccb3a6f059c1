"""The tests' own embedded PostgreSQL: one for each working tree, not durable, stopped by the last who uses it.

Fixtures are taken up by name in a conftest: `from tests.database import test_cluster`.
"""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from guanxi.project.embedded import Cluster, ensure_running

HOME = Path(__file__).resolve().parent.parent / "var" / "tests"


@pytest.fixture(scope="session")
def test_cluster() -> Iterator[Cluster]:
    """The running test cluster, shared by the workers of a session and by sessions at the same time.

    Each holds a shared lock on one file; who can have it alone at the end is the last and stops the server.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "in-use").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster = ensure_running(HOME, name="tests", durable=False)
        yield cluster
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        cluster.stop()
