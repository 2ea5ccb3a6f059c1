"""Care given and the comparison of cases: hand-worked rows, and the comparison against a plain walk in Python."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from banks import policies_of
from harness import Bench

MONTH = date(2026, 9, 1)
MONTHS = tuple(date(2026, month, 1) for month in range(2, 10))
BANDS = 5


def person(key: int, **said: Any) -> dict[str, Any]:
    return {"party_key": key, "customer_no": f"C{key}", "kind": "person", "unit_no": "north", **said}


def bench_of(**tables: list[dict[str, Any]]) -> Bench:
    bench = Bench()
    bench.policy(*policies_of("value", "retention", "churn", "lists"))
    bench.month(MONTH)
    for name, rows in tables.items():
        bench.put(name.replace("__", "."), rows)
    return bench


def term(key: int, first: date, last: date | None = None, **said: Any) -> dict[str, Any]:
    return {
        "customer_no": f"C{key}", "staff_no": "s1", "is_primary": True, "valid_from": first, "valid_to": last, **said
    }  # fmt: skip


def test_days_kept_contacts_and_uses_are_counted_for_customers_with_a_keeper() -> None:
    bench = bench_of(
        core__party=[person(1), person(2), person(3), person(4, kind="company"), person(5)],
        ops__keeper_term=[
            term(1, date(2026, 8, 20)),  # all thirty days
            term(2, date(2026, 9, 11)),  # twenty days
            term(3, date(2026, 8, 1), date(2026, 9, 6)),  # five days, the sixth no more
            term(3, date(2026, 9, 6), is_primary=False),  # a second keeper counts nothing
            term(4, date(2026, 8, 1)),  # a company
            term(5, date(2026, 8, 1), date(2026, 9, 1)),  # ended before the month
        ],
        score__tier=[{"party_key": 1, "held_rank": 3}, {"party_key": 2, "held_rank": 3}],
        feature__contact_month=[
            {"party_key": 1, "contacts": 3, "reached": 2},
            {"party_key": 2, "contacts": 1, "reached": 0},
            {"party_key": 5, "contacts": 9, "reached": 9},
        ],
        ops__entitlement_use=[
            {"use_id": 1, "customer_no": "C1", "code": "queue", "day": date(2026, 9, 2)},
            {"use_id": 2, "customer_no": "C1", "code": "queue", "day": date(2026, 8, 31)},
            {"use_id": 3, "customer_no": "C5", "code": "queue", "day": date(2026, 9, 2)},
        ],
    )
    rows = [
        (r["tier_rank"], r["customers"], r["kept_days"], r["contacts"], r["reached_customers"], r["entitlement_uses"])
        for r in bench.run("report.care")
    ]  # fmt: skip
    assert rows == [(-1, 1, 5, 0, 0, 0), (3, 2, 50, 4, 1, 1)]


def test_a_customer_of_two_numbers_is_kept_no_more_days_than_the_month_has() -> None:
    bench = bench_of(
        core__party=[person(1)],
        core__party_member=[
            {"customer_no": "C1", "own_key": 1, "party_key": 1},
            {"customer_no": "C2", "own_key": 2, "party_key": 1},
        ],
        ops__keeper_term=[term(1, date(2026, 8, 1)), term(2, date(2026, 8, 1))],
    )
    (row,) = bench.run("report.care")
    assert (row["customers"], row["kept_days"]) == (1, 30)


# --- the comparison


def case(key: int, on: date, **said: Any) -> dict[str, Any]:
    return {"customer_no": f"C{key}", "source": "warning", "opened_on": on, **said}


def laid(
    people: int, cases: list[dict[str, Any]], seed: int
) -> tuple[Bench, dict[tuple[int, date], Any], dict[tuple[int, date], Decimal]]:
    """People with random months of signals, scores and wealth."""
    rng = random.Random(seed)  # noqa: S311  # made-up people
    known = {
        (key, month): {
            "party_key": key, "month": month, "signals": float(rng.random() < 0.6),
            "against_6": rng.choice([None, round(rng.random() * 1.5, 3)]),
            "base_average": Decimal(rng.choice([5_000, 60_000])),
        }
        for key in range(people) for month in MONTHS if rng.random() < 0.95
    }  # fmt: skip
    wealth = {
        (key, month): Decimal(rng.randrange(0, 300_000_00)) / 100 for key in range(people) for month in MONTHS
    }
    bench = bench_of(
        core__party=[person(key, unit_no=rng.choice(["north", "south"])) for key in range(people)],
        ops__case=[{"case_id": number, **one} for number, one in enumerate(cases)],
    )
    bench.put("feature.leaving_month", known.values(), under="past.feature_leaving_month")
    bench.put(
        "feature.wealth_month",
        [{"party_key": key, "month": month, "aum": aum} for (key, month), aum in wealth.items()],
        under="past.feature_wealth_month",
    )
    return bench, known, wealth


def told(known: Any, wealth: Any, cases: list[dict[str, Any]], people: int) -> dict[date, Counter[str]]:
    """The same by a plain walk: month by month, person by person; without cells."""
    sums: dict[date, Counter[str]] = {}
    opened = {(one["customer_no"], one["opened_on"].replace(day=1), one["source"]) for one in cases}
    for at in range(1, len(MONTHS) - 3):
        found: Counter[str] = Counter()
        near = MONTHS[at - 1 : at + 4]
        for key in range(people):
            now, before = known.get((key, MONTHS[at])), known.get((key, MONTHS[at - 1]))
            first, last = wealth[key, MONTHS[at - 1]], wealth[key, MONTHS[at + 3]]
            if not now or not before or not now["signals"] or first <= 0 or before["base_average"] < 10_000:
                continue
            worked = (f"C{key}", MONTHS[at], "warning") in opened
            touched = any(
                (f"C{key}", month, source) in opened for month in near for source in ("warning", "manual")
            )
            if worked or not touched:
                group = "worked" if worked else "alike"
                found[group] += 1
                found[f"{group}_kept"] += last >= first * Decimal("0.8")
        if found["worked"]:
            sums[MONTHS[at]] = found
    return sums


def test_the_comparison_counts_as_a_plain_walk_does() -> None:
    rng = random.Random(3)  # noqa: S311
    for seed in range(4):
        cases = [
            case(
                rng.randrange(60),
                rng.choice(MONTHS).replace(day=15),
                source=rng.choice(["warning", "manual"]),
            )
            for _n in range(25)
        ]
        bench, known, wealth = laid(60, cases, seed)
        found: dict[date, Counter[str]] = {}
        for row in bench.run("report.save_rate"):
            sums = found.setdefault(row["opened_month"], Counter())
            sums.update({name: row[name] for name in ("worked", "worked_kept", "alike", "alike_kept")})
            assert 1 <= row["score_decile"] <= 10
        expected = told(known, wealth, cases, 60)
        assert {m: {k: v for k, v in c.items() if v} for m, c in found.items()} == {
            m: {k: v for k, v in c.items() if v} for m, c in expected.items()
        }


def test_a_month_in_which_no_case_was_opened_has_nothing_to_compare() -> None:
    bench, _known, _wealth = laid(30, [], 1)
    assert bench.run("report.save_rate") == []


def test_the_running_month_is_not_yet_an_outcome() -> None:
    bench, _known, _wealth = laid(40, [case(key, date(2026, 6, 10)) for key in range(40)], 2)
    assert {row["opened_month"] for row in bench.run("report.save_rate")} == {date(2026, 6, 1)}
    bench.month(MONTH, business_date=date(2026, 9, 20))
    assert bench.run("report.save_rate") == []
