"""A small bank for the journeys: made, published and served by `guanxi demo` itself, on a database of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from guanxi.lake.door import Door, VaultRow, read_keys
from guanxi.project.commands.serve import end_server
from guanxi.project.embedded import Cluster
from guanxi.project.logins import LOGINS

ROOT = Path(__file__).resolve().parents[2]
BUSINESS_DATE = date(2026, 10, 31)
SIZE = ["--customers", "1500", "--months", "6", "--seed", "4"]
GUANXI = [sys.executable, "-m", "guanxi.project.cli"]
# A test run that is killed leaves no server behind: the kernel ends the bank with it.
WITH_US = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
PATIENCE = 900  # seconds, on a machine that others use too
VARIABLES = {"owner": "DATABASE_OWNER_URL", "app": "DATABASE_URL", "pipeline": "DATABASE_PIPELINE_URL"}


@dataclass(frozen=True)
class Bank:
    """The served bank: its address, who may sign in, and its store as the pipeline sees it, which is whole."""

    address: str
    home: Path
    store: psycopg.Connection[tuple[Any, ...]]
    environment: Mapping[str, str]

    @contextmanager
    def beside(self, *words: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """`guanxi <words>` for this bank as a process of its own while the block runs; its words go to a file."""
        with (self.home / f"{words[0]}.log").open("wb") as said:
            process = subprocess.Popen(
                [*WITH_US, *GUANXI, *words],
                cwd=ROOT,
                env={**self.environment, **more},
                stdout=said,
                stderr=said,
            )
            try:
                yield process
            finally:
                process.terminate()
                process.wait(PATIENCE)

    def runs(self, *words: str) -> None:
        """`guanxi <words>` for this bank, to its end."""
        with self.beside(*words) as process:
            status = process.wait(PATIENCE)
        assert status == 0, (self.home / f"{words[0]}.log").read_text(encoding="utf8")[-3000:]

    @cached_property
    def logins(self) -> dict[str, dict[str, str]]:
        """Staff number, password, name and unit by role."""
        told = json.loads((self.home / "demo" / "demo-logins.json").read_text(encoding="utf8"))
        return {account["role"]: account for account in told}

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.store.execute(query.encode(), values).fetchall()

    def row(self, query: str, *values: object) -> tuple[Any, ...]:
        """The one row of a query."""
        (found,) = self.rows(query, *values)
        return found

    def number(self, query: str, *values: object) -> int:
        """The one whole number of a query."""
        return int(self.row(query, *values)[0])

    def staff(self, role: str) -> int:
        """The key of the person who signs in for a role."""
        return self.number(
            "SELECT id FROM organisation_staff WHERE staff_no = %s", self.logins[role]["staff_no"]
        )

    def unit(self, role: str) -> int:
        """The key of the unit where that person's post is."""
        return self.number("SELECT unit_id FROM organisation_post WHERE staff_id = %s", self.staff(role))

    def in_clear(self, token: str) -> str:
        """A protected value out of the vault, opened with the bank's keys."""
        kind, ciphertext, key = self.row(
            "SELECT kind, ciphertext, key_id FROM customers_vaultentry WHERE token = %s", token
        )
        return Door(read_keys(self.home / "demo", {})).reveal(VaultRow(token, kind, key, bytes(ciphertext)))


@contextmanager
def served_bank(cluster: Cluster, home: Path) -> Iterator[Bank]:
    """The bank while the block runs; its database is dropped afterwards."""
    name = f"test_browser_{os.getpid()}"
    cluster.create_database(name)
    port = free_port()
    environment = {
        **os.environ,
        "GUANXI_HOME": str(home),
        "GUANXI_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **{VARIABLES[login]: cluster.url(login, name) for login in LOGINS},
    }
    try:
        with (
            _server(environment, home, port) as address,
            psycopg.connect(cluster.url("pipeline", name), autocommit=True) as store,
        ):
            yield Bank(address, home, store, {**environment, "GUANXI_DEMO": "1"})
    finally:
        cluster.drop_database(name)


@contextmanager
def _server(environment: Mapping[str, str], home: Path, port: int) -> Iterator[str]:
    command = [*WITH_US, *GUANXI, "demo", *SIZE]
    command += ["--until", BUSINESS_DATE.isoformat(), "--port", str(port)]
    log = home / "server.log"
    home.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as said:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, server, log)
            yield address
        finally:
            end_server(server)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/ready", timeout=5):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise RuntimeError(f"the demo bank did not start; it said:\n{log.read_text(encoding='utf8')[-3000:]}")
