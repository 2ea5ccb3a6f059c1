"""feature.activity_month: what counts as the customer's own doing, and what carries over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from banks import policy_of
from harness import Bench

STEP = "feature.activity_month"
MONTH = date(2026, 9, 1)


def posting(number: int, day: int, amount: str, direction: str = "debit", **said: Any) -> dict[str, Any]:
    return {
        "transaction_no": str(number),
        "account_no": "A1",
        "day": MONTH.replace(day=day),
        "direction": direction,
        "amount": Decimal(amount),
        "purpose": "transfer",
        "by_customer": True,
        "channel": "mobile",
        **said,
    }


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.policy(policy_of("behaviour"))
    bench.put("core.party", [{"party_key": key, "bucket": 7, "customer_no": f"C{key}"} for key in (1, 2)])
    bench.put("core.account", [{"account_no": "A1", "party_key": 1, "bucket": 7, "currency": "CNY"}])
    bench.month(MONTH)
    return bench


def only(bench: Bench, *postings: dict[str, Any]) -> dict[str, Any]:
    bench.put("staged.transactions", postings)
    rows = bench.run(STEP)
    assert len(rows) == 1
    return rows[0]


def test_counts_and_the_last_day_take_only_what_the_customer_did_himself(bench: Bench) -> None:
    own = [posting(1, 3, "10"), posting(2, 3, "20"), posting(3, 9, "5", "credit")]
    systemic = [
        posting(4, 20, "1.11", "credit", purpose="interest", by_customer=False),
        posting(5, 21, "2.22", purpose="fee", by_customer=True),
        posting(6, 22, "0.33", purpose="tax"),
        posting(7, 23, "4000", "credit", purpose="salary", by_customer=False, channel="system"),
    ]
    row = only(bench, *own, *systemic)
    assert (row["initiated_count"], row["active_days"], row["last_initiated_on"]) == (3, 2, date(2026, 9, 9))
    assert (row["inflow"], row["outflow"]) == (Decimal("4005.00"), Decimal("30.00"))
    assert (row["salary_count"], row["salary_amount"]) == (1, Decimal("4000.00"))
    assert (row["fee_count"], row["fee_amount"]) == (1, Decimal("2.22"))


@pytest.mark.parametrize("purpose", ["interest", "fee", "tax"])
def test_system_postings_planted_in_any_number_change_no_count(bench: Bench, purpose: str) -> None:
    own = [posting(1, 3, "10"), posting(2, 15, "20", channel="counter")]
    clean = only(bench, *own)
    flooded = only(bench, *own, *(posting(100 + n, 1 + n, "1", purpose=purpose) for n in range(28)))
    same = (
        "initiated_count",
        "active_days",
        "last_initiated_on",
        "channels_active",
        "counter_count",
        "inflow",
        "outflow",
    )
    assert [clean[name] for name in same] == [flooded[name] for name in same]


def test_outflow_to_an_account_of_the_same_name_is_told_apart(bench: Bench) -> None:
    row = only(
        bench, posting(1, 2, "100", same_name=True), posting(2, 2, "50", same_name=False), posting(3, 2, "7")
    )
    assert (row["outflow"], row["outflow_same_name"]) == (Decimal("157.00"), Decimal("100.00"))


def test_a_month_without_activity_carries_the_last_day_over(bench: Bench) -> None:
    bench.put("prev.feature_activity_month", [{"party_key": 1, "last_initiated_on": date(2026, 7, 4)}])
    row = only(bench)
    assert (row["initiated_count"], row["last_initiated_on"]) == (0, date(2026, 7, 4))


def test_mobile_active_needs_the_policys_log_ins_and_not_a_sign_up(bench: Bench) -> None:
    events = [
        {"customer_no": "C1", "day": date(2026, 9, 2), "channel": "mobile", "event": "sign_up", "times": 3},
        {"customer_no": "C2", "day": date(2026, 9, 2), "channel": "mobile", "event": "log_in", "times": 1},
        {"customer_no": "C2", "day": date(2026, 9, 5), "channel": "web", "event": "log_in", "times": 2},
        {"customer_no": "C9", "day": date(2026, 9, 5), "channel": "web", "event": "log_in", "times": 2},
    ]
    bench.put("staged.channel_events", events)
    rows = bench.run(STEP)
    assert [(r["party_key"], r["mobile_log_ins"], r["mobile_active"], r["web_active"]) for r in rows] == [
        (2, 1, True, True)
    ]
    bench.policy(policy_of("behaviour", min_mobile_log_ins=2))
    assert not bench.run(STEP)[0]["mobile_active"]


def test_postings_after_the_business_date_do_not_count_yet(bench: Bench) -> None:
    bench.month(MONTH, business_date=date(2026, 9, 10))
    row = only(bench, posting(1, 10, "1"), posting(2, 11, "1"))
    assert row["initiated_count"] == 1


def test_other_currencies_count_at_the_newest_rate_on_or_before_the_last_day(bench: Bench) -> None:
    bench.put("core.account", [{"account_no": "A1", "party_key": 1, "bucket": 7, "currency": "USD"}])
    rates = ((date(2026, 8, 31), "7.1"), (date(2026, 9, 4), "7.2"), (date(2026, 10, 1), "9"))
    bench.put("staged.fx_rates", [{"currency": "USD", "day": day, "mid": Decimal(mid)} for day, mid in rates])
    assert only(bench, posting(1, 2, "100.05"))["outflow"] == Decimal("720.36")


def test_channels_are_counted_by_the_policys_profiles(bench: Bench) -> None:
    channels = ("counter", "atm", "pos", "mobile", "web", "phone", "third_party", "system")
    row = only(bench, *(posting(n, 2, "1", channel=channel) for n, channel in enumerate(channels)))
    counts = (
        "counter_count",
        "self_service_count",
        "mobile_count",
        "web_count",
        "phone_count",
        "third_party_count",
    )
    assert [row[name] for name in counts] == [1, 2, 1, 1, 1, 1]
    assert row["channels_active"] == 6
