"""Value card: inputs, mid-rank percentiles within the segment, direction of risk, spread of absent weights."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from banks import policies_of, policy_of
from harness import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MONTH = date(2026, 9, 1)
STEPS = ("feature.indicator_month", "feature.indicator_rank", "score.value_card")
KINDS = ("behaviour", "contribution", "stage", "value")


def party(key: int, **said: Any) -> dict[str, Any]:
    return {
        "party_key": key,
        "bucket": key % 256,
        "customer_no": f"C{key}",
        "kind": "person",
        "area": "urban",
        **said,
    }


def earned(key: int, contribution: object, month: date = MONTH, **said: Any) -> dict[str, Any]:
    amount = None if contribution is None else Decimal(str(contribution))
    parts = {
        "deposit_margin": amount,
        "loan_margin": Decimal(0),
        "fee_income": Decimal(0),
        "expected_loss": Decimal(0),
    }
    costs = {"surtax": Decimal(0), "service_cost": Decimal(0)}
    return {"party_key": key, "month": month, "contribution": amount} | parts | costs | said


class Cards:
    """Some customers in one month."""

    def __init__(self, parties: list[dict[str, Any]], **tables: list[dict[str, Any]]) -> None:
        self.bench = Bench()
        self.bench.policy(*policies_of(*KINDS))
        self.bench.month(MONTH)
        self.bench.put("core.party", parties)
        for name, rows in tables.items():
            table, under = name.replace("__", "."), None
            if table.startswith("past."):
                family, noun = table.removeprefix("past.").split("_", 1)
                table, under = f"{family}.{noun}", table
            self.bench.put(table, rows, under=under)

    def run(self) -> dict[int, dict[str, Any]]:
        for step in STEPS:
            self.bench.run(step)
        return {row["party_key"]: row for row in self.bench.rows("score.value_card")}


def contributions(*amounts: object) -> Cards:
    parties = [party(key) for key in range(len(amounts))]
    return Cards(parties, past__feature_contribution_month=[earned(key, a) for key, a in enumerate(amounts)])


def test_contribution_is_the_mid_rank_percentile_and_ties_share_it() -> None:
    rows = contributions(-5, 10, 10, 300).run()
    assert [rows[key]["contribution_score"] for key in range(4)] == [12.5, 50.0, 50.0, 87.5]


def test_twelve_months_are_summed_part_by_part() -> None:
    months = [date(2026, m, 1) for m in range(1, 10)]
    rows = [
        earned(1, 10, m, fee_income=Decimal("2.50"), surtax=Decimal("0.25"), service_cost=Decimal(1))
        for m in months
    ]
    card = Cards([party(1)], past__feature_contribution_month=rows).run()[1]
    assert card["contribution_12m"] == Decimal("90.00")
    assert (card["fee_income_12m"], card["costs_12m"]) == (Decimal("22.50"), Decimal("11.25"))


def test_one_refused_month_leaves_no_contribution_no_score_and_no_composite() -> None:
    rows = [earned(1, 10), earned(1, None, date(2026, 8, 1)), earned(2, 5)]
    cards = Cards([party(1), party(2)], past__feature_contribution_month=rows).run()
    assert (cards[1]["contribution_12m"], cards[1]["contribution_score"], cards[1]["composite_score"]) == (
        None,
        None,
        None,
    )
    assert cards[2]["contribution_score"] == 50.0


def test_segments_are_ranked_apart() -> None:
    parties = [party(1), party(2, area="rural"), party(3, kind="company", size_class="small")]
    rows = [earned(1, 100), earned(2, 1), earned(3, 9999)]
    cards = Cards(parties, past__feature_contribution_month=rows).run()
    assert [cards[key]["segment"] for key in (1, 2, 3)] == ["person/urban", "person/rural", "company/small"]
    assert {card["contribution_score"] for card in cards.values()} == {50.0}


def loan(key: int, **said: Any) -> dict[str, Any]:
    return {
        "account_no": f"L{key}",
        "party_key": key,
        "family": "loan",
        "opened_on": date(2024, 1, 1),
        "loan_class": "normal",
        "overdue_days": 0,
        **said,
    }


@pytest.mark.parametrize(
    ("account", "credit", "points", "level"),
    [
        ({}, None, 0, "low"),
        ({"overdue_days": 1}, None, 15, "low"),
        ({"overdue_days": 30}, None, 15, "low"),
        ({"overdue_days": 31}, None, 35, "medium"),
        ({"overdue_days": 200, "loan_class": "doubtful"}, None, 100, "high"),
        ({}, {"grade": "BBB", "pd": Decimal("0.03")}, 25, "medium"),
        ({}, {"grade": "AAA", "used": Decimal(1), "expires_on": date(2026, 6, 1)}, 15, "low"),
        ({}, {"grade": "AAA", "used": Decimal(0), "expires_on": date(2026, 6, 1)}, 0, "low"),
        (None, {"grade": "AA"}, 0, "low"),
        (None, None, None, None),
    ],
)
def test_risk_points_come_from_overdue_class_grade_pd_and_expiry(
    account: dict[str, Any] | None, credit: dict[str, Any] | None, points: int | None, level: str | None
) -> None:
    cards = Cards(
        [party(1)],
        core__account=[] if account is None else [loan(1, **account)],
        staged__credit=[] if credit is None else [{"customer_no": "C1", **credit}],
    )
    card = cards.run()[1]
    assert (card["risk_points"], card["risk_level"]) == (points, level)


def test_a_closed_loan_is_no_risk_any_more() -> None:
    closed = loan(1, overdue_days=90, closed_on=date(2026, 5, 1))
    assert Cards([party(1)], core__account=[closed]).run()[1]["risk_points"] is None


def test_risk_runs_the_other_way_in_the_composite() -> None:
    loans = [loan(key, overdue_days=days) for key, days in enumerate((0, 40, 100))]
    rows = [earned(key, 10) for key in range(3)]
    cards = Cards(
        [party(k) for k in range(3)], core__account=loans, past__feature_contribution_month=rows
    ).run()
    risks = [cards[key]["risk_score"] for key in range(3)]
    composites = [cards[key]["composite_score"] for key in range(3)]
    assert risks == sorted(risks)
    assert composites == sorted(composites, reverse=True)
    assert len(set(composites)) == 3


def test_renown_needs_ground_source_and_date() -> None:
    stated = {"renown_kind": "village_cadre", "renown_source": "village list", "renown_on": date(2026, 1, 5)}
    parties = [
        party(1, **stated),
        party(2, **(stated | {"renown_source": None})),
        party(3, **(stated | {"renown_on": date(2026, 10, 1)})),
        party(4),
    ]
    cards = Cards(parties).run()
    assert [cards[key]["renown_points"] for key in (1, 2, 3, 4)] == [60, None, None, None]


def test_relations_are_counted_once_a_person_from_both_sides() -> None:
    relations = [
        {"party_key": 1, "other_key": 2, "kind": "spouse"},
        {"party_key": 2, "other_key": 1, "kind": "spouse"},
        {"party_key": 1, "other_key": 3, "kind": "parent"},
        {"party_key": 1, "other_key": 9, "kind": "employee"},
        {"party_key": 2, "other_key": 9, "kind": "employee", "valid_to": date(2026, 1, 1)},
        {"party_key": 3, "other_key": 9, "kind": "employee", "valid_from": date(2026, 12, 1)},
        {"party_key": 3, "other_key": 3, "kind": "guarantor"},
    ]
    cards = Cards([party(1), party(2), party(3), party(9, kind="company")], core__relation=relations).run()
    counts = {
        key: (c["relations_count"], c["family_count"], c["employees_count"]) for key, c in cards.items()
    }
    assert counts == {1: (3, 2, 0), 2: (1, 1, 0), 3: (1, 1, 0), 9: (1, 0, 1)}


def test_absent_indicators_spread_their_weight_in_proportion() -> None:
    cards = Cards(
        [party(1), party(2)],
        past__feature_contribution_month=[earned(1, 10), earned(2, 20)],
        core__relation=[{"party_key": 1, "other_key": 8, "kind": "spouse"}],
    ).run()
    first, second = cards[1], cards[2]
    assert first["weight_contribution"] == pytest.approx(0.40 / 0.65)
    assert first["weight_relatedness"] == pytest.approx(0.25 / 0.65)
    assert (first["weight_risk"], first["weight_renown"]) == (0.0, 0.0)
    assert second["weight_contribution"] == 1.0
    assert second["composite_score"] == second["contribution_score"]


def test_without_a_contribution_there_is_no_composite_whatever_else_is_known() -> None:
    card = Cards([party(1)], core__relation=[{"party_key": 1, "other_key": 8, "kind": "spouse"}]).run()[1]
    assert card["relatedness_score"] == 50.0
    assert card["composite_score"] is None
    assert card["weight_relatedness"] is None


def test_changed_weights_change_the_composite_and_nothing_else() -> None:
    cards = Cards(
        [party(1), party(2)],
        past__feature_contribution_month=[earned(1, 10), earned(2, 20)],
        core__relation=[{"party_key": 1, "other_key": 8, "kind": "spouse"}],
    )
    before = cards.run()[1]
    cards.bench.policy(
        policy_of("value", weight_contribution=Decimal("0.1"), weight_relatedness=Decimal("0.55"))
    )
    after = cards.run()[1]
    assert {name for name in before if before[name] != after[name]} == {
        "composite_score",
        "weight_contribution",
        "weight_relatedness",
    }


@given(st.lists(st.integers(-(10**7), 10**9), min_size=1, max_size=60))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_percentiles_are_those_of_a_plain_count_over_bins(fens: list[int]) -> None:
    cards = contributions(*(Decimal(fen) / 100 for fen in fens))
    rows = cards.run()
    inputs = cards.bench.rows("feature.indicator_month")
    bins = {row["party_key"]: row["contribution_bin"] for row in inputs}
    assert all(abs(row["contribution_bin"] - row["contribution_12m"]) <= 50 for row in inputs)
    for key, own in bins.items():
        below = sum(1 for other in bins.values() if other < own)
        level = sum(1 for other in bins.values() if other == own)
        assert rows[key]["contribution_score"] == pytest.approx(100 * (below + level / 2) / len(bins))


@given(
    st.lists(
        st.tuples(st.none() | st.integers(-500, 500), st.booleans(), st.booleans(), st.booleans()),
        min_size=1,
        max_size=25,
    )
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_scores_lie_in_their_range_and_weights_sum_to_one(
    people: list[tuple[int | None, bool, bool, bool]],
) -> None:
    stated = {"renown_kind": "other", "renown_source": "x", "renown_on": MONTH}
    parties = [party(key, **(stated if renown else {})) for key, (_, renown, _, _) in enumerate(people)]
    cards = Cards(
        parties,
        past__feature_contribution_month=[
            earned(key, amount) for key, (amount, _, _, _) in enumerate(people)
        ],
        core__account=[
            loan(key, overdue_days=key) for key, (_, _, borrower, _) in enumerate(people) if borrower
        ],
        core__relation=[
            {"party_key": key, "other_key": 99, "kind": "spouse"}
            for key, (_, _, _, tied) in enumerate(people)
            if tied
        ],
    ).run()
    for key, (amount, *_) in enumerate(people):
        card = cards[key]
        weights = [card[f"weight_{name}"] for name in ("contribution", "risk", "renown", "relatedness")]
        if amount is None:
            assert (card["composite_score"], weights) == (None, [None] * 4)
            continue
        assert sum(weights) == pytest.approx(1)
        assert 0 < card["composite_score"] < 100
