"""feature.contact_month: contacts, promises kept and broken, last days, numbers merged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from banks import policy_of
from harness import Bench

STEP = "feature.contact_month"
MONTH = date(2026, 9, 1)


def contact(number: int, day: date, customer: str = "C1", **said: Any) -> dict[str, Any]:
    told = {"channel": "call", "outcome": "reached_later", "staff_no": "S1", "intent_family": ""}
    return {"contact_id": number, "customer_no": customer, "day": day} | told | said


def promise(number: int, due: date, **said: Any) -> dict[str, Any]:
    told = {"customer_no": "C1", "staff_no": "S1", "step": "call_again", "made_on": date(2026, 8, 1)}
    return {"promise_id": number, "due_on": due} | told | said


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.policy(policy_of("interaction"))
    bench.put("core.party", [{"party_key": key, "bucket": 7, "customer_no": f"C{key}"} for key in (1, 2)])
    numbers = {"C1": 1, "C2": 2, "C9": 1}
    bench.put(
        "core.party_member",
        [{"customer_no": no, "party_key": key, "bucket": 7} for no, key in numbers.items()],
    )
    bench.put("ops.contact", [])
    bench.put("ops.promise", [])
    bench.month(MONTH)
    return bench


def test_contacts_of_the_month_are_counted_by_what_came_of_them(bench: Bench) -> None:
    bench.put(
        "ops.contact",
        [
            contact(1, date(2026, 9, 1)),
            contact(2, date(2026, 9, 8), channel="visit", outcome="met_interested", intent_family="time"),
            contact(3, date(2026, 9, 20), outcome="not_reached"),
            contact(4, date(2026, 9, 30), channel="visit", outcome="not_met"),
            contact(5, date(2026, 8, 31)),
            contact(6, date(2026, 10, 1)),
            contact(7, date(2026, 9, 9), customer="C2"),
        ],
    )
    one, two = bench.run(STEP)
    assert (one["contacts"], one["reached"], one["met"], one["intents"]) == (4, 2, 1, 1)
    assert (one["last_contact_on"], one["last_reached_on"]) == (date(2026, 9, 30), date(2026, 9, 8))
    assert (two["party_key"], two["contacts"]) == (2, 1)


def test_a_merged_number_counts_for_the_person(bench: Bench) -> None:
    bench.put("ops.contact", [contact(1, date(2026, 9, 3)), contact(2, date(2026, 9, 4), customer="C9")])
    (row,) = bench.run(STEP)
    assert (row["party_key"], row["contacts"]) == (1, 2)


@pytest.mark.parametrize(
    ("due", "said", "kept", "broken"),
    [
        (date(2026, 9, 10), {"kept_on": date(2026, 9, 10)}, 1, 0),
        (date(2026, 9, 10), {"kept_on": date(2026, 9, 12)}, 1, 1),  # late: broken once, then kept
        (date(2026, 9, 10), {}, 0, 1),
        (date(2026, 9, 10), {"withdrawn_on": date(2026, 9, 10)}, 0, 0),
        (date(2026, 9, 10), {"withdrawn_on": date(2026, 9, 11)}, 0, 1),
        (date(2026, 9, 30), {}, 0, 0),  # breaks on the first of October
        (date(2026, 8, 31), {}, 0, 1),  # breaks on the first of September
        (date(2026, 8, 30), {}, 0, 0),
        (date(2026, 8, 30), {"kept_on": date(2026, 9, 5)}, 1, 0),
    ],
)
def test_a_promise_is_kept_and_broken_in_the_month_of_the_day(bench: Bench, due, said, kept, broken) -> None:
    bench.put("ops.promise", [promise(1, due, **said)])
    rows = bench.run(STEP)
    assert [(row["promises_kept"], row["promises_broken"]) for row in rows] == (
        [(kept, broken)] if kept or broken else []
    )


def test_days_of_grace_move_the_day_on_which_a_promise_breaks(bench: Bench) -> None:
    bench.policy(policy_of("interaction", promise_grace_days=2))
    bench.put("ops.promise", [promise(1, date(2026, 9, 28)), promise(2, date(2026, 9, 27))])
    (row,) = bench.run(STEP)
    assert row["promises_broken"] == 1


def test_the_last_days_carry_over_and_who_was_never_contacted_has_no_row(bench: Bench) -> None:
    before = {"party_key": 1, "month": date(2026, 8, 1), "bucket": 7, "last_contact_on": date(2026, 8, 5)}
    bench.put("prev.feature_contact_month", [before])
    (row,) = bench.run(STEP)
    assert (row["party_key"], row["contacts"], row["last_contact_on"]) == (1, 0, date(2026, 8, 5))
    assert row["last_reached_on"] is None
