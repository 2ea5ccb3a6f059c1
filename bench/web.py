"""The pages as people ask for them: a signed-in relationship manager on granian, everything switched on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from django.db import connections

from bench.browser import Browser, wait_for
from bench.figures import Section
from bench.lake import BenchLake
from bench.pages import Page, pages_of
from bench.processes import cpu_of, postgres_of, tree_of

ROLES = ("relationship_manager", "outlet_head")
LOGINS = "bench-logins.json"
RETRY = "run `python -m bench --only publish web` with the same home, or a new --home"
CONNECTIONS = (1, 8, 32)
SECONDS = 6.0  # of each page at each number of connections
WARM_UP = 20
AIMS = {"customer 360": 50, "list": 15, "search": 8}


@dataclass(frozen=True)
class Answer:
    """What one page cost at one number of connections."""

    cpu_ms: float
    per_second: float
    p50: float
    p95: float
    p99: float
    kilobytes: float


def measure(lake: BenchLake) -> Section:
    """Empty view, 360, list, search: CPU per page, times and rates."""
    from bench.publishing import publish_once
    from guanxi.project import clock
    from guanxi.project.commands.serve import end_server, free_port, start_server
    from guanxi.project.demo_accounts import open_demo_accounts

    publish_once(lake)
    accounts = open_demo_accounts(ROLES, today=clock.today(), file=lake.home / LOGINS)
    if missing := set(ROLES) - {account.role for account in accounts}:
        (lake.home / LOGINS).unlink()  # or the next time would take the same
        raise SystemExit(f"web: the published bank has nobody who is {', '.join(sorted(missing))}: {RETRY}")
    port = free_port("127.0.0.1", 8700)
    with start_server("127.0.0.1", port, os.environ) as server:
        try:
            wait_for(port)
            seen = _views()
            found = {
                account.role: _pages(lake, port, server.pid, account.staff_no, account.password)
                for account in accounts
            }
            seen = _views() - seen
        finally:
            end_server(server)
    return _section(found, seen)


def _section(found: dict[str, dict[tuple[str, int], Answer]], seen: int) -> Section:
    rows = []
    for role, answers in found.items():
        for (name, at), answer in answers.items():
            empty = answers["empty signed-in view", at]
            plain = (answer.kilobytes, answer.p50, answer.p95, answer.p99, answer.per_second)
            rows.append(
                (
                    role,
                    name,
                    str(at),
                    f"{answer.cpu_ms:.1f}",
                    f"{answer.cpu_ms / empty.cpu_ms:.1f}",
                    *(f"{value:.0f}" for value in plain),
                )
            )
    return Section(
        "web: pages of a person signed in",
        (
            "as",
            "page",
            "connections",
            "CPU ms",
            "÷ empty view",
            "KB",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "pages ÷ s",
        ),
        rows,
        (
            "Aims: "
            + ", ".join(f"{name} ≤ {ms} CPU ms" for name, ms in AIMS.items())
            + ". CPU is that of granian (2 workers × 2 threads) and PostgreSQL with all its backends, "
            "divided by pages; the asking side is not counted. Permissions, row security, sessions, audit are on.",
            "Empty signed-in view: /health with the session's cookie, which loads session and person, opens the "
            "acting transaction and answers 17 bytes. Customer 360: the document and every panel it loads, of another "
            f"customer each time (the 200 with most accounts); {seen:,} rows of the trail were written for them. List: "
            "a tier as filter, another sort each time, 50 rows. Search: the box, by part of a name and by whole "
            "phone number in turn.",
        ),
    )


def _views() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM audit_customerview")
        return int(cursor.fetchone()[0])


def _pages(
    lake: BenchLake, port: int, server: int, staff_no: str, password: str
) -> dict[tuple[str, int], Answer]:
    browser = Browser(port)
    browser.sign_in(staff_no, password)
    pages, found = pages_of(lake, staff_no), dict[tuple[str, int], Answer]()
    for at in CONNECTIONS:
        for name, page in pages.items():
            _press(browser, port, page, 1, 0.0)
            found[name, at] = _costed(partial(_press, browser, port, page, at, SECONDS), server, lake)
    return found


def _costed(press: Callable[[], tuple[list[float], float, int]], server: int, lake: BenchLake) -> Answer:
    """Press, and share the processor time of both trees among the pages."""

    def now() -> float:
        return cpu_of([*tree_of(server), *postgres_of(lake.bank.home.parent)])

    before = now()
    times, wall, sent = press()
    cpu = now() - before
    ordered = sorted(times)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    return Answer(
        cpu / len(times) * 1000, len(times) / wall, at(0.5), at(0.95), at(0.99), sent / len(times) / 1000
    )


def _press(
    browser: Browser, port: int, page: Page, at: int, seconds: float
) -> tuple[list[float], float, int]:
    """Ask from so many connections until the time is over; seconds of each page, of all, and bytes.

    A page that does not come ends the measuring: fewer connections than are said would be no measure.
    """
    numbers, lock, times, sent, failed = count(), threading.Lock(), [], [0], list[Exception]()
    begun = time.perf_counter()
    until = begun + seconds

    def ask() -> None:
        own = browser.again(port)
        for _ in range(WARM_UP) if seconds == 0 else iter(int, 1):
            if seconds and time.perf_counter() > until:
                return
            started = time.perf_counter()
            try:
                size = page(own, next(numbers))
            except (OSError, RuntimeError) as error:
                failed.append(error)
                return
            with lock:
                times.append(time.perf_counter() - started)
                sent[0] += size

    threads = [threading.Thread(target=ask) for _ in range(at)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return times, time.perf_counter() - begun, sent[0]
