"""The structure reports: concentration against a plain sort, the whale curve, attrition, ages, holding."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from banks import policies_of
from harness import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MONTH = date(2026, 9, 1)
TREE = (("bank", "bank"), ("bank", "north"), ("bank", "south"), ("north", "north"), ("south", "south"))


def party(key: int, **said: Any) -> dict[str, Any]:
    return {"party_key": key, "kind": "person", "unit_no": "north", "area": "urban", **said}


def bench_with(**tables: list[dict[str, Any]]) -> Bench:
    bench = Bench()
    bench.policy(*policies_of("value"))
    bench.month(MONTH)
    bench.put(
        "core.unit_scope", [{"unit_no": unit, "member_no": member, "depth": 0} for unit, member in TREE]
    )
    for name, rows in tables.items():
        table = name.replace("__", ".")
        under = None
        if table.startswith("prev."):
            family, noun = table.removeprefix("prev.").split("_", 1)
            table, under = f"{family}.{noun}", table
        bench.put(table, rows, under=under)
    return bench


def curve(bench: Bench, unit: str, metric: str) -> dict[int, tuple[int, Decimal, float | None]]:
    rows = [
        row for row in bench.rows("report.concentration") if (row["unit_no"], row["metric"]) == (unit, metric)
    ]
    return {row["percent"]: (row["customers"], row["amount"], row["share"]) for row in rows}


def contributions(amounts: list[Decimal], units: list[str] | None = None) -> Bench:
    units = units or ["north"] * len(amounts)
    bench = bench_with(
        core__party=[party(key, unit_no=unit) for key, unit in enumerate(units)],
        feature__indicator_month=[
            {"party_key": key, "in_concentration": True, "contribution_12m": amount}
            for key, amount in enumerate(amounts)
        ],
    )
    bench.run("report.concentration")
    return bench


def test_the_top_tenth_can_hold_a_hundred_and_thirty_percent_of_profit() -> None:
    planted = [Decimal(1300)] * 10 + [Decimal(0)] * 20 + [Decimal("-42.86")] * 69 + [Decimal("-42.66")]
    random.Random(7).shuffle(planted)  # noqa: S311 - a fixed disorder
    found = curve(contributions(planted), "bank", "contribution")
    assert sum(planted) == Decimal(10_000)
    assert found[10] == (10, Decimal(13_000), 1.3)
    assert found[30][2] == 1.3
    assert found[100] == (100, Decimal(10_000), 1.0)
    assert max(share for _, _, share in found.values()) == 1.3


def test_sixty_eight_yuan_a_year_to_serve_makes_most_customers_cost_money() -> None:
    margin = Decimal("0.008")
    balances = [Decimal(3_000)] * 880 + [Decimal(20_000)] * 70 + [Decimal(120_000)] * 50
    found = curve(contributions([balance * margin - 68 for balance in balances]), "north", "contribution")
    top = found[12]
    assert top[2] is not None
    assert top[2] > 1.3
    assert found[100][2] == 1.0


def test_a_loss_as_a_whole_has_amounts_and_no_share() -> None:
    found = curve(contributions([Decimal(5), Decimal(-10)]), "north", "contribution")
    assert found[50] == (1, Decimal(5), None)


def test_each_unit_is_ranked_for_itself_and_the_bank_over_all() -> None:
    amounts = [Decimal(n) for n in (100, 50, 30, 20)]
    bench = contributions(amounts, ["north", "south", "north", "south"])
    assert curve(bench, "bank", "contribution")[25] == (1, Decimal(100), 0.5)
    assert curve(bench, "south", "contribution")[50][:2] == (1, Decimal(50))
    assert curve(bench, "north", "contribution")[50][:2] == (1, Decimal(100))


@given(st.lists(st.integers(-(10**6), 10**8), min_size=1, max_size=230))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_curve_is_that_of_a_plain_sort(fens: list[int]) -> None:
    amounts = [Decimal(fen) / 100 for fen in fens]
    found = curve(contributions(amounts), "bank", "contribution")
    ranked = sorted(amounts, reverse=True)
    assert sorted(found) == list(range(1, 101))
    for percent, (customers, amount, _) in found.items():
        top = len(ranked) * percent // 100
        assert (customers, amount) == (top, sum(ranked[:top]))


def test_wealth_is_ranked_for_persons_with_an_open_account_only() -> None:
    bench = bench_with(
        core__party=[party(1), party(2), party(3, kind="company"), party(4)],
        feature__wealth_month=[
            {"party_key": 1, "aum": Decimal(80), "accounts_open": 1},
            {"party_key": 2, "aum": Decimal(20), "accounts_open": 1},
            {"party_key": 3, "aum": Decimal(500), "accounts_open": 1},
            {"party_key": 4, "aum": Decimal(0), "accounts_open": 0},
        ],
    )
    bench.run("report.concentration")
    assert curve(bench, "bank", "aum")[50] == (1, Decimal(80), 0.8)
    assert curve(bench, "bank", "aum")[100][0] == 2


def test_attrition_counts_who_left_by_outlet_and_the_tier_before() -> None:
    before = {1: "mature", 2: "growing", 3: "lost", 4: "declining", 5: "mature", 6: "potential", 7: "mature"}
    now = {1: "lost", 2: "declining", 3: "lost", 4: "declining", 5: "mature", 6: "trial", 7: "lost"}
    bench = bench_with(
        # 7 is a company: its tier is on another scale
        core__party=[party(key, kind="company" if key == 7 else "person") for key in before],
        score__stage=[
            {"party_key": k, "stage": s, "base_average": Decimal(k * 1000)} for k, s in now.items()
        ],
        prev__score_stage=[{"party_key": k, "stage": s} for k, s in before.items()],
        prev__score_tier=[{"party_key": key, "held_rank": 3} for key in (1, 2, 7)],
    )
    rows = [
        (r["unit_no"], r["tier_rank"], r["customers"], r["lost"], r["declining"], r["lost_base"])
        for r in bench.run("report.attrition")
    ]
    assert rows == [("north", -1, 2, 0, 0, Decimal(0)), ("north", 3, 2, 1, 1, Decimal(1000))]


def test_in_the_first_month_nobody_has_left_yet() -> None:
    assert (
        bench_with(core__party=[party(1)], score__stage=[{"party_key": 1, "stage": "lost"}]).run(
            "report.attrition"
        )
        == []
    )


def test_ages_and_channels_cover_every_person_with_an_open_account_once() -> None:
    bench = bench_with(
        core__party=[party(1), party(2, area="rural"), party(3), party(4, kind="company"), party(5)],
        score__behaviour=[
            {"party_key": 1, "age_band": "31-40"},
            {"party_key": 2, "age_band": "60+"},
            {"party_key": 3, "age_band": None},
            {"party_key": 4, "age_band": None},
            {"party_key": 5, "age_band": "60+"},
        ],
        feature__wealth_month=[
            {"party_key": key, "aum": Decimal(key), "accounts_open": 0 if key == 5 else 1}
            for key in range(1, 6)
        ],
        feature__activity_month=[{"party_key": 1, "mobile_active": True, "web_active": False}],
    )
    rows = bench.run("report.age_channel")
    assert [(r["area"], r["age_band"], r["customers"], r["aum"], r["mobile_active"]) for r in rows] == [
        ("rural", "60+", 1, Decimal(2), 0),
        ("urban", "", 1, Decimal(3), 0),
        ("urban", "31-40", 1, Decimal(1), 1),
    ]


@pytest.mark.parametrize("held", [(0, 1, 1, 3), (2, 2, 2, 2)])
def test_holding_counts_sum_to_the_customers(held: tuple[int, ...]) -> None:
    bench = bench_with(
        core__party=[party(key) for key in range(len(held))],
        feature__wealth_month=[
            {"party_key": key, "families_held": count, "aum": Decimal(10), "accounts_open": 1}
            for key, count in enumerate(held)
        ],
    )
    rows = bench.run("report.holding")
    assert {r["families_held"]: r["customers"] for r in rows} == {n: held.count(n) for n in set(held)}
    assert sum(r["aum"] for r in rows) == Decimal(10 * len(held))
