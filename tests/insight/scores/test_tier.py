"""score.tier against a short state machine written independently, and at its edges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from banks import policy_of
from builders import bench_with
from harness import Bench
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from guanxi.insight.months import month_end, months_between
from guanxi.insight.policies.tier import TierPolicy

FEN = Decimal("0.01")
MONTHS = list(months_between(date(2024, 1, 1), date(2025, 6, 1)))


def person_bands() -> list[tuple[int, Decimal | None, int]]:
    policy = policy_of("tier", "demo")
    assert isinstance(policy, TierPolicy)
    return [(band.rank, band.lower, band.months_to_fall) for band in policy.scheme("person").bands]


BANDS = person_bands()
CUTS = [lower for _, lower, _ in BANDS if lower is not None]


def reached(amount: Decimal) -> int:
    return max(rank for rank, lower, _ in BANDS if lower is None or amount >= lower)


Word = tuple[int, int, int | None]
"""A decision by hand: first and last month (numbers) in which it is in force, and the tier; None only protects."""


Hold = tuple[int, int, int]
"""A condition of the policy: first and last month (numbers) in which it is met, and the best tier it holds."""


def expected(
    averages: Sequence[Decimal | None], words: Sequence[Word] = (), holds: Sequence[Hold] = ()
) -> list[tuple[int | None, int, int]]:
    """(tier, months below, months in a row at or above its line by the rule) after each closed month."""
    falls = {rank: months for rank, _, months in BANDS}
    held: int | None = None
    below: list[int] = []
    said: list[tuple[int | None, int, int]] = []
    for number, average in enumerate(averages):
        if average is None:
            said.append((None, len(below), 0))
            continue
        rank = reached(average)
        by_hand = [word for word in words if word[0] <= number <= word[1]]
        floor = max((rank for first, last, rank in holds if first <= number <= last), default=0)
        if held is None or rank >= held:
            held, below = rank, []
        elif not by_hand and floor < held:
            below.append(rank)
            if len(below) >= falls[held]:
                held, below = max(*below, floor), []
        in_a_row = 0
        while (
            in_a_row <= number and (past := averages[number - in_a_row]) is not None and reached(past) >= held
        ):
            in_a_row += 1
        asked = by_hand[0][2] if by_hand else None
        said.append((asked or held, len(below), in_a_row))
    return said


def override(key: int, word: Word) -> dict[str, Any]:
    first, last, rank = word
    return {
        "party_key": key,
        "scheme": "person",
        "tier_rank": rank,
        "valid_from": MONTHS[first],
        "valid_to": month_end(MONTHS[last]),
        "proposed_by": "S1",
        "decided_by": "S2",
    }


def lay_parties(bench: Bench, count: int, **said: Any) -> None:
    bench.put("core.party", [party(key, **said) for key in range(count)])


def party(key: int, **said: Any) -> dict[str, Any]:
    return {
        "party_key": key,
        "bucket": key % 256,
        "kind": "person",
        "state": "active",
        "is_owner": True,
    } | said


def wealth(key: int, month: date, average: Decimal | None, **said: Any) -> dict[str, Any]:
    missing = 1 if average is None else 0
    return {
        "party_key": key,
        "month": month,
        "daily_average": average,
        "aum": average,
        "aum_days": None if average is None else average * 30,
        "days": 30,
        "days_in_month": 30,
        "accounts_open": 1,
        "accounts_refused": missing,
    } | said


def judge(bench: Bench, month: date, rows: list[dict[str, Any]], **said: Any) -> dict[int, dict[str, Any]]:
    """One month of score.tier; its result becomes the past of the next call."""
    bench.month(month, **said)
    bench.put("feature.wealth_month", rows)
    past = bench.rows("past.score_tier") if bench.has("past.score_tier") else []
    made = bench.run("score.tier")
    bench.put("prev.score_tier", made)
    bench.put("past.score_tier", [*past, *made])
    return {row["party_key"]: row for row in made}


amounts = st.one_of(
    st.none(),
    st.sampled_from([cut + step for cut in CUTS for step in (-FEN, Decimal(0), FEN)]),
    st.decimals(min_value=-1000, max_value=20_000_000, places=2),
)
# A failing history speaks for itself; shrinking so many at once would take minutes.
NO_SHRINK = (Phase.explicit, Phase.reuse, Phase.generate)
histories = st.lists(st.lists(amounts, min_size=18, max_size=18), min_size=25, max_size=25)


@settings(max_examples=4, deadline=None, phases=NO_SHRINK)
@given(histories)
def test_every_history_gives_the_tier_that_the_short_machine_gives(cases: list[list[Decimal | None]]) -> None:
    bench = bench_with()
    lay_parties(bench, len(cases))
    wanted = [expected(averages) for averages in cases]
    for number, month in enumerate(MONTHS):
        made = judge(bench, month, [wealth(key, month, case[number]) for key, case in enumerate(cases)])
        for key, row in made.items():
            found = (row["held_rank"], row["months_below"], row["months_at_or_above"])
            assert found == wanted[key][number], (cases[key][: number + 1], row)


spans = st.tuples(st.integers(0, 17), st.integers(0, 9), st.sampled_from([None, *range(1, 8)])).map(
    lambda told: (told[0], min(told[0] + told[1], 17), told[2])
)


@settings(max_examples=4, deadline=None, phases=NO_SHRINK)
@given(histories, st.lists(spans, min_size=25, max_size=25))
def test_a_decision_by_hand_is_shown_while_it_counts_and_the_rule_goes_on_beside_it(
    cases: list[list[Decimal | None]], words: list[Word]
) -> None:
    bench = bench_with()
    lay_parties(bench, len(cases))
    bench.put("ops.tier_override", [override(key, word) for key, word in enumerate(words)])
    wanted = [expected(averages, [word]) for averages, word in zip(cases, words, strict=True)]
    alone = [expected(averages) for averages in cases]
    for number, month in enumerate(MONTHS):
        made = judge(bench, month, [wealth(key, month, case[number]) for key, case in enumerate(cases)])
        for key, row in made.items():
            found = (row["held_rank"], row["months_below"], row["months_at_or_above"])
            assert found == wanted[key][number], (cases[key][: number + 1], words[key], row)
            assert (row["override_from"] is None) or words[key][0] <= number <= words[key][1]
            if number < words[key][0]:
                assert found == alone[key][number]


floors = st.tuples(st.integers(0, 17), st.integers(0, 17), st.integers(1, 7)).map(
    lambda told: (min(told[:2]), max(told[:2]), told[2])
)


@settings(max_examples=4, deadline=None, phases=NO_SHRINK)
@given(histories, st.lists(floors, min_size=25, max_size=25), st.lists(spans, min_size=25, max_size=25))
def test_a_condition_of_the_policy_holds_a_tier_as_the_short_machine_says(
    cases: list[list[Decimal | None]], holds: list[Hold], words: list[Word]
) -> None:
    bench = bench_with()
    lay_parties(bench, len(cases))
    bench.put("ops.tier_override", [override(key, word) for key, word in enumerate(words) if key % 2])
    wanted = [expected(case, [words[key]] if key % 2 else [], [holds[key]]) for key, case in enumerate(cases)]
    for number, month in enumerate(MONTHS):
        met = [key for key, (first, last, _rank) in enumerate(holds) if first <= number <= last]
        bench.put("feature.tier_hold", [held_by(key, month, holds[key][2]) for key in met])
        made = judge(bench, month, [wealth(key, month, case[number]) for key, case in enumerate(cases)])
        for key, row in made.items():
            found = (row["held_rank"], row["months_below"], row["months_at_or_above"])
            assert found == wanted[key][number], (cases[key][: number + 1], holds[key], row)


def held_by(key: int, month: date, rank: int, criterion: str = "payroll") -> dict[str, Any]:
    return {
        "party_key": key, "month": month, "bucket": key % 256, "scheme": "person", "criterion": criterion,
        "tier_rank": rank,
    }  # fmt: skip


def test_salary_holds_the_tier_the_count_stands_still_and_goes_on_when_it_stops() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    found = []
    for number, month in enumerate(MONTHS[:8]):
        amount = Decimal(600_000 if number == 0 else 300_000)
        bench.put("feature.tier_hold", [held_by(0, month, 4)] if 2 <= number <= 4 else [])
        row = judge(bench, month, [wealth(0, month, amount)])[0]
        found.append((row["held_rank"], row["months_below"], row["watch"], row["reason_code"]))
    assert found == [
        (4, 0, False, "first"), (4, 1, True, "watch"), *[(4, 1, False, "held_payroll")] * 3,
        (4, 2, True, "watch"), (3, 0, False, "fallen"), (3, 0, False, "reached"),
    ]  # fmt: skip


def test_a_condition_good_for_less_lets_the_tier_fall_but_no_lower_and_raises_nobody() -> None:
    bench = bench_with()
    lay_parties(bench, 2)
    ranks = []
    for month, amount in zip(MONTHS, (600_000, *[1_000] * 4), strict=False):
        bench.put("feature.tier_hold", [held_by(0, month, 3, "loan"), held_by(1, month, 3, "loan")])
        made = judge(bench, month, [wealth(0, month, Decimal(amount)), wealth(1, month, Decimal(1_000))])
        ranks.append((made[0]["held_rank"], made[0]["reason_code"], made[1]["held_rank"]))
    assert ranks == [(4, "first", 1), (4, "watch", 1), (4, "watch", 1), (3, "fallen", 1), (3, "held_loan", 1)]


def test_a_protection_stops_the_count_and_it_goes_on_when_it_ends() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    bench.put("ops.tier_override", [override(0, (2, 5, None))])
    found = []
    for month, amount in zip(MONTHS, (600_000, *[300_000] * 8), strict=False):
        row = judge(bench, month, [wealth(0, month, Decimal(amount))])[0]
        found.append((row["held_rank"], row["months_below"], row["watch"], row["reason_code"]))
    guarded = [(4, 1, False, "guarded")] * 4
    assert found == [
        *((4, 0, False, "first"), (4, 1, True, "watch")), *guarded,
        *((4, 2, True, "watch"), (3, 0, False, "fallen"), (3, 0, False, "reached")),
    ]  # fmt: skip


def test_a_tier_set_by_hand_begins_on_its_day_in_a_running_month_and_goes_back_to_the_rule_after() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    judge(bench, MONTHS[0], [wealth(0, MONTHS[0], Decimal(60_000))])
    told = override(0, (1, 1, 5)) | {"valid_from": MONTHS[1].replace(day=10), "valid_to": MONTHS[2]}
    bench.put("ops.tier_override", [told])
    kept = bench.rows("prev.score_tier")

    def on(day: date) -> tuple[Any, ...]:
        bench.put("prev.score_tier", kept)
        row = judge(bench, MONTHS[1], [wealth(0, MONTHS[1], Decimal(60_000))], business_date=day)[0]
        return row["held_rank"], row["rule_rank"], row["reason_code"], row["override_from"]

    assert on(MONTHS[1].replace(day=9)) == (2, 2, "first", None)
    assert on(MONTHS[1].replace(day=10)) == (5, 2, "override", MONTHS[1].replace(day=10))
    assert on(month_end(MONTHS[1])) == (5, 2, "override", MONTHS[1].replace(day=10))
    running = [wealth(0, MONTHS[2], Decimal(60_000))]
    assert judge(bench, MONTHS[2], running, business_date=MONTHS[2])[0]["held_rank"] == 5
    bench.put(
        "prev.score_tier", [row for row in bench.rows("past.score_tier") if row["month"] == MONTHS[1]][-1:]
    )
    after = judge(bench, MONTHS[2], running, business_date=MONTHS[2].replace(day=2))[0]
    assert (after["held_rank"], after["reason_code"]) == (2, "rule_again")


def test_nobody_gets_a_tier_by_hand_who_can_have_none_and_another_scheme_voids_it() -> None:
    bench = bench_with()
    bench.put("core.party", [party(0, state="closed"), party(1), party(2)])
    words = [override(key, (0, 5, 5)) for key in range(3)]
    bench.put(
        "ops.tier_override", [words[0], words[1] | {"scheme": "company_small"}, words[2] | {"tier_rank": 99}]
    )
    made = judge(bench, MONTHS[0], [wealth(key, MONTHS[0], Decimal(60_000)) for key in range(3)])
    assert [(made[key]["held_rank"], made[key]["reason_code"]) for key in range(3)] == [
        (None, "closed"), (2, "first"), (2, "first"),
    ]  # fmt: skip


def test_a_decision_by_hand_follows_a_number_that_is_merged_into_another_person() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    members = [("A", 0), ("B", 7)]  # what stood under key 7 belongs to person 0 by now
    bench.put(
        "core.party_member",
        [{"customer_no": number, "own_key": own, "party_key": 0, "bucket": 0} for number, own in members],
    )
    bench.put("ops.tier_override", [override(7, (0, 3, 5))])
    row = judge(bench, MONTHS[0], [wealth(0, MONTHS[0], Decimal(60_000))])[0]
    assert (row["held_rank"], row["rule_rank"], row["reason_code"]) == (5, 2, "override")


def test_each_cut_belongs_to_the_upper_tier_and_one_fen_less_to_the_lower() -> None:
    bench = bench_with()
    cases = [cut + step for cut in CUTS for step in (-FEN, Decimal(0), FEN)]
    lay_parties(bench, len(cases))
    made = judge(bench, MONTHS[0], [wealth(key, MONTHS[0], amount) for key, amount in enumerate(cases)])
    ranks = [made[key]["held_rank"] for key in range(len(cases))]
    wanted = [rank + step for rank in range(1, len(CUTS) + 1) for step in (0, 1, 1)]
    assert ranks == wanted


def test_a_running_month_changes_no_tier() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    judge(bench, MONTHS[0], [wealth(0, MONTHS[0], Decimal(600_000))])
    before = judge(bench, MONTHS[1], [wealth(0, MONTHS[1], Decimal(300_000))])[0]
    day = MONTHS[2].replace(day=10)
    running = wealth(0, MONTHS[2], Decimal(7_000_000), days=10, days_in_month=31)
    now = judge(bench, MONTHS[2], [running], business_date=day)[0]
    carried = ("held_rank", "months_below", "months_held", "best_below_rank", "watch", "reason_code")
    assert [now[name] for name in carried] == [before[name] for name in carried]
    assert now["reached_rank"] == 6


def test_a_new_customer_has_no_tier_before_the_first_closed_month() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    row = judge(bench, MONTHS[0], [wealth(0, MONTHS[0], Decimal(600_000))], business_date=date(2024, 1, 9))[0]
    assert (row["held_rank"], row["reason_code"]) == (None, "no_closed_month")


def test_what_must_be_deposited_today_reaches_the_line_and_one_fen_less_does_not() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    judge(bench, MONTHS[0], [wealth(0, MONTHS[0], Decimal("517999.99"))])
    aum, so_far, days, days_in_month = Decimal("523456.78"), Decimal("5180000.07"), 10, 29
    running = wealth(
        0, MONTHS[1], so_far / days, aum=aum, aum_days=so_far, days=days, days_in_month=days_in_month
    )
    row = judge(bench, MONTHS[1], [running], business_date=date(2024, 2, 10))[0]
    needed = row["present_needed"]

    def month_sum(deposit: Decimal) -> Decimal:
        return so_far + (aum + deposit) * (days_in_month - days)

    line = Decimal(1_000_000) * days_in_month
    assert month_sum(needed) >= line > month_sum(needed - FEN)


def test_a_closed_month_leaves_no_day_to_deposit_and_shows_the_gap_of_its_average() -> None:
    bench = bench_with()
    lay_parties(bench, 2)
    rows = [wealth(0, MONTHS[0], Decimal(518_000)), wealth(1, MONTHS[0], Decimal(90_000_000))]
    made = judge(bench, MONTHS[0], rows)
    assert (made[0]["next_gap"], made[0]["present_needed"]) == (Decimal("482000.00"), None)
    assert (made[1]["next_rank"], made[1]["next_gap"]) == (None, None)


@pytest.mark.parametrize(
    ("said", "worth", "reason"),
    [
        ({"is_owner": False}, None, "not_an_owner"),
        ({"state": "closed"}, Decimal(600_000), "closed"),
        ({"state": "deceased"}, Decimal(600_000), "deceased"),
        ({"kind": "interbank"}, Decimal(600_000), "no_scheme"),
        ({"kind": "company", "size_class": "small"}, Decimal(600_000), "no_standing"),
        ({}, None, "no_account"),
    ],
)
def test_whoever_cannot_have_a_tier_has_none_and_the_reason(
    said: dict[str, Any], worth: Decimal | None, reason: str
) -> None:
    bench = bench_with()
    lay_parties(bench, 1, **said)
    rows = [] if worth is None else [wealth(0, MONTHS[0], worth)]
    row = judge(bench, MONTHS[0], rows)[0]
    assert (row["held_rank"], row["reason_code"], row["watch"]) == (None, reason, False)


def test_a_missing_balance_never_becomes_the_lowest_tier_and_the_tier_returns_with_it() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    judge(bench, MONTHS[0], [wealth(0, MONTHS[0], Decimal(600_000))])
    lost = judge(bench, MONTHS[1], [wealth(0, MONTHS[1], None)])[0]
    back = judge(bench, MONTHS[2], [wealth(0, MONTHS[2], Decimal(400_000))])[0]
    assert (lost["held_rank"], lost["reason_code"], lost["past_rank"]) == (None, "no_balance", 4)
    assert (back["held_rank"], back["months_below"], back["watch"]) == (4, 1, True)


def test_month_end_balances_do_not_serve_a_policy_of_daily_averages() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    point = wealth(0, MONTHS[0], None, aum=Decimal(600_000), accounts_refused=0)
    row = judge(bench, MONTHS[0], [point], balance_basis="month_end")[0]
    assert (row["held_rank"], row["reason_code"]) == (None, "no_average")


def test_a_customer_who_closed_everything_starts_afresh_when_he_returns() -> None:
    bench = bench_with()
    lay_parties(bench, 1)
    judge(bench, MONTHS[0], [wealth(0, MONTHS[0], Decimal(7_000_000))])
    gone = judge(bench, MONTHS[1], [wealth(0, MONTHS[1], Decimal(0), accounts_open=0)])[0]
    back = judge(bench, MONTHS[2], [wealth(0, MONTHS[2], Decimal(60_000))])[0]
    assert (gone["held_rank"], gone["reason_code"], gone["past_rank"]) == (None, "no_account", None)
    assert (back["held_rank"], back["reason_code"]) == (2, "first")


def test_without_protection_the_tier_follows_the_month_end_at_once() -> None:
    bench = bench_with("berka")
    lay_parties(bench, 1)
    held = []
    for month, amount in zip(MONTHS, ("60000", "19999.99", "20000", "4999.99"), strict=False):
        rows = [wealth(0, month, None, aum=Decimal(amount), accounts_refused=0)]
        held.append(judge(bench, month, rows, balance_basis="month_end")[0]["held_rank"])
    assert held == [4, 2, 3, 1]
