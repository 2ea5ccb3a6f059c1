"""A PostgreSQL of a test's own, to be killed and started again: no other test stands on it."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.database import copy_template

from guanxi.project.embedded import Cluster, ensure_running

NAME = "restarted"


@contextmanager
def own_cluster(shared: Cluster, home: Path) -> Iterator[Cluster]:
    """A cluster below `home` that knows the migrated template of the shared one; removed at the end."""
    cluster = ensure_running(home, name=NAME, durable=False)
    try:
        copy_template(shared, cluster)
        yield cluster
    finally:
        start_again(home)
        cluster.remove()


def start_again(home: Path) -> Cluster:
    """What every program of Guanxi does at its start: adopt the server that runs, or start it."""
    return ensure_running(home, name=NAME, durable=False)


def kill_postmaster(cluster: Cluster) -> None:
    """The server dies at once (kill -9), as when the machine takes its memory back; nothing is started."""
    os.kill(int((cluster.data / "postmaster.pid").read_text(encoding="utf8").splitlines()[0]), signal.SIGKILL)


def restart_at_once(cluster: Cluster) -> None:
    """`pg_ctl restart -m immediate`: every session is cut off, and the server recovers from its log."""
    cluster.pg_ctl("restart", "--mode=immediate", f"--log={cluster.log_file}", "--silent")


STRIKES: dict[str, Callable[[Cluster], None]] = {"killed": kill_postmaster, "restarted": restart_at_once}


def any_strike(chance: random.Random) -> Callable[[Cluster], None]:
    """One of the two, by chance."""
    return STRIKES[chance.choice(sorted(STRIKES))]
