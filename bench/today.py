"""Today (今日必办) under an open loop: so many first pages a second, whoever has not been answered yet.

A page's time counts from the moment it was due, so that a server that falls behind shows it. Asked are all people who
have a list, in turn, each in a session of their own. Where the kept bank has no tasks yet, the night's opening is run
(and timed) first.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connections, transaction

from bench.browser import Browser, wait_for
from bench.figures import Section
from bench.lake import BenchLake
from bench.processes import cpu_of, postgres_of, tree_of

RATE, SECONDS = 20.0, 600.0
WORKERS = 64  # pages that may be under way at once; more due than these wait, and the wait counts
WARM_UP = 40
AIM_MS = 150


@dataclass(frozen=True)
class Sent:
    """One page: seconds from when it was due to its last byte; whether it came."""

    seconds: float
    came: bool


def measure(lake: BenchLake, *, rate: float = RATE, seconds: float = SECONDS) -> Section:
    """p50, p95, p99 and the slowest of Today's pages, CPU a page, and what the night's opening took."""
    from bench.publishing import publish_once
    from guanxi.project.commands.serve import end_server, free_port, start_server

    publish_once(lake)
    opening = _opened(lake)
    cookies = _sessions()
    port = free_port("127.0.0.1", 8700)
    with start_server("127.0.0.1", port, os.environ) as server:
        try:
            wait_for(port)
            _loop(port, cookies, rate=50.0, pages=WARM_UP)
            before = cpu_of([*tree_of(server.pid), *postgres_of(lake.bank.home.parent)])
            sent = _loop(port, cookies, rate=rate, pages=int(rate * seconds))
            cpu = cpu_of([*tree_of(server.pid), *postgres_of(lake.bank.home.parent)]) - before
        finally:
            end_server(server)
    return _section(sent, cpu, rate, seconds, len(cookies), opening)


def _opened(lake: BenchLake) -> str:
    """Run the night's opening where no task stands, and say what it took; it changes nothing the second time."""
    from django.utils import timezone

    from guanxi.crm.policies.services import seed_from_bank
    from guanxi.pipeline.opening import open_tasks

    with connections["pipeline"].cursor() as cursor:
        cursor.execute("SELECT id, business_date FROM scores_run WHERE is_current")
        run, day = cursor.fetchone()
    seed_from_bank(lake.bank.policy_payloads(), valid_from=day)
    connection = connections["pipeline"].connection
    first = open_tasks(connection, day, run=run, now=timezone.now())
    again = open_tasks(connection, day, run=run, now=timezone.now())
    return (
        f"The night's opening wrote {first.rows:,} tasks in {first.seconds:.1f} s ({first.opened:,} opened), "
        f"the same night again {again.rows:,} in {again.seconds:.1f} s."
    )


def _sessions() -> list[dict[str, str]]:
    """A session for each person who has tasks to do, as signing in makes it."""
    from django.conf import settings
    from django.test import Client

    from guanxi.crm.organisation.models import Staff

    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT assignee_id FROM worklist_task WHERE state = 'open' ORDER BY assignee_id"
        )
        people = [key for (key,) in cursor.fetchall()]
    found = []
    for person in Staff.objects.filter(pk__in=people, is_active=True).order_by("pk"):
        client = Client()
        with transaction.atomic():
            client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        found.append({name: client.cookies[name].value})
    if not found:
        raise RuntimeError("nobody has a task")
    return found


def _loop(port: int, cookies: Sequence[dict[str, str]], *, rate: float, pages: int) -> list[Sent]:
    """Ask for pages at their due times, whether or not the ones before were answered."""
    due: queue.Queue[tuple[float, int] | None] = queue.Queue()
    sent: list[Sent] = []
    lock = threading.Lock()

    def ask() -> None:
        while (told := due.get()) is not None:
            at, number = told
            came = _asked(Browser(port, cookies[number % len(cookies)]))
            with lock:
                sent.append(Sent(time.perf_counter() - at, came))

    workers = [threading.Thread(target=ask) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    begun = time.perf_counter()
    for number in range(pages):
        at = begun + number / rate
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put((at, number))
    for _ in workers:
        due.put(None)
    for worker in workers:
        worker.join()
    return sent


def _asked(browser: Browser) -> bool:
    try:
        return b'id="today-list"' in browser.get("/")
    except (OSError, RuntimeError):
        return False


def _section(
    sent: Sequence[Sent], cpu: float, rate: float, seconds: float, people: int, opening: str
) -> Section:
    ordered = sorted(one.seconds * 1000 for one in sent)

    def at(share: float) -> str:
        return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.0f}"

    lost = sum(not one.came for one in sent)
    row = (
        f"{rate:g}", str(timedelta(seconds=int(seconds))), f"{len(sent):,}", str(lost), at(0.5), at(0.95), at(0.99),
        f"{ordered[-1]:.0f}", f"{cpu / len(sent) * 1000:.1f}",
    )  # fmt: skip
    return Section(
        "today: the day's list under an open loop",
        ("pages ÷ s", "for", "pages", "lost", "p50 ms", "p95 ms", "p99 ms", "slowest ms", "CPU ms"),
        [row],
        (
            f"Aim: p95 < {AIM_MS} ms. First pages of {people} people with tasks, in turn, over loopback, a connection "
            "each; time counts from when a page was due. CPU is that of granian and PostgreSQL, divided by pages.",
            opening,
        ),
    )
