"""The pages the web part asks for, each over many customers of the person who asks."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
from django.db import connections

from bench.browser import Browser
from bench.lake import BenchLake

PANEL = re.compile(r'hx-get="(/customers/[0-9a-f-]{36}/[a-z]+)"')

Page = Callable[[Browser, int], int]  # asks for the n-th of its kind; bytes that came


def pages_of(lake: BenchLake, staff_no: str) -> dict[str, Page]:
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
