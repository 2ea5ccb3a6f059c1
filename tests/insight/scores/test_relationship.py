"""The four indices by hand and at the edges; a book's months, where nothing may be lost between hands; standings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from banks import policy_of
from harness import Bench
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.pipeline.lab.figures import lines_of_tenths

MONTH = date(2026, 9, 1)
BEFORE = date(2026, 8, 1)
POLICY = policy_of("relationship")


def bench(month: date = MONTH, *, first: bool = False) -> Bench:
    made = Bench()
    made.policy(POLICY)
    made.month(month, first=first)
    for name in (
        "core.party_member", "core.party", "feature.leaving_month", "score.value_card", "ops.survey_answer",
        "past.feature_activity_month", "past.staged_service_events", "ops.keeper_term", "feature.keeper_month",
        "prev.feature_wealth_month", "feature.wealth_month", "prev.feature_contribution_month",
        "feature.contribution_month", "score.scope",
    ):  # fmt: skip
        made.put(name, [])
    return made


def person(key: int, **said: Any) -> dict[str, Any]:
    return {"party_key": key, "bucket": 0, "customer_no": f"C{key}", "kind": "person", "unit_no": "U1"} | said


def member(key: int) -> dict[str, Any]:
    return {"party_key": key, "own_key": key, "customer_no": f"C{key}", "bucket": 0}


def leaving(key: int, **said: Any) -> dict[str, Any]:
    usual = {
        "tenure_years": 5.0,
        "idle_days": 18.0,
        "against_6": 0.75,
        "families": 3.0,
        "accounts": 2.0,
        "has_loan": 0.0,
    }
    return {"party_key": key, "month": MONTH, "bucket": 0} | usual | said


def one(made: Bench, **said: Any) -> dict[str, Any]:
    made.put("core.party", [person(1)])
    made.put("core.party_member", [member(1)])
    made.put("feature.leaving_month", [leaving(1, **said)])
    rows = made.run("score.relation_index")
    return rows[0] if rows else {}


def test_loyalty_and_dependence_are_what_the_weights_make_of_their_inputs() -> None:
    made = bench()
    activity = {
        "party_key": 1,
        "month": MONTH,
        "bucket": 0,
        "outflow": Decimal(100),
        "outflow_same_name": Decimal(20),
    }
    older = activity | {"month": date(2026, 6, 1), "outflow_same_name": Decimal(100), "salary_count": 1}
    made.put("past.feature_activity_month", [activity | {"salary_count": 1}, older])
    row = one(made)
    # years 50, activity 90, held 50 → 0.3·50 + 0.3·90 + 0.4·50 = 62
    assert row["loyalty"] == 62
    # families (3-1)/(5-1) = 50, salary 100, flow (0.8-0.5)/0.5 = 60, no loan 0 → 20 + 25 + 12 = 57
    assert row["dependence"] == 57
    assert (row["has_salary"], row["flow_share"], row["families"]) == (True, 0.8, 3)


def test_an_input_not_known_gives_its_weight_to_the_others() -> None:
    row = one(bench(), tenure_years=None, idle_days=None, against_6=1.2)
    assert row["loyalty"] == 100  # held alone
    assert row["flow_share"] is None
    assert row["dependence"] == 25  # 0.40·50 of 0.40 + 0.25 + 0.15
    assert one(bench(), tenure_years=None, idle_days=None, against_6=None)["loyalty"] is None


def test_who_has_no_open_account_has_no_indices() -> None:
    assert one(bench(), accounts=0.0) == {}


def test_with_neither_answer_nor_complaint_there_is_no_satisfaction_and_no_middle_value() -> None:
    row = one(bench())
    assert (row["satisfaction"], row["answers"], row["complaints"]) == (None, 0, 0)


def test_satisfaction_is_the_mean_of_answers_and_complaints_that_still_count() -> None:
    made = bench()
    answer = {"customer_no": "C1", "day": date(2026, 9, 10), "csat": None, "nps": None}
    made.put(
        "ops.survey_answer",
        [
            answer | {"answer_id": 1, "nps": 9, "csat": 5},
            answer | {"answer_id": 2, "csat": 4},
            answer | {"answer_id": 3, "csat": 1, "day": date(2026, 10, 1)},  # after the day
            answer | {"answer_id": 4, "csat": 1, "day": date(2025, 9, 1)},  # too old
        ],
    )
    event = {"customer_no": "C1", "kind": "complaint", "day": date(2026, 8, 20), "settled_on": None}
    made.put(
        "past.staged_service_events",
        [
            event,
            event | {"settled_on": date(2026, 9, 5)},
            event | {"day": date(2026, 4, 1)},
            event | {"kind": "closing_request"},
        ],
    )
    row = one(made)
    assert (row["answers"], row["complaints"], row["complaints_open"]) == (2, 2, 1)
    assert row["satisfaction"] == 51  # (90 + 75 + 0 + 40) / 4 = 51.25


def term(key: int, staff: str, since: date, until: date | None = None) -> dict[str, Any]:
    return {
        "customer_no": f"C{key}",
        "staff_no": staff,
        "is_primary": True,
        "valid_from": since,
        "valid_to": until,
    }


def test_who_kept_a_customer_before_the_first_term_known_is_the_first_keeper_known() -> None:
    made = bench()
    made.put("core.party", [person(key, keeper_no="X9") for key in (1, 2, 3, 4)])
    made.put("core.party_member", [member(key) for key in (1, 2, 3, 4)])
    made.put(
        "ops.keeper_term",
        [
            term(1, "A1", date(2026, 9, 12)),  # the day Guanxi was set up
            term(2, "A1", date(2026, 9, 12), date(2026, 9, 20)),
            term(2, "B1", date(2026, 9, 20)),
            term(3, "A1", date(2026, 9, 25)),
        ],
    )
    rows = {
        row["party_key"]: (row["keeper_before"], row["keeper_now"])
        for row in made.run("feature.keeper_month")
    }
    assert rows == {1: ("A1", "A1"), 2: ("A1", "B1"), 3: ("A1", "A1"), 4: ("X9", "X9")}
    made.month(date(2026, 10, 1))
    rows = {
        row["party_key"]: (row["keeper_before"], row["keeper_now"])
        for row in made.run("feature.keeper_month")
    }
    assert rows[2] == ("B1", "B1")


hands = st.sampled_from(["", "A1", "B1"])
sums = st.integers(0, 10**9)


@settings(max_examples=8)
@given(st.lists(st.tuples(hands, hands, st.booleans(), st.booleans(), sums, sums), min_size=1, max_size=8))
def test_a_book_is_what_it_was_and_what_came_less_what_went_to_the_fen(
    customers: list[tuple[Any, ...]],
) -> None:
    made = bench()
    made.put("core.party", [person(key) for key in range(len(customers))])
    kept, before, now = [], [], []
    for key, (hand_before, hand_now, was, is_open, fen_before, fen_now) in enumerate(customers):
        base = {"party_key": key, "bucket": 0}
        kept.append(base | {"month": MONTH, "keeper_before": hand_before, "keeper_now": hand_now})
        before.append(base | {"month": BEFORE, "accounts_open": int(was), "aum": Decimal(fen_before) / 100})
        now.append(base | {"month": MONTH, "accounts_open": int(is_open), "aum": Decimal(fen_now) / 100})
    made.put("feature.keeper_month", kept)
    made.put("prev.feature_wealth_month", before)
    made.put("feature.wealth_month", now)
    rows = made.run("report.book_flow")
    for row in rows:
        assert row["customers"] == row["kept"] + row["arrived"] + row["opened"]
        assert row["customers_before"] == row["kept"] + row["left_book"] + row["closed"]
        came = row["aum_grown"] + row["aum_arrived"] + row["aum_opened"]
        assert row["aum"] == row["aum_before"] + came - row["aum_left"] - row["aum_closed"]
    assert sum(row["arrived"] for row in rows) == sum(row["left_book"] for row in rows)
    assert sum(row["aum"] for row in rows) == sum(Decimal(c[5]) / 100 for c in customers if c[3])
    assert sum(row["aum_before"] for row in rows) == sum(Decimal(c[4]) / 100 for c in customers if c[2])


def test_an_arrived_customers_money_is_no_growth_of_the_book() -> None:
    made = bench()
    made.put("core.party", [person(1), person(2)])
    base = {"bucket": 0, "accounts_open": 1}
    made.put(
        "feature.keeper_month",
        [
            {"party_key": 1, "month": MONTH, "bucket": 0, "keeper_before": "A1", "keeper_now": "A1"},
            {"party_key": 2, "month": MONTH, "bucket": 0, "keeper_before": "B1", "keeper_now": "A1"},
        ],
    )
    made.put(
        "prev.feature_wealth_month",
        [base | {"party_key": key, "month": BEFORE, "aum": Decimal(100)} for key in (1, 2)],
    )
    made.put(
        "feature.wealth_month",
        [base | {"party_key": key, "month": MONTH, "aum": Decimal(110)} for key in (1, 2)],
    )
    mine = next(row for row in made.run("report.book_flow") if row["keeper_no"] == "A1")
    assert (mine["aum_grown"], mine["aum_arrived"], mine["aum"]) == (10, 110, 220)
    made.month(MONTH, first=True)
    assert made.run("report.book_flow") == []


def test_the_indices_of_a_book_are_sums_and_parts_at_the_lines() -> None:
    made = bench()
    made.put("core.party", [person(key) for key in (1, 2, 3, 4)])
    made.put(
        "feature.keeper_month",
        [
            {"party_key": key, "month": MONTH, "bucket": 0, "keeper_before": "A1", "keeper_now": "A1"}
            for key in (1, 2, 3, 4)
        ],
    )
    points = {1: 39, 2: 40, 3: 70, 4: None}
    made.put(
        "score.relation_index",
        [{"party_key": key, "month": MONTH, "bucket": 0, "loyalty": held} for key, held in points.items()],
    )
    rows = {row["measure"]: row for row in made.run("report.book_index")}
    loyal = rows["loyalty"]
    assert (loyal["customers"], loyal["known"], loyal["points"]) == (4, 3, 149)
    assert (loyal["low"], loyal["middle"], loyal["high"]) == (1, 1, 1)
    assert (rows["satisfaction"]["known"], rows["satisfaction"]["low"]) == (0, 0)


@settings(max_examples=8)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_the_nights_tenths_are_the_simulations_tenths(points: list[int]) -> None:
    made = bench()
    made.put(
        "score.value_card",
        [
            {"party_key": key, "month": MONTH, "bucket": 0, "segment": "person", "composite_score": at / 4}
            for key, at in enumerate(points)
        ],
    )
    bins = [("person", at * 25, points.count(at)) for at in sorted(set(points))]
    lines = lines_of_tenths(bins)
    told: dict[int, int] = {}
    for at in points:
        tenth = next(line[1] for line in lines if line[2] <= at / 4 < line[3])
        told[tenth] = told.get(tenth, 0) + 1
    assert {row["standing"]: row["customers"] for row in made.run("report.standing")} == told


def test_who_left_managed_scope_in_the_month_stands_outside() -> None:
    made = bench()
    made.put("score.value_card", [])
    made.put(
        "score.scope",
        [{"party_key": key, "month": MONTH, "bucket": 0, "in_scope": key != 3} for key in (1, 2, 3)],
    )
    made.put("feature.wealth_month", [{"party_key": 1, "month": MONTH, "bucket": 0, "aum": Decimal(7)}])
    rows = [(row["standing"], row["customers"], row["aum"]) for row in made.run("report.standing")]
    assert rows == [(0, 1, 0), (1, 2, 7)]
