"""Lifetime value, potential, problem customers: by hand, by an oracle, and at the edges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from banks import policy_of
from harness import Bench
from hypothesis import given
from hypothesis import strategies as st

MONTH = date(2026, 9, 1)
POLICY = policy_of("lifetime", months=36, shrink_months=12, peers=10, peer_families=3)


def months_before(count: int) -> date:
    years, months = divmod(MONTH.year * 12 + MONTH.month - 1 - count, 12)
    return date(years, months + 1, 1)


def indicator(key: int, contribution: object, **said: Any) -> dict[str, Any]:
    amount = None if contribution is None else Decimal(str(contribution))
    return {
        "party_key": key,
        "month": MONTH,
        "bucket": 0,
        "segment": "person",
        "contribution_12m": amount,
    } | said


def bench() -> Bench:
    made = Bench()
    made.policy(POLICY)
    made.month(MONTH)
    return made


def test_a_tiers_rate_of_loss_counts_transitions_and_never_quite_reaches_nothing() -> None:
    made = bench()
    made.put("feature.indicator_month", [indicator(1, 120), indicator(2, 240), indicator(3, None)])
    made.put(
        "past.feature_contribution_month", [{"party_key": 1, "month": months_before(n)} for n in range(12)]
    )
    stages = [
        {"party_key": 1, "month": months_before(1), "stage": "mature"},
        {"party_key": 1, "month": MONTH, "stage": "lost"},
        {"party_key": 2, "month": months_before(1), "stage": "mature"},
        {"party_key": 2, "month": MONTH, "stage": "mature"},
        {"party_key": 3, "month": months_before(1), "stage": "lost"},
        {"party_key": 3, "month": MONTH, "stage": "lost"},
    ]
    made.put("past.score_stage", stages)
    row = made.run("feature.lifetime_cell")[0]
    assert (row["customers"], row["survivors"], row["losses"], row["months"]) == (3, 2, 1, 12)
    assert row["loss_rate"] == Decimal("0.5")  # (1 + ½) / (2 + 1)
    assert row["monthly_mean"] == Decimal("15.00")  # (120 + 240) over 2 customers with known months


@given(
    contribution=st.decimals(-100_000, 1_000_000, places=2),
    mean=st.decimals(-100, 5_000, places=2),
    loss=st.decimals("0.0001", "0.5", places=8),
    tenure=st.integers(0, 2000),
)
def test_the_sum_over_the_months_is_what_adding_them_one_by_one_gives(
    contribution, mean, loss, tenure
) -> None:
    made = bench()
    made.put("feature.indicator_month", [indicator(1, contribution)])
    made.put("score.stage", [{"party_key": 1, "month": MONTH, "tenure_days": tenure}])
    cell = {"segment": "person", "tier_rank": -1, "month": MONTH, "customers": 1, "months": 12}
    made.put("feature.lifetime_cell", [cell | {"monthly_mean": mean, "loss_rate": loss}])
    row = made.run("score.lifetime")[0]
    known = min(12, max(1, -(-tenure * 10 // 304)))
    expected = float(contribution + 12 * mean) / (known + 12)
    value = sum(expected * (1 - float(loss)) ** t / 1.08 ** (t / 12) for t in range(1, 37))
    year = sum(expected * (1 - float(loss)) ** t for t in range(1, 13))
    assert row["months_known"] == known
    assert float(row["expected_month"]) == pytest.approx(expected, abs=0.006)
    assert float(row["lifetime_value"]) == pytest.approx(value, abs=0.3, rel=1e-6)
    assert float(row["next_12m"]) == pytest.approx(year, abs=0.1, rel=1e-6)


def test_a_tier_that_loses_nobody_counts_every_month_whole_but_for_the_discount() -> None:
    made = bench()
    made.policy(policy_of("lifetime", discount_rate=Decimal(0), months=36, shrink_months=1))
    made.put("feature.indicator_month", [indicator(1, 120)])
    cell = {"segment": "person", "tier_rank": -1, "month": MONTH, "customers": 1, "months": 12}
    made.put("feature.lifetime_cell", [cell | {"monthly_mean": Decimal(10), "loss_rate": Decimal(0)}])
    row = made.run("score.lifetime")[0]
    assert (row["expected_month"], row["next_12m"], row["lifetime_value"]) == (10, 120, 360)


def test_what_is_not_known_has_no_lifetime_value() -> None:
    made = bench()
    made.put("feature.indicator_month", [indicator(1, None)])
    cell = {"segment": "person", "tier_rank": -1, "month": MONTH, "customers": 1, "months": 12}
    made.put("feature.lifetime_cell", [cell | {"monthly_mean": Decimal(5), "loss_rate": Decimal("0.01")}])
    row = made.run("score.lifetime")[0]
    assert (row["lifetime_value"], row["next_12m"], row["expected_month"]) == (None, None, None)


def test_a_year_later_what_came_stands_beside_what_was_expected_and_beside_last_year_again() -> None:
    made = bench()
    then = [
        {"party_key": key, "month": months_before(12), "bucket": 0, "segment": "person", "tier_rank": -1,
         "contribution_12m": Decimal(key * 100), "next_12m": Decimal(key * 90)}
        for key in range(1, 21)
    ]  # fmt: skip
    now = [row | {"month": MONTH, "contribution_12m": Decimal(row["party_key"] * 80)} for row in then]
    gone = {**then[0], "party_key": 99}  # no row now: not asked about
    made.put("past.score_lifetime", [*then, *now, gone, {**now[0], "month": months_before(6)}])
    rows = made.run("report.lifetime_check")
    assert [row["customers"] for row in rows] == [2] * 10
    assert rows[0]["predicted"] == Decimal(90 + 180)
    assert rows[0]["actual"] == Decimal(80 + 160)
    assert rows[9]["error_predicted"] == Decimal(10 * 19 + 10 * 20)
    assert rows[9]["error_last_year"] == Decimal(20 * 19 + 20 * 20)


def person(key: int, aum: int, families: int, **said: Any) -> dict[str, Any]:
    return {"party_key": key, "month": MONTH, "bucket": 0, "aum": Decimal(aum), "families_held": families,
            "accounts_open": 1} | said  # fmt: skip


def test_potential_is_how_far_one_is_below_the_quarters_of_peers() -> None:
    made = bench()
    peers = [person(key, key * 1000, 3) for key in range(1, 13)]
    made.put("feature.wealth_month", [*peers, person(50, 4000, 1), person(60, 500_000, 1)])
    made.put(
        "core.party",
        [{"party_key": key, "kind": "person", "area": "urban"} for key in (*range(1, 13), 50, 60)],
    )
    made.put("past.feature_activity_month", [
        {"party_key": 50, "month": MONTH, "outflow_same_name": Decimal(700), "salary_amount": Decimal(0)},
        {"party_key": 50, "month": months_before(3), "outflow_same_name": Decimal(300), "salary_amount": Decimal(0)},
    ])  # fmt: skip
    rows = {row["party_key"]: row for row in made.run("score.potential")}
    asked = rows[50]
    assert [asked[f"peer_{name}"] for name in ("low", "middle", "high")] == [3000, 6000, 9000]
    assert [asked[f"gap_{name}"] for name in ("low", "middle", "high")] == [0, 2000, 5000]
    assert asked["sent_elsewhere"] == Decimal(1000)
    assert rows[60]["gap_high"] == 0


def test_with_too_few_peers_nothing_is_said() -> None:
    made = bench()
    made.put("feature.wealth_month", [person(key, key * 1000, 3) for key in range(1, 10)])
    made.put("core.party", [{"party_key": key, "kind": "person"} for key in range(1, 10)])
    rows = made.run("score.potential")
    assert {(row["peers"], row["gap_middle"]) for row in rows} == {(0, None)}


def test_a_problem_customer_is_counted_under_what_costs_most() -> None:
    made = bench()
    parts = {"deposit_margin_12m": Decimal(10), "loan_margin_12m": Decimal(0), "fee_income_12m": Decimal(0)}
    made.put("feature.indicator_month", [
        indicator(1, -90, expected_loss_12m=Decimal(60), costs_12m=Decimal(40), **parts),
        indicator(2, -58, expected_loss_12m=Decimal(0), costs_12m=Decimal(68), **parts),
        indicator(3, -300, expected_loss_12m=Decimal(0), costs_12m=Decimal(68),
                  **parts | {"deposit_margin_12m": Decimal(-232)}),
        indicator(4, 5, expected_loss_12m=Decimal(0), costs_12m=Decimal(5), **parts),
        indicator(5, None, expected_loss_12m=Decimal(0), costs_12m=Decimal(5), **parts),
    ])  # fmt: skip
    made.put("core.party", [{"party_key": key, "unit_no": "U1"} for key in range(1, 6)])
    made.put("feature.wealth_month", [])
    found = {row["cause"]: (row["customers"], row["contribution"]) for row in made.run("report.problem")}
    assert found == {"loss": (1, Decimal(-90)), "service": (1, Decimal(-58)), "margin": (1, Decimal(-300))}
