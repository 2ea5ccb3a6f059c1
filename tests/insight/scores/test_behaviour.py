"""score.behaviour: preference types, RFM ranks, age bands, channel profile, each at its edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from banks import policies_of
from harness import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MONTH = date(2026, 9, 1)
TODAY = date(2026, 9, 30)
KINDS = ("behaviour", "contribution", "stage", "value")
STEPS = ("feature.indicator_month", "feature.indicator_rank", "score.behaviour")


def run(
    parties: list[dict[str, Any]],
    *,
    earned: list[dict[str, Any]] | None = None,
    acted: list[dict[str, Any]] | None = None,
    wealth: list[dict[str, Any]] | None = None,
    postings: int = 1,
) -> dict[int, dict[str, Any]]:
    bench = Bench()
    bench.policy(*policies_of(*KINDS))
    bench.month(MONTH)
    rows = [
        {"bucket": 0, "kind": "person", "customer_no": str(p["party_key"]), "since": date(2015, 1, 1), **p}
        for p in parties
    ]
    bench.put("core.party", rows)
    bench.put("feature.contribution_month", earned or [], under="past.feature_contribution_month")
    bench.put("feature.activity_month", acted or [], under="past.feature_activity_month")
    bench.put("feature.wealth_month", wealth or [])
    bench.put("feature.wealth_month", wealth or [], under="past.feature_wealth_month")
    bench.put("staged.transactions", [{"transaction_no": str(n)} for n in range(postings)])
    for step in STEPS:
        bench.run(step)
    return {row["party_key"]: row for row in bench.rows("score.behaviour")}


def preference(
    deposits: object,
    loans: object,
    fees: object,
    *,
    families: int = 3,
    since: date = date(2015, 1, 1),
    loss: int = 0,
) -> str:
    d, n, f = (Decimal(str(value)) for value in (deposits, loans, fees))
    parts = {
        "deposit_margin": d,
        "loan_margin": n,
        "fee_income": f,
        "expected_loss": Decimal(loss),
        "surtax": Decimal(0),
    }
    row = {
        "party_key": 1,
        "month": MONTH,
        "contribution": d + n + f - loss,
        "service_cost": Decimal(0),
    } | parts
    wealth = [{"party_key": 1, "month": MONTH, "families_held": families}]
    return run([{"party_key": 1, "since": since}], earned=[row], wealth=wealth)[1]["preference"]


@pytest.mark.parametrize(
    ("deposits", "loans", "fees", "expected"),
    [
        (60, 20, 20, "deposit_reliant"),
        ("59.99", "20.01", 20, "unsettled"),
        (25, 25, 50, "fee_reliant"),
        (20, 60, 20, "loan_reliant"),
        (40, 40, 20, "balanced"),
        (49.99, 20, 30.01, "balanced"),
        (50, 20, 30, "unsettled"),
        (-10, 90, 10, "loan_reliant"),
    ],
)
def test_preference_follows_the_shares_of_what_was_earned(
    deposits: object, loans: object, fees: object, expected: str
) -> None:
    assert preference(deposits, loans, fees) == expected


def test_two_families_are_no_balance() -> None:
    assert preference(40, 40, 20, families=2) == "unsettled"


def test_preference_needs_half_a_year_and_something_earned() -> None:
    assert preference(90, 5, 5, since=TODAY - timedelta(days=179)) == "unsettled"
    assert preference(90, 5, 5, since=TODAY - timedelta(days=180)) == "deposit_reliant"
    assert preference(-90, 0, 0) == "unsettled"
    assert preference(90, 5, 5, loss=100) == "deposit_reliant"


def test_a_refused_contribution_leaves_the_preference_open() -> None:
    row = {"party_key": 1, "month": MONTH, "contribution": None, "fee_income": Decimal(50)}
    assert run([{"party_key": 1}], earned=[row])[1]["preference"] == "unsettled"


parts = st.integers(-50, 100)


@given(st.lists(st.tuples(parts, parts, parts, st.integers(0, 6)), min_size=1, max_size=60))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_everyone_has_exactly_one_preference(people: list[tuple[int, int, int, int]]) -> None:
    earned = [
        {"party_key": key, "month": MONTH, "contribution": Decimal(d + n + f), "deposit_margin": Decimal(d)}
        | {"loan_margin": Decimal(n), "fee_income": Decimal(f), "expected_loss": Decimal(0)}
        for key, (d, n, f, _) in enumerate(people)
    ]
    wealth = [{"party_key": k, "month": MONTH, "families_held": held} for k, (*_, held) in enumerate(people)]
    found = run([{"party_key": key} for key in range(len(people))], earned=earned, wealth=wealth)
    for key, (*amounts, families) in enumerate(people):
        gross = [max(amount, 0) for amount in amounts]
        assert found[key]["preference"] == expected_preference(gross, families)


def expected_preference(gross: list[int], families: int) -> str:
    whole = sum(gross)
    for name, part, share in (("deposit", 0, 60), ("fee", 2, 50), ("loan", 1, 60)):
        if whole and gross[part] * 100 >= whole * share:
            return f"{name}_reliant"
    return "balanced" if whole and families >= 3 and max(gross) * 2 < whole else "unsettled"


def activity(
    key: int, active_days: int, last: date | None, month: date = MONTH, **said: Any
) -> dict[str, Any]:
    counts = ("counter", "self_service", "mobile", "web", "phone", "third_party")
    row = {"party_key": key, "month": month, "active_days": active_days, "last_initiated_on": last}
    return row | {f"{name}_count": 0 for name in counts} | {"mobile_log_ins": 0, "web_log_ins": 0} | said


def test_recency_is_best_for_the_latest_and_worst_for_who_did_nothing() -> None:
    acted = [activity(key, 1, TODAY - timedelta(days=key * 10)) for key in range(10)]
    acted.append(activity(10, 0, TODAY - timedelta(days=181)))
    rows = run([{"party_key": key} for key in range(12)], acted=acted)
    ranks = [rows[key]["recency_rank"] for key in range(10)]
    assert ranks == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert (rows[10]["recency_rank"], rows[10]["recency_days"]) == (1, 181)
    assert (rows[11]["recency_rank"], rows[11]["recency_days"]) == (1, None)


def test_frequency_counts_active_days_of_six_months() -> None:
    months = [date(2026, m, 1) for m in range(1, 10)]
    rows = run([{"party_key": 1}], acted=[activity(1, 2, TODAY, m) for m in months])
    assert (rows[1]["frequency_days"], rows[1]["frequency_rank"]) == (12, 3)


def test_without_transactions_there_is_no_rank_rather_than_the_worst() -> None:
    row = run([{"party_key": 1}], postings=0)[1]
    assert (row["recency_rank"], row["frequency_rank"], row["channel_profile"]) == (None, None, None)


def test_money_is_ranked_on_the_closed_months_average() -> None:
    wealth = [{"party_key": k, "month": MONTH, "daily_average": Decimal(k * 1000)} for k in range(5)]
    rows = run([{"party_key": k} for k in range(5)], wealth=wealth)
    assert [rows[k]["money_rank"] for k in range(5)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("birth", "band"),
    [
        (date(2008, 10, 1), "0-17"),
        (date(2008, 9, 30), "18-30"),
        (date(1995, 10, 1), "18-30"),
        (date(1995, 9, 30), "31-40"),
        (date(1965, 10, 1), "51-60"),
        (date(1965, 9, 30), "60+"),
        (date(1926, 2, 28), "60+"),
        (date(2027, 1, 1), None),
        (None, None),
    ],
)
def test_age_bands_turn_on_the_birthday(birth: date | None, band: str | None) -> None:
    assert run([{"party_key": 1, "birth_date": birth}])[1]["age_band"] == band


@pytest.mark.parametrize(
    ("counts", "profile"),
    [
        ({"mobile_count": 6, "counter_count": 4}, "mobile"),
        ({"mobile_count": 59, "counter_count": 41}, "mixed"),
        ({"self_service_count": 3, "third_party_count": 500}, "self_service"),
        ({"third_party_count": 5}, "third_party"),
        ({"third_party_count": 5, "mobile_log_ins": 1}, "mobile"),
        ({"web_log_ins": 2, "mobile_log_ins": 1}, "web"),
        ({}, "silent"),
    ],
)
def test_the_channel_profile_is_where_business_is_done(counts: dict[str, int], profile: str) -> None:
    assert run([{"party_key": 1}], acted=[activity(1, 1, TODAY, **counts)])[1]["channel_profile"] == profile


def test_the_channel_profile_forgets_what_is_older_than_three_months() -> None:
    acted = [activity(1, 1, TODAY, date(2026, 6, 1), counter_count=50), activity(1, 1, TODAY, mobile_count=2)]
    assert run([{"party_key": 1}], acted=acted)[1]["channel_profile"] == "mobile"
