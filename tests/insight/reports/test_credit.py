"""Credit lines of a customer and coverage by village: hand-worked rows at the edges of a line's life."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from harness import Bench

MONTH = date(2026, 9, 1)
LAST_DAY = date(2026, 9, 30)


def person(key: int, **said: Any) -> dict[str, Any]:
    return {"party_key": key, "bucket": 0, "kind": "person", "unit_no": "north", "village": "柳湾村", **said}


def bench_of(parties: list[dict[str, Any]], credit: list[dict[str, Any]], **more: Any) -> Bench:
    bench = Bench()
    bench.month(MONTH)
    bench.put("core.party", parties)
    members = [
        {
            "customer_no": f"C{party['party_key']}",
            "own_key": party["party_key"],
            "party_key": party["party_key"],
        }
        for party in parties
    ]
    bench.put("core.party_member", [*members, *more.pop("members", ())])
    bench.put("staged.credit", credit)
    open_ones = more.pop("open_ones", [party["party_key"] for party in parties])
    bench.put("feature.wealth_month", [{"party_key": key, "accounts_open": 1} for key in open_ones])
    return bench


def line(
    number: str, amount: int | None, ends: date | None, grade: str | None = "A", used: int = 0
) -> dict[str, Any]:
    return {
        "customer_no": number, "grade": grade, "credit_line": amount, "used": used, "expires_on": ends,
    }  # fmt: skip


def test_a_line_stands_on_its_last_day_and_no_longer_and_nothing_granted_is_no_line() -> None:
    bench = bench_of(
        [person(key) for key in range(1, 6)],
        [
            line("C1", 50_000, LAST_DAY, used=100),
            line("C2", 50_000, date(2026, 9, 29), used=700),
            line("C3", 0, None),
            line("C4", 80_000, None, grade=""),
        ],
    )
    rows = {row["party_key"]: row for row in bench.run("score.credit")}
    assert {key: (row["credit_rated"], row["credit_granted"]) for key, row in rows.items()} == {
        1: (True, True), 2: (True, False), 3: (True, False), 4: (False, True),
    }  # fmt: skip
    assert rows[2]["credit_line"] == Decimal(0)
    assert rows[2]["credit_used"] == Decimal(700)
    assert rows[2]["credit_expires_on"] == date(2026, 9, 29)


def test_lines_of_two_numbers_of_one_person_add_up_and_the_first_to_end_is_named() -> None:
    bench = bench_of(
        [person(1)],
        [
            line("C1", 50_000, date(2027, 3, 1), used=10),
            line("C9", 20_000, date(2026, 12, 1), grade=None, used=5),
            line("C8", 90_000, date(2020, 1, 1)),
        ],
        members=[
            {"customer_no": number, "own_key": key, "party_key": 1} for key, number in ((9, "C9"), (8, "C8"))
        ],
    )
    (row,) = bench.run("score.credit")
    assert (row["credit_line"], row["credit_used"]) == (Decimal(70_000), Decimal(15))
    assert row["credit_expires_on"] == date(2026, 12, 1)


def test_coverage_counts_each_customer_once_under_the_own_village_and_kind() -> None:
    bench = bench_of(
        [
            person(1), person(2), person(3), person(4),
            person(5, village=None), person(6, kind="company"), person(7),
        ],
        [
            line("C1", 50_000, None, used=100), line("C2", 10_000, date(2026, 1, 1)), line("C3", None, None),
            line("C6", 900_000, None), line("C7", 30_000, None),
        ],
        open_ones=[1, 2, 3, 4, 5, 6],
    )  # fmt: skip
    bench.make("score.credit")
    rows = {(row["village"], row["kind"]): row for row in bench.run("report.credit_coverage")}
    assert set(rows) == {("柳湾村", "person"), ("", "person"), ("柳湾村", "company")}
    here = rows["柳湾村", "person"]
    told = [here[name] for name in ("customers", "rated", "granted", "drawing", "expired", "credit_line")]
    assert told == [5, 4, 2, 1, 1, Decimal(80_000)]
    assert [rows["", "person"][name] for name in ("customers", "rated", "granted")] == [1, 0, 0]
