"""score.scope: in at once, out slowly, never many of one book; tried at its edges and against a short state machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from banks import policy_of
from harness import Bench
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.months import months_between
from guanxi.insight.policies.scope import ScopePolicy

MONTHS = list(months_between(date(2025, 1, 1), date(2026, 6, 1)))
LINE, HIGH, LOW = Decimal(200000), Decimal(300000), Decimal("199999.99")


def walk(
    averages: Mapping[int, Sequence[Decimal | None]],
    *,
    parties: Mapping[int, dict[str, Any]] | None = None,
    loans: Mapping[int, Decimal] | None = None,
    relations: Sequence[dict[str, Any]] = (),
    **changed: Any,
) -> Bench:
    """The step over the months, one customer a key, each at keeper K unless said otherwise."""
    policy = policy_of("scope", **({"notice_days": 0, "book_share": Decimal(1)} | changed))
    bench = Bench()
    bench.policy(policy)
    told = parties or {}
    base = {"kind": "person", "bucket": 0, "keeper_no": "K", "unit_no": "U", "state": "open"}
    bench.put("core.party", [{"party_key": key, **base, **told.get(key, {})} for key in averages])
    bench.put("core.relation", relations)
    months = MONTHS[: max(len(line) for line in averages.values())]
    for at, month in enumerate(months):
        rows = [
            {
                "party_key": key,
                "month": month,
                "daily_average": line[at],
                "accounts_open": 1,
                "loans": (loans or {}).get(key, Decimal(0)),
            }
            for key, line in averages.items()
        ]
        bench.put("feature.wealth_month", rows)
        bench.month(month, today=month)
        bench._lay_before(bench_step(), month)
        bench.run("score.scope")
        bench._keep("score.scope", month)
    return bench


def bench_step() -> Any:
    from harness import load_step

    return load_step("score.scope")


def turns(bench: Bench, key: int) -> list[str]:
    return [row["turn"] for row in bench.kept("score.scope") if row["party_key"] == key]


def test_one_enters_on_the_fen_and_not_below() -> None:
    bench = walk({1: [LINE], 2: [LOW]})
    assert [(row["party_key"], row["turn"], row["since"]) for row in bench.kept("score.scope")] == [
        (1, "entered", date(2025, 2, 1))
    ]


def test_one_leaves_after_six_months_below_and_not_after_five() -> None:
    bench = walk({1: [HIGH, *[LOW] * 5, HIGH, *[LOW] * 6, LOW]})
    assert turns(bench, 1) == ["entered", *["watch"] * 5, "reached", *["watch"] * 5, "left"]


def test_the_notice_runs_before_one_leaves() -> None:
    bench = walk({1: [HIGH, *[LOW] * 8]}, notice_days=30)
    assert turns(bench, 1) == ["entered", *["watch"] * 5, "noticed", "left"]
    noticed = next(row for row in bench.kept("score.scope") if row["turn"] == "noticed")
    assert noticed["noticed_on"] == date(2025, 8, 1)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"loans": {1: Decimal(1)}}, "loan"),
        ({"parties": {1: {"resident_type": "micro_owner"}}}, "business"),
        ({"relations": [{"party_key": 2, "other_key": 1, "kind": "spouse"}]}, "family"),
        ({"relations": [{"party_key": 1, "other_key": 2, "kind": "spouse"}]}, "family"),
    ],
)
def test_a_loan_a_business_or_family_in_scope_keeps_one_in(told, reason) -> None:
    bench = walk({1: [HIGH, *[LOW] * 8], 2: [HIGH] * 9}, **told)
    last = [row for row in bench.kept("score.scope") if row["party_key"] == 1][-1]
    assert (last["turn"], last["kept_by"], last["in_scope"]) == ("excepted", reason, True)


def test_a_relation_that_ended_keeps_nobody() -> None:
    ended = {"party_key": 1, "other_key": 2, "kind": "spouse", "valid_to": date(2025, 1, 31)}
    assert turns(walk({1: [HIGH, *[LOW] * 6], 2: [HIGH] * 7}, relations=[ended]), 1)[-1] == "left"


def test_a_month_without_a_figure_stops_the_count_and_it_goes_on_afterwards() -> None:
    bench = walk({1: [HIGH, *[LOW] * 3, None, *[LOW] * 3]})
    assert turns(bench, 1)[-2:] == ["watch", "left"]


def test_the_smallest_of_a_book_leave_first_and_no_more_than_its_share_in_a_quarter() -> None:
    fall = {key: [HIGH, *[LOW - key] * 11] for key in range(1, 21)}
    bench = walk(fall, book_share=Decimal("0.05"))
    left = {row["month"]: row["party_key"] for row in bench.kept("score.scope") if row["turn"] == "left"}
    # Twenty in the book: one a quarter; nineteen remain, of which a twentieth is nobody.
    assert left == {date(2025, 7, 1): 20}
    assert turns(bench, 1)[-1] == "waiting"


def test_the_death_of_a_customer_ends_it_at_once() -> None:
    bench = walk({1: [HIGH, HIGH]}, parties={1: {"state": "deceased"}})
    assert turns(bench, 1) == []


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from([HIGH, LINE, LOW, None]), min_size=1, max_size=len(MONTHS)))
def test_it_does_what_a_short_state_machine_does(averages) -> None:
    inside, below, said = False, 0, []
    for average in averages:
        if average is not None:
            below = 0 if average >= LINE else below + inside
        if average is not None and average >= LINE:
            inside = True
        if inside:
            inside = below < 6
            said.append(inside)
            below = below if inside else 0
    found = [row["in_scope"] for row in walk({1: averages}).kept("score.scope")]
    assert found == said


def test_the_policy_says_what_is_wrong_with_it() -> None:
    policy = policy_of("scope")
    assert isinstance(policy, ScopePolicy)
    assert policy.problems() == []
    for change in (
        {"enter_from": Decimal(0)},
        {"exit_months": 0},
        {"book_share": Decimal("1.1")},
        {"capacity_minutes": 0},
        {"customer_kinds": ("stranger",)},
        {"services": policy.services * 2},
    ):
        assert replace(policy, **change).problems(), change
    assert "20万" in policy.in_words()[0]
