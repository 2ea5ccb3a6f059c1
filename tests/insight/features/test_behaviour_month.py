"""feature.behaviour_month: what was done on our channels by its meaning, last days that carry over, numbers merged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from banks import policy_of
from harness import Bench

STEP = "feature.behaviour_month"
MONTH = date(2026, 9, 1)


def done(kind: str, times: int, last: date, customer: str = "C1") -> dict[str, Any]:
    return {
        "customer_no": customer,
        "month": last.replace(day=1),
        "event_kind": kind,
        "times": times,
        "last_on": last,
    }


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.policy(policy_of("behaviour_event"))
    bench.put("core.party", [{"party_key": key, "bucket": 7, "customer_no": f"C{key}"} for key in (1, 2)])
    numbers = {"C1": 1, "C2": 2, "C9": 1}
    bench.put(
        "core.party_member",
        [{"customer_no": no, "party_key": key, "bucket": 7} for no, key in numbers.items()],
    )
    bench.put("ops.behaviour_month", [])
    bench.month(MONTH)
    return bench


def test_events_count_by_what_their_kind_means_and_numbers_merged_count_together(bench: Bench) -> None:
    bench.put(
        "ops.behaviour_month",
        [
            done("logged_in", 4, date(2026, 9, 28)),
            done("logged_in", 2, date(2026, 9, 30), customer="C9"),
            done("product_viewed", 3, date(2026, 9, 5)),
            done("purchase_abandoned", 1, date(2026, 9, 6)),
            done("transfer_abandoned", 1, date(2026, 9, 2)),
            done("loan_calculated", 2, date(2026, 9, 9)),
            done("no_longer_registered", 5, date(2026, 9, 10)),
            done("logged_in", 9, date(2026, 8, 30)),
            done("redemption_viewed", 1, date(2026, 9, 11), customer="C2"),
        ],
    )
    one, two = bench.run(STEP)
    counts = (
        "online_events",
        "online_log_ins",
        "interests",
        "left_half_way",
        "redemptions_viewed",
        "loans_calculated",
    )
    assert [one[name] for name in counts] == [18, 6, 3, 2, 0, 2]
    assert (one["online_on"], one["left_on"], one["redeem_on"]) == (date(2026, 9, 30), date(2026, 9, 6), None)
    assert (two["party_key"], two["redemptions_viewed"], two["redeem_on"]) == (2, 1, date(2026, 9, 11))


def test_the_last_days_carry_over_a_month_without_events_and_the_counts_do_not(bench: Bench) -> None:
    before = {
        "party_key": 1,
        "month": date(2026, 8, 1),
        "bucket": 7,
        "interests": 3,
        "interest_on": date(2026, 8, 3),
    }
    bench.put("prev.feature_behaviour_month", [before])
    (row,) = bench.run(STEP)
    assert (row["interests"], row["online_events"], row["interest_on"]) == (0, 0, date(2026, 8, 3))


def test_who_never_did_anything_online_has_no_row(bench: Bench) -> None:
    assert bench.run(STEP) == []
