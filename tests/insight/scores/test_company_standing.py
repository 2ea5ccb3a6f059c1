"""score.company_standing: percentiles within the size class, and what is missing is not counted as low."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from builders import bench_with
from harness import Bench

from guanxi.insight.months import months_between

MONTHS = list(months_between(date(2024, 1, 1), date(2024, 3, 1)))


def company(key: int, **said: Any) -> dict[str, Any]:
    return {"party_key": key, "bucket": 1, "kind": "company", "size_class": "small", "is_owner": True} | said


def lay(
    bench: Bench, deposits: dict[int, list[int]], earned: dict[int, int], **more: Any
) -> dict[int, dict[str, Any]]:
    """Deposit averages by month and one month's contribution; settlement is the same for all. Returns rows by key."""
    bench.put("core.party", [company(key, **more.get(f"of_{key}", {})) for key in deposits])
    wealth = [
        {
            "party_key": key,
            "month": month,
            "accounts_open": 1,
            "deposits": Decimal(amount),
            "deposits_average": Decimal(amount),
            "loans": 0,
            "loans_average": 0,
        }
        for key, amounts in deposits.items()
        for month, amount in zip(MONTHS, amounts, strict=True)
    ]
    bench.put("past.feature_wealth_month", wealth)
    bench.put("feature.wealth_month", [row for row in wealth if row["month"] == MONTHS[-1]])
    contributions = [{"party_key": k, "month": MONTHS[0], "contribution": v} for k, v in earned.items()]
    bench.put("past.feature_contribution_month", contributions)
    bench.month(MONTHS[-1])
    return {row["party_key"]: row for row in bench.run("score.company_standing")}


def test_more_value_more_volume_and_steadier_averages_give_more_points() -> None:
    made = lay(
        bench_with(), {1: [100, 100, 100], 2: [10, 400, 40], 3: [900, 900, 900]}, {1: 50, 2: 10, 3: 90}
    )
    assert made[3]["points"] > made[1]["points"] > made[2]["points"]
    assert made[1]["variation"] == 0
    assert [made[key]["volume"] for key in (1, 2, 3)] == [Decimal(100), Decimal(150), Decimal(900)]


def test_equal_companies_get_equal_points_and_stand_in_the_middle() -> None:
    made = lay(bench_with(), {key: [5, 5, 5] for key in (1, 2, 3, 4)}, dict.fromkeys((1, 2, 3, 4), 7))
    assert {row["points"] for row in made.values()} == {Decimal("50.00")}


def test_a_company_without_contribution_is_judged_by_the_rest() -> None:
    made = lay(bench_with(), {1: [100, 100, 100], 2: [100, 100, 100]}, {2: 10})
    assert (made[1]["value_score"], made[1]["points"]) == (None, Decimal("50.00"))


def test_each_size_class_is_ranked_apart() -> None:
    made = lay(
        bench_with(), {1: [5, 5, 5], 2: [9000, 9000, 9000]}, {1: 1, 2: 99}, of_2={"size_class": "large"}
    )
    assert {row["scheme"] for row in made.values()} == {"company_small", "company_large"}
    assert {row["points"] for row in made.values()} == {Decimal("50.00")}


def test_persons_and_companies_without_size_have_no_standing() -> None:
    made = lay(
        bench_with(), {1: [5, 5, 5], 2: [5, 5, 5]}, {}, of_1={"kind": "person"}, of_2={"size_class": None}
    )
    assert made == {}


def test_a_company_holds_the_tier_its_points_reach_within_its_size_class() -> None:
    bench = bench_with()
    made = lay(bench, {key: [key * 100] * 3 for key in range(1, 11)}, {key: key for key in range(1, 11)})
    tiers = {row["party_key"]: row["held_rank"] for row in bench.run("score.tier")}
    wanted = {key: 1 + (row["points"] >= 50) + (row["points"] >= 80) for key, row in made.items()}
    assert tiers == wanted
    assert set(tiers.values()) == {1, 2, 3}
