"""Twenty clients log contacts while the web process is killed and restarted: what was acknowledged is there, once."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from tests.database import migrated_database

from guanxi.project.commands.serve import end_server, start_server
from guanxi.project.embedded import Cluster
from guanxi.project.logins import LOGINS

VARIABLES = {"owner": "DATABASE_OWNER_URL", "app": "DATABASE_URL", "pipeline": "DATABASE_PIPELINE_URL"}
HOST, CLIENTS = "127.0.0.1", 20
KILLS = int(os.environ.get("GUANXI_FAULT_TRIALS", "50"))
PATIENCE = 300  # seconds, on a machine that others use too
MAKE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "guanxi.project.settings"
import django
django.setup()
from guanxi.project.databases import migrate
migrate()
from guanxi.crm import testing
testing.make_policies("tier", "access", "lists", "interaction")
bank = testing.make_unit("演示银行")
outlet = testing.make_unit("观前支行", parent=bank)
clients = []
for number in range(int(os.environ["CLIENTS"])):
    person = testing.make_staff("relationship_manager", outlet, name=f"客户经理{number}")
    party = testing.make_party(outlet, keeper=person)
    session = testing.client_of(person).cookies["guanxi_session"].value
    clients.append({"session": session, "path": f"/interactions/customers/{party.uuid}/log"})
print(json.dumps(clients))
"""


@dataclass
class Phone:
    """One client: logs one contact after another, each under one key, until the server has said that it is taken."""

    port: int
    session: str
    path: str
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    sent: int = 0
    trouble: str = ""
    ends: float = 0.0  # by when the last contact must be through; set before `stop`

    def run(self) -> None:
        """Until told to stop; the contact begun is seen through, however often the server is killed under it."""
        token = cookie = ""
        while not self.stop.is_set():
            key = str(uuid.uuid4())
            while key not in self.acknowledged:
                if self.stop.is_set() and time.monotonic() > self.ends:
                    self.trouble = self.trouble or "no answer in time"
                    return
                try:
                    if not token:
                        token, cookie = self._token()
                    self._log(key, token, cookie)
                except (OSError, http.client.HTTPException, json.JSONDecodeError):
                    time.sleep(0.05)  # the process is gone; the same key again

    def _token(self) -> tuple[str, str]:
        answer, body = self._ask("GET", "/interactions/standing", None, {})
        if answer.status != HTTPStatus.OK:
            raise http.client.HTTPException(answer.status)
        cookie = next(
            value for value in answer.headers.get_all("Set-Cookie") if value.startswith("guanxi_csrf")
        )
        return json.loads(body)["token"], cookie.split(";")[0]

    def _log(self, key: str, token: str, cookie: str) -> None:
        told = {
            "channel": "call", "outcome": "reached_later", "at": "2026-11-01T09:30", "client_key": key,
            "source": "offline", "next_step": "call_again", "due_on": "2026-11-06", "note": key,
        }  # fmt: skip
        self.sent += 1
        answer, body = self._ask("POST", self.path, urlencode(told), {"X-CSRFToken": token}, cookie)
        if answer.status == HTTPStatus.CREATED:
            self.acknowledged.append(key)
        elif answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self.trouble = f"{answer.status}: {body[:300]!r}"
            raise http.client.HTTPException(self.trouble)

    def _ask(
        self, method: str, path: str, body: str | None, more: dict[str, str], cookie: str = ""
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        headers = {"Cookie": f"guanxi_session={self.session}; {cookie}", "Accept": "application/json", **more}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


@dataclass(frozen=True)
class Place:
    """A database of its own with the people in it."""

    environment: dict[str, str]
    url: str
    clients: list[dict[str, str]]


@pytest.fixture
def place(test_cluster: Cluster, tmp_path: Path) -> Iterator[Place]:
    name = f"test_killed_{os.getpid()}"
    migrated_database(test_cluster, name)
    environment = {
        **os.environ, "GUANXI_HOME": str(tmp_path), "GUANXI_DEMO": "1", "GUANXI_TODAY": "2026-11-01",
        "CLIENTS": str(CLIENTS), **{VARIABLES[login]: test_cluster.url(login, name) for login in LOGINS},
    }  # fmt: skip
    try:
        made = subprocess.run(
            [sys.executable, "-c", MAKE], env=environment, check=True, capture_output=True, text=True
        )
        clients = json.loads(made.stdout.splitlines()[-1])
        yield Place(environment, test_cluster.url("pipeline", name), clients)
    finally:
        test_cluster.drop_database(name)


@contextmanager
def logging_clients(place: Place, port: int) -> Iterator[list[Phone]]:
    stop = threading.Event()
    phones = [Phone(port, told["session"], told["path"], stop) for told in place.clients]
    threads = [threading.Thread(target=phone.run) for phone in phones]
    for thread in threads:
        thread.start()
    try:
        yield phones
    finally:
        for phone in phones:
            phone.ends = time.monotonic() + PATIENCE
        stop.set()
        for thread in threads:
            thread.join(PATIENCE + 30)


def kill_and_restart(place: Place, kills: int) -> list[Phone]:
    """Kill the server `kills` times, each time after some contacts were taken; the clients, when all is over."""
    chance = random.Random(11)  # noqa: S311  # the same pauses each time
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    server = start_server(HOST, port, place.environment)
    try:
        with logging_clients(place, port) as phones:
            for _ in range(kills):
                taken = sum(len(phone.acknowledged) for phone in phones)
                until = time.monotonic() + PATIENCE
                while sum(len(phone.acknowledged) for phone in phones) < taken + CLIENTS // 2:
                    assert time.monotonic() < until, [phone.trouble for phone in phones if phone.trouble]
                    time.sleep(0.02)
                time.sleep(chance.random() * 0.4)
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
                server = start_server(HOST, port, place.environment)
    finally:
        end_server(server)
    return phones


def check(place: Place, kills: int) -> int:
    phones = kill_and_restart(place, kills)
    assert [phone.trouble for phone in phones if phone.trouble] == []
    acknowledged = sorted(key for phone in phones for key in phone.acknowledged)
    with psycopg.connect(place.url) as store:
        kept = store.execute("SELECT client_key::text, note FROM interactions_contact ORDER BY 1").fetchall()
        promises = store.execute(
            "SELECT count(*), count(DISTINCT contact_id) FROM interactions_promise"
        ).fetchone()
        trail = store.execute(
            "SELECT count(*), count(DISTINCT object_key) FROM audit_changelog "
            "WHERE verb = 'interactions.contact_logged'"
        ).fetchone()
    assert [key for key, _note in kept] == acknowledged
    assert all(key == note for key, note in kept)
    assert promises == trail == (len(kept), len(kept))
    return len(kept)


def test_nothing_acknowledged_is_lost_and_nothing_doubled_when_the_server_is_killed(place) -> None:
    assert check(place, kills=3) >= CLIENTS


@pytest.mark.faults
def test_fifty_kills_lose_and_double_nothing(place) -> None:
    assert check(place, kills=KILLS) >= KILLS * CLIENTS // 2
