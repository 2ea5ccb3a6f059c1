"""The night's two steps: what became of whom, on ten rows; and a planted effect read out with the truth inside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from builders import bench_with
from harness import Bench

MONTH, DAY = date(2026, 7, 1), date(2026, 7, 31)
ASSIGNED = date(2026, 5, 20)


def laid(campaign: dict[str, Any], assigned: list[dict[str, Any]], **tables: list[dict[str, Any]]) -> Bench:
    bench = bench_with(kinds=("churn", "effect"))
    bench.month(MONTH, business_date=DAY)
    bench.put(
        "ops.campaign",
        [
            {
                "campaign": "c", "measure": "aum", "family": "time", "unit": "customer", "horizon_days": 60,
                "planned_n": len(assigned), "launched_on": ASSIGNED, "arms": 1, "cost": Decimal(1000), **campaign,
            }
        ],
    )  # fmt: skip
    given = {"campaign": "c", "arm": "treated", "assigned_on": ASSIGNED, "control_share": Decimal("0.5")}
    bench.put(
        "ops.assignment",
        [{**given, "cluster": f"customer:{row['party_key']}", **row} for row in assigned],
    )
    bench.put("core.party", [{"party_key": row["party_key"], "bucket": 1} for row in assigned])
    for name in (
        "past.feature_wealth_month", "past.feature_contribution_month", "core.account", "past.score_tier",
        "score.segment_fact",
    ):  # fmt: skip
        bench.put(name, tables.get(name.split(".")[1], []))
    return bench


def wealth(party: int, month: int, aum: int) -> dict[str, Any]:
    return {"party_key": party, "month": date(2026, month, 1), "aum": Decimal(aum), "bucket": 1}


def test_before_is_what_had_ended_and_after_what_began_within_the_horizon() -> None:
    bench = laid(
        {},
        [{"party_key": 1}, {"party_key": 2, "arm": "control", "contaminated_on": DAY}, {"party_key": 3}],
        feature_wealth_month=[
            *(wealth(1, month, 10_000 * month) for month in (3, 4, 5, 6, 7)),
            *(wealth(2, month, 60_000) for month in (4, 5)),
            wealth(2, 7, 20_000),
        ],
        feature_contribution_month=[
            {"party_key": 1, "month": date(2026, month, 1), "contribution": Decimal(month), "bucket": 1}
            for month in (1, 2, 3, 4, 5, 6, 7)
        ],
        account=[
            {"account_no": "a", "party_key": 1, "family": "time", "opened_on": date(2026, 6, 1)},
            {"account_no": "b", "party_key": 2, "family": "time", "opened_on": ASSIGNED},
            {"account_no": "c", "party_key": 3, "family": "time", "opened_on": date(2026, 7, 25)},
            {"account_no": "d", "party_key": 3, "family": "fund", "opened_on": date(2026, 6, 1)},
        ],
    )
    one, two, three = bench.run("effect.outcome")
    assert (one["aum_before"], one["aum_after"]) == (Decimal(40_000), Decimal(70_000))
    assert (one["contribution_before"], one["contribution_after"]) == (Decimal(9), Decimal(18))
    assert (one["opened"], one["held_before"], one["retained"]) == (True, False, None)
    assert (two["opened"], two["held_before"], two["retained"]) == (False, True, False)
    assert (two["contaminated"], two["lived_days"]) == (True, 60)
    assert (three["opened"], three["aum_after"]) == (False, None)


def test_after_the_horizon_and_the_days_of_looking_a_campaign_is_read_no_more() -> None:
    bench = laid({"launched_on": date(2026, 1, 1)}, [{"party_key": 1}])
    assert bench.run("effect.outcome") == []


def read_out(bench: Bench) -> list[dict[str, Any]]:
    bench.put("effect.outcome", bench.run("effect.outcome"))
    return bench.run("effect.readout")


def population(
    lift: int, rows: int = 600, held_share: float = 0.5
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    draw = np.random.default_rng(8)
    assigned, wealths = [], []
    for key in range(1, rows + 1):
        arm = "control" if draw.random() < held_share else "treated"
        before = int(draw.lognormal(10, 1))
        assigned.append({"party_key": key, "arm": arm})
        after = before + int(draw.normal(0, 2_000)) + (lift if arm == "treated" else 0)
        wealths += [wealth(key, 4, before), wealth(key, 7, after)]
    return assigned, wealths


def test_a_planted_effect_is_read_out_with_the_truth_inside() -> None:
    assigned, wealths = population(3_000)
    rows = read_out(laid({"hoped": 1_000.0}, assigned, feature_wealth_month=wealths))
    main = next(row for row in rows if row["is_main"] and not row["dimension"])
    assert (main["measure"], main["arm"], main["verdict"]) == ("aum", "treated", "works")
    assert main["low"] < main["fixed_low"] < 3_000 < main["fixed_high"] < main["high"]
    assert main["treated"] + main["control"] == 600
    assert {row["measure"] for row in rows if not row["dimension"]} == {
        "aum", "product", "retention", "contribution",
    }  # fmt: skip


def test_groups_that_are_not_what_was_drawn_block_the_read_out() -> None:
    assigned, wealths = population(3_000, held_share=0.3)
    rows = read_out(laid({}, assigned, feature_wealth_month=wealths))
    assert {row["verdict"] for row in rows} == {"blocked"}


def test_outlets_that_were_chosen_prove_nothing() -> None:
    assigned, wealths = population(3_000)
    chosen = [{**row, "control_share": None} for row in assigned]
    rows = read_out(laid({}, chosen, feature_wealth_month=wealths))
    assert {(row["verdict"], row["reason"]) for row in rows} == {("unclear", "not_drawn")}


def test_customers_with_other_chances_are_compared_among_themselves() -> None:
    """Rich customers are held out less often; without strata their wealth would look like an effect."""
    draw = np.random.default_rng(9)
    assigned, wealths = [], []
    for key in range(1, 2_001):
        rich = key % 2 == 0
        chance = 0.1 if rich else 0.5
        arm = "control" if draw.random() < chance else "treated"
        assigned.append({"party_key": key, "arm": arm, "control_share": Decimal(str(chance))})
        before = 100_000 if rich else 1_000
        after = before + int(draw.normal(0, 500)) + (5_000 if rich else 0)
        wealths += [wealth(key, 4, before), wealth(key, 7, after)]
    rows = read_out(laid({}, assigned, feature_wealth_month=wealths))
    main = next(row for row in rows if row["is_main"] and not row["dimension"])
    assert main["plain"] > 1_000
    assert abs(main["lift"]) < 200
    assert main["fixed_low"] < 0 < main["fixed_high"]


def test_a_bank_without_campaigns_reads_out_nothing() -> None:
    bench = laid({}, [])
    bench.put("ops.campaign", [])
    assert read_out(bench) == []
