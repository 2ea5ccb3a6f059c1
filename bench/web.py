"""The pages as people ask for them: a signed-in relationship manager on granian, everything switched on."""

from __future__ import annotations

import csv
import gzip
import http.client
import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import duckdb
from django.db import connections

from bench.figures import Section
from bench.lake import BenchLake
from bench.processes import cpu_of, postgres_of, tree_of

ROLES = ("relationship_manager", "outlet_head")
CONNECTIONS = (1, 8, 32)
SECONDS = 6.0  # of each page at each number of connections
WARM_UP = 20
AIMS = {"customer 360": 50, "list": 15, "search": 8}
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PANEL = re.compile(r'hx-get="(/customers/[0-9a-f-]{36}/[a-z]+)"')


class Browser:
    """One keep-alive connection with a session's cookies."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = dict(cookies or {})
        self.token = ""

    def get(self, path: str) -> bytes:
        """The body of a page; anything but 200 or 302 is an error."""
        return self._ask("GET", path, None)

    def panel(self, path: str) -> bytes:
        """A part that a page loads by itself."""
        return self._ask("GET", path, None, {"HX-Request": "true"})

    def post(self, path: str, **fields: str) -> bytes:
        """Send a form as the page's own script does."""
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None, more: dict[str, str] | None = None) -> bytes:
        headers = (more or {}) | {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        }
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self.token,
                "HX-Request": "true",
            }
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status not in {200, 302}:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return told

    def sign_in(self, staff_no: str, password: str) -> None:
        """Through the door, and keep the token that posts need."""
        self.token = self._token("/sign-in")
        self._ask(
            "POST",
            "/sign-in",
            urlencode({"csrfmiddlewaretoken": self.token, "staff_no": staff_no, "password": password}),
        )
        if "guanxi_session" not in self.cookies:
            raise RuntimeError("sign-in failed")
        self.token = self._token("/customers/")

    def _token(self, path: str) -> str:
        found = CSRF.search(self.get(path).decode())
        if found is None:
            raise RuntimeError(f"{path} carries no token")
        return found[1]

    def again(self, port: int) -> Browser:
        """Another connection of the same session."""
        other = Browser(port, self.cookies)
        other.token = self.token
        return other


@dataclass(frozen=True)
class Answer:
    """What one page cost at one number of connections."""

    cpu_ms: float
    per_second: float
    p50: float
    p95: float
    p99: float
    kilobytes: float


Page = Callable[[Browser, int], int]  # asks for the n-th of its kind; bytes that came


def measure(lake: BenchLake) -> Section:
    """Empty view, 360, list, search: CPU per page, times and rates."""
    from guanxi.project import clock
    from guanxi.project.commands.serve import end_server, free_port, start_server
    from guanxi.project.demo_accounts import open_demo_accounts

    accounts = open_demo_accounts(ROLES, today=clock.today(), file=lake.home / "bench-logins.json")
    port = free_port("127.0.0.1", 8700)
    with start_server("127.0.0.1", port, os.environ) as server:
        try:
            _wait(port)
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


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            Browser(port).get("/ready")
        except (OSError, RuntimeError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server did not answer")


def _pages(
    lake: BenchLake, port: int, server: int, staff_no: str, password: str
) -> dict[tuple[str, int], Answer]:
    browser = Browser(port)
    browser.sign_in(staff_no, password)
    pages = _work(lake, staff_no)
    found: dict[tuple[str, int], Answer] = {}
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
    """Ask from so many connections until the time is over; seconds of each page, of all, and bytes."""
    numbers, lock, times, sent = count(), threading.Lock(), [], [0]
    begun = time.perf_counter()
    until = begun + seconds

    def ask() -> None:
        own = browser.again(port)
        for _ in range(WARM_UP) if seconds == 0 else iter(int, 1):
            if seconds and time.perf_counter() > until:
                return
            started = time.perf_counter()
            size = page(own, next(numbers))
            with lock:
                times.append(time.perf_counter() - started)
                sent[0] += size

    threads = [threading.Thread(target=ask) for _ in range(at)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, time.perf_counter() - begun, sent[0]


def _work(lake: BenchLake, staff_no: str) -> dict[str, Page]:
    """The pages, each over many customers of this person's own."""
    chance = random.Random(5)  # noqa: S311  # the same customers each time
    uuids, names, phones = _customers(lake, staff_no)
    chance.shuffle(uuids)
    bands = lake.policies["policy.tier_band"].rows
    tiers = [f"{scheme}.{rank}" for scheme, rank, *_ in bands if scheme == "person"][:3]
    sorts = ("-aum", "aum", "name", "-average", "-change")
    typed = [text for pair in zip(names, phones, strict=False) for text in pair]

    def customer(own: Browser, number: int) -> int:
        document = own.get(f"/customers/{uuids[number % len(uuids)]}/")
        panels = PANEL.findall(document.decode())
        if not panels:
            raise RuntimeError("the customer page loads no panel")
        return len(document) + sum(len(own.panel(panel)) for panel in panels)

    def listed(own: Browser, number: int) -> int:
        return len(
            own.get(f"/customers/?tier={tiers[number % len(tiers)]}&sort={sorts[number % len(sorts)]}")
        )

    def search(own: Browser, number: int) -> int:
        return len(own.post("/search", q=typed[number % len(typed)]))

    return {
        "empty signed-in view": lambda own, _: len(own.get("/health")),
        "search": search,
        "list": listed,
        "customer 360": customer,
    }


def _customers(lake: BenchLake, staff_no: str) -> tuple[list[str], list[str], list[str]]:
    """Customers this person may see: addresses, parts of names, and phone numbers from the extract."""
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(
            "SELECT party.uuid::text, party.name, party.customer_no FROM customers_party AS party "
            "JOIN organisation_staff AS staff ON staff.staff_no = %s "
            "JOIN organisation_post AS post ON post.staff_id = staff.id AND post.valid_to IS NULL "
            "WHERE (post.role = 'relationship_manager' AND party.keeper_id = staff.id) "
            "OR (post.role = 'outlet_head' AND party.unit_id = post.unit_id) "
            "ORDER BY (SELECT COUNT(*) FROM customers_holding WHERE party_id = party.id) DESC, party.id LIMIT 200",
            [staff_no],
        )
        rows = cursor.fetchall()
    if not rows:
        raise RuntimeError(f"{staff_no} has no customers")
    numbers = [number for *_, number in rows]
    return [uuid for uuid, *_ in rows], [name[:2] for _, name, _ in rows], list(_phones(lake, numbers))


def _phones(lake: BenchLake, numbers: Sequence[str]) -> Iterator[str]:
    """Phone numbers as the bank delivered them: the lake itself has none in clear."""
    wanted = set(numbers)
    (path,) = (lake.extracts / lake.on.isoformat()).glob("contact_points.*")
    rows = (
        _packed(path)
        if path.suffix == ".gz"
        else duckdb.execute(f"SELECT customer_no, kind, value FROM '{path}'").fetchall()
    )
    yield from (value for customer, kind, value in rows if kind == "mobile" and customer in wanted)


def _packed(path: Path) -> Iterator[tuple[str, str, str]]:
    with gzip.open(path, "rt", encoding="gb18030", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="|"):
            yield row["customer_no"], row["kind"], row["value"]
