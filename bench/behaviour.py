"""Events of customers taken in under granian as in production, beside one INSERT an event through the ORM.

`python -m bench.behaviour --bank banks/demo --events 60000 [--size 500] [--senders 4]`, with GUANXI_HOME of a bank that
has customers. Processor seconds of server and store count, the senders' do not: what two cores carry follows from them
whatever else the machine does; the rate on the clock is told with the load it was seen under.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.processes import cpu_of, postgres_of, tree_of

AIM = 5_000
CORES = 2
PAGES = ("home", "account/list", "transfer", "wealth/list")
RIVAL_EVENTS = 3_000


@dataclass(frozen=True)
class Seen:
    """One way of taking events: how many, on the clock, and of processor time."""

    events: int
    seconds: float
    cpu: float

    @property
    def a_core(self) -> float:
        """Events for a second of one core."""
        return self.events / self.cpu


def main() -> None:
    """Measure both in one run and print."""
    parser = argparse.ArgumentParser(prog="bench.behaviour")
    parser.add_argument("--bank", type=Path, default=Path("banks/demo"))
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--senders", type=int, default=4)
    asked = parser.parse_args()
    from guanxi.pipeline.bank import open_bank
    from guanxi.project.cli import working_for
    from guanxi.project.database import home_folder

    home = home_folder(os.environ)
    with working_for(open_bank(asked.bank, home)):
        ours, rival, minute = _measured(asked, home)
    load = os.getloadavg()
    print(f"batches of {asked.size}, {asked.senders} senders: {ours.events:,} events")
    print(f"  taken: {ours.a_core:,.0f} events a core second, so {CORES * ours.a_core:,.0f} a second on {CORES} cores "
          f"(aim {AIM:,}); on the clock {ours.events / ours.seconds:,.0f} a second at load {load[0]:.1f}")  # fmt: skip
    print(
        f"  one INSERT an event through the ORM: {rival.a_core:,.0f} events a core second ({rival.events:,} events)"
    )
    print(f"  ratio {ours.a_core / rival.a_core:.1f}")
    print(
        f"  counted within the minute job: {minute.events:,} events in {minute.seconds:.1f} s, {minute.cpu:.1f} CPU s"
    )


def _measured(asked: argparse.Namespace, home: Path) -> tuple[Seen, Seen, Seen]:
    from guanxi.crm.behaviour.taking import SCOPE
    from guanxi.crm.customers.models import Party
    from guanxi.crm.organisation.models import Post
    from guanxi.crm.organisation.tokens import make_token, stop_token
    from guanxi.project import clock
    from guanxi.project.commands.serve import end_server, free_port, start_server

    post = Post.objects.filter(role="supervisor", valid_to=None).order_by("unit__unit_no").first()
    if post is None:
        raise SystemExit("the bank has no supervisor to act as")
    numbers = list(
        Party.objects.using("pipeline").filter(state="active", merged_into=None).order_by("pk")
        .values_list("customer_no", flat=True)[:20_000]
    )  # fmt: skip
    token, told = make_token(name=f"bench {uuid.uuid4()}", staff=post.staff, scopes=[SCOPE], now=clock.now())
    port = free_port("127.0.0.1", 8990)
    server = start_server("127.0.0.1", port, os.environ)
    try:
        _wait_for(port)
        _send(port, told, _bodies(numbers, 2, asked.size, "warm"))
        before, began = _cpu(server.pid, home), time.perf_counter()
        rounds = asked.events // asked.size // asked.senders
        threads = [
            threading.Thread(
                target=_send, args=(port, told, _bodies(numbers, rounds, asked.size, f"s{number}"))
            )
            for number in range(asked.senders)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds, cpu = time.perf_counter() - began, _cpu(server.pid, home) - before
        ours = Seen(rounds * asked.size * asked.senders, seconds, cpu)
    finally:
        end_server(server)
    minute = _minute(home, ours.events)
    rival = _rival(home, numbers)
    stop_token(token=token, now=clock.now())
    return ours, rival, minute


def _cpu(pid: int, home: Path) -> float:
    """Processor seconds of a process with its children and of the store, those that came since among them."""
    return cpu_of([*tree_of(pid), *postgres_of(home)])


def _bodies(numbers: Sequence[str], rounds: int, size: int, name: str) -> list[bytes]:
    chance = random.Random(name)  # noqa: S311  # no secret
    run, now = uuid.uuid4().hex[:8], datetime.now(UTC)
    return [
        b"\n".join(
            json.dumps({
                "key": f"{run}-{name}-{number}-{line}", "kind": "page_viewed", "source": "mobile",
                "at": (now - timedelta(seconds=chance.randrange(86_400))).isoformat(),
                "customer": chance.choice(numbers),
                "properties": {"page": chance.choice(PAGES), "seconds": chance.randrange(300)},
            }).encode()
            for line in range(size)
        )
        for number in range(rounds)
    ]  # fmt: skip


def _send(port: int, told: str, bodies: Sequence[bytes]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {told}", "Content-Type": "application/x-ndjson"}
    for body in bodies:
        connection.request("POST", "/behaviour/events", body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200 or said["refused"]:
            raise RuntimeError(f"{answer.status} {said}")


def _wait_for(port: int) -> None:
    for _again in range(240):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("the server did not come up")


def _rival(home: Path, numbers: Sequence[str]) -> Seen:
    """The customer looked up and the event written, each in a transaction of its own, without HTTP or checks."""
    from guanxi.crm.behaviour.models import Batch, Event
    from guanxi.crm.customers.models import Party

    batch = Batch.objects.using("pipeline").order_by("-pk")[0]
    chance, now = random.Random("rival"), datetime.now(UTC)  # noqa: S311  # no secret
    before, began = _cpu(os.getpid(), home), time.perf_counter()
    keys = []
    for number in range(RIVAL_EVENTS):
        party = Party.objects.using("pipeline").get(customer_no=chance.choice(numbers))
        made = Event.objects.using("pipeline").create(
            key=uuid.uuid4(), batch=batch, party=party, kind="page_viewed", source="mobile", at=now, day=now.date(),
            properties={"page": chance.choice(PAGES), "seconds": number % 300},
        )  # fmt: skip
        keys.append(made.pk)
    seen = Seen(RIVAL_EVENTS, time.perf_counter() - began, _cpu(os.getpid(), home) - before)
    Event.objects.using("pipeline").filter(pk__in=keys).delete()
    return seen


def _minute(home: Path, events: int) -> Seen:
    """The minute's job over all of it."""
    from guanxi.pipeline import behaving
    from guanxi.project import clock

    before, began = _cpu(os.getpid(), home), time.perf_counter()
    behaving.minute(today=clock.today(), now=clock.now())
    return Seen(events, time.perf_counter() - began, _cpu(os.getpid(), home) - before)


if __name__ == "__main__":
    main()
