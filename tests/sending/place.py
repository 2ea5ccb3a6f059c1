"""A store of its own with customers, an account and queued messages; senders as processes that may be killed.

The oracle is never the store: it is the ledger the simulated counterpart wrote.
"""

import asyncio
import atexit
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from tests.database import copy_database, migrated_database

from guanxi.channels.simulators.gateway import Gateway, GatewaySetting
from guanxi.project.embedded import Cluster
from guanxi.project.logins import LOGINS

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = {"owner": "DATABASE_OWNER_URL", "app": "DATABASE_URL", "pipeline": "DATABASE_PIPELINE_URL"}
MIGRATE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "guanxi.project.settings"
import django
django.setup()
from guanxi.crm import testing
from guanxi.project.databases import migrate
migrate()
testing.make_policies("tier", "access", "lists", "contact", "interaction")
"""
_made: dict[Path, str] = {}
_number = itertools.count(1)
PATIENCE = 240.0  # seconds, on a machine that others use too


@dataclass
class Nursery:
    """The one process that bears senders for all places, since it costs seconds to start."""

    url: str = ""  # where it is
    process: subprocess.Popen[str] | None = None

    def started(self, environment: dict[str, str]) -> subprocess.Popen[str]:
        """The process, started for the first who asks."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.sending.nursery"], cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
            atexit.register(os.killpg, self.process.pid, signal.SIGKILL)
        return self.process


NURSERY = Nursery()


@dataclass
class Place:
    """A database with its environment; `nursery` bears senders."""

    url: str
    environment: dict[str, str]
    home: Path

    def make(self, **told: Any) -> None:
        """Customers, an account and messages, as tests.sending.nursery makes them."""
        self.ask({"do": "make", **told})

    def born(self, **told: Any) -> int:
        """A new sender's process number."""
        return int(self.ask({"do": "send", **told})["pid"])

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """One order to the nursery, moved here if it is elsewhere, and its answer."""
        nursery = NURSERY.started(self.environment)
        if NURSERY.url != self.url:
            NURSERY.url = self.url
            here = {name: self.environment[name] for name in ("GUANXI_HOME", *VARIABLES.values())}
            self.ask({"do": "move", "environment": here})
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        nursery.stdin.write(json.dumps(order) + "\n")
        nursery.stdin.flush()
        answer = nursery.stdout.readline()
        assert answer, "the nursery died"
        told: dict[str, Any] = json.loads(answer)
        assert "error" not in told, told["error"]
        return told

    def backed_up(self, cluster: Cluster) -> str:
        """A copy of the store as it is now, by name; nobody may be at work."""
        self.end()
        name = f"test_sending_{os.getpid()}_{next(_number)}"
        copy_database(cluster, self.url.rpartition("/")[2].partition("?")[0], name)
        return name

    def restored(self, cluster: Cluster, name: str) -> "Place":
        """The same place on the copy."""
        self.end()
        return Place(cluster.url("pipeline", name), _environment(cluster, name, self.home), self.home)

    def end(self) -> None:
        """End every sender born here; nobody is at the store any more."""
        if NURSERY.url == self.url:
            self.ask({"do": "rest"})
            NURSERY.url = ""

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the store says."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql, values or None).fetchall()  # type: ignore[arg-type]

    def states(self) -> Counter[str]:
        """Messages by state."""
        return Counter(dict(self.rows("SELECT state, COUNT(*) FROM messaging_message GROUP BY state")))  # type: ignore[arg-type]

    def out_ids(self, *states: str) -> set[str]:
        """The out-ids of messages in these states, of all without any."""
        rows = self.rows("SELECT replace(uuid::text, '-', ''), state FROM messaging_message")
        return {out_id for out_id, state in rows if not states or state in states}


@contextmanager
def place_in(cluster: Cluster, home: Path) -> Iterator[Place]:
    """A fresh database with a place of its own, dropped at the end; migrated once for each version of the code."""
    template = _template(cluster, home)
    name = f"test_sending_{os.getpid()}_{next(_number)}"
    copy_database(cluster, template, name)
    place = Place(cluster.url("pipeline", name), _environment(cluster, name, home), home)
    try:
        yield place
    finally:
        place.end()
        cluster.drop_database(name)


def _template(cluster: Cluster, home: Path) -> str:
    """A cluster's migrated database that no session uses, made by the first who asks and dropped with the process."""
    if cluster.base not in _made:
        name = f"test_sending_{os.getpid()}"
        migrated_database(cluster, name)
        _made[cluster.base] = name
        command = [sys.executable, "-c", MIGRATE]
        subprocess.run(command, cwd=ROOT, env=_environment(cluster, name, home), check=True)
        atexit.register(_drop, cluster, name)
    return _made[cluster.base]


def _drop(cluster: Cluster, name: str) -> None:
    if cluster.is_running():
        cluster.drop_database(name)


def _environment(cluster: Cluster, name: str, home: Path) -> dict[str, str]:
    return {
        **os.environ, "GUANXI_HOME": str(home), "GUANXI_DEMO": "1", "GUANXI_TODAY": "2026-11-02",
        "GUANXI_LOG_LEVEL": os.environ.get("GUANXI_LOG_LEVEL", "CRITICAL"),
        **{VARIABLES[login]: cluster.url(login, name) for login in LOGINS},
    }  # fmt: skip


@contextmanager
def gateway(setting: GatewaySetting) -> Iterator[Gateway]:
    """The simulated platform on a thread of its own; its ledger is on disk."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = Gateway(setting)
    asyncio.run_coroutine_threadsafe(made.__aenter__(), loop).result(30)
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(made.__aexit__(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def accepts(path: Path) -> Counter[str]:
    """How often the counterpart took each out-id."""
    if not path.exists():
        return Counter()
    deeds = (json.loads(line) for line in path.read_text(encoding="utf8").splitlines() if line.endswith("}"))
    return Counter(deed["out_id"] for deed in deeds if deed["deed"] == "accept")


def wait_until(
    holds: Callable[[], bool], patience: float = PATIENCE, moving: Callable[[], object] = lambda: None
) -> None:
    """Wait until something holds; an error when it does not in time, or when `moving` has stood still for so long."""
    ends, seen = time.monotonic() + patience, moving()
    while not holds():
        now = moving()
        if now != seen:
            ends, seen = time.monotonic() + patience, now
        assert time.monotonic() < ends, f"waited too long: {now}"
        time.sleep(0.1)


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """A signal to a sender, which may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
