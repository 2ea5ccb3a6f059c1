"""score.stage: ordered rules without holes, their boundaries, and equality with an oracle on random lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from banks import policy_of
from harness import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stage_oracle import Account, Life, Memory, judge

from guanxi.insight.months import month_end, months_between

FIRST = date(2025, 1, 1)
LONG_AGO = date(2015, 3, 1)
POLICY = policy_of("stage")
STAGES = {
    "no_account": "potential",
    "all_closed": "lost",
    "balance_gone": "lost",
    "returned": "won_back",
    "balance_fell": "declining",
    "asleep": "declining",
    "new_customer": "trial",
    "first_year": "growing",
    "balance_grew": "growing",
    "new_family": "growing",
    "steady": "mature",
}


class Lives:
    """Customers walked through months: rows of score.stage per month."""

    def __init__(self, lives: Sequence[Life], *, months: int, business_date: date | None = None) -> None:
        self.lives = lives
        self.months = list(months_between(FIRST, FIRST + timedelta(days=31 * months)))[:months]
        self.business_date = business_date
        self.bench = Bench()
        self.bench.policy(POLICY)
        self._lay()

    def _lay(self) -> None:
        people = enumerate(self.lives)
        self.bench.put(
            "core.party",
            [{"party_key": key, "bucket": 0, "kind": "person", "since": life.since} for key, life in people],
        )
        self.bench.put(
            "core.account",
            [
                {"account_no": f"{key}-{n}", "party_key": key, "bucket": 0, **vars(account)}
                for key, life in enumerate(self.lives)
                for n, account in enumerate(life.accounts)
            ],
        )
        wealth = [
            {"party_key": key, "month": month, "bucket": 0, "daily_average": amount}
            for key, life in enumerate(self.lives)
            for month, amount in zip(self.months, life.averages, strict=False)
        ]
        self.bench.put("feature.wealth_month", wealth, under="kept.feature_wealth_month")
        self.bench.put("staged.transactions", [{"transaction_no": "1", "day": FIRST}])
        self.bench.put("feature.joint_month", [])
        self.bench.put("score.stage", [], under="prev.score_stage")

    def walk(self) -> list[dict[int, dict[str, Any]]]:
        found = []
        for number, month in enumerate(self.months):
            last = number == len(self.months) - 1
            self.bench.month(month, business_date=self.business_date if last else None, first=number == 0)
            window = f"month BETWEEN DATE '{self.months[max(0, number - 8)]}' AND DATE '{month}'"
            self.bench.db.execute(
                "CREATE OR REPLACE TABLE past.feature_wealth_month AS "
                f"SELECT * FROM kept.feature_wealth_month WHERE {window}"
            )
            today = self.today(month, last)
            acted = [(key, [d for d in life.postings if d <= today]) for key, life in enumerate(self.lives)]
            self.bench.put(
                "feature.activity_month",
                [{"party_key": key, "last_initiated_on": max(days)} for key, days in acted if days],
            )
            rows = self.bench.run("score.stage")
            self.bench.db.execute("CREATE OR REPLACE TABLE prev.score_stage AS SELECT * FROM score.stage")
            found.append({row["party_key"]: row for row in rows})
        return found

    def today(self, month: date, last: bool) -> date:
        end = month_end(month)
        return min(end, self.business_date) if last and self.business_date else end

    def compare(self) -> None:
        """Every customer, every month: the step says what the oracle says."""
        memories = [Memory() for _ in self.lives]
        for number, rows in enumerate(self.walk()):
            month, last = self.months[number], number == len(self.months) - 1
            today = self.today(month, last)
            closed = today == month_end(month)
            for key, life in enumerate(self.lives):
                begun = life.since or min((a.opened_on for a in life.accounts), default=FIRST)
                if key not in rows:
                    assert begun > today
                    continue
                stage, reason, memories[key] = judge(
                    life, memories[key], POLICY, number - (not closed), today, today.day
                )
                row, memory = rows[key], memories[key]
                said = (
                    row["stage"],
                    row["reason_code"],
                    row["months_in_stage"],
                    row["old_base"],
                    row["was_lost"],
                    row["idle_days"],
                )
                assert said == (
                    stage,
                    reason,
                    memory.months,
                    memory.old_base,
                    memory.was_lost,
                    memory.idle,
                ), (month, life)


def life(*averages: object, opened: date = LONG_AGO, family: str = "time", **said: Any) -> Life:
    """An old customer with one unmatured time deposit and these averages."""
    amounts = [None if value is None else Decimal(str(value)) for value in averages]
    return Life(opened, [Account(family, opened, **said)], amounts)


def reasons(one: Life, months: int | None = None, **said: Any) -> list[str]:
    walked = Lives([one], months=months or len(one.averages), **said).walk()
    return [rows[0]["reason_code"] for rows in walked]


def test_who_never_had_an_account_is_potential() -> None:
    assert reasons(Life(None, [], []), 2) == ["no_account", "no_account"]


def test_who_closed_everything_is_lost_and_not_potential() -> None:
    assert reasons(life(5000, 5000, 0, closed_on=date(2025, 3, 5))) == ["steady", "steady", "all_closed"]


@pytest.mark.parametrize(
    ("last", "expected"),
    [("999.99", "balance_gone"), ("1000.00", "balance_fell"), ("1000.01", "balance_fell")],
)
def test_lost_by_balance_needs_two_closed_months_below_a_tenth_and_below_a_thousand(
    last: str, expected: str
) -> None:
    assert reasons(life(*[50000] * 7, 500, last))[-2:] == ["steady", expected]


def test_a_tenth_of_the_base_binds_where_it_is_less_than_the_ceiling() -> None:
    small = reasons(life(*[10000] * 7, 500, "999.99"))
    assert small[-1] == "balance_gone"
    assert reasons(life(*["9999.99"] * 7, 0, 0))[-1] == "steady"


@pytest.mark.parametrize(("fallen", "expected"), [("35000.00", "balance_fell"), ("35000.01", "steady")])
def test_declining_is_at_most_seven_tenths_of_the_base_for_two_months(fallen: str, expected: str) -> None:
    assert reasons(life(*[50000] * 7, fallen, fallen))[-2:] == ["steady", expected]


def test_who_leaves_over_many_months_is_lost_in_the_end_too() -> None:
    slow = reasons(life(*[31000] * 7, 2900, 1400, *[1390] * 8, 300, 3))
    assert slow[8:12] == ["balance_fell"] * 4
    assert slow[-2:] == ["steady", "balance_gone"]


def test_a_fall_that_was_made_good_is_forgotten() -> None:
    lives = Lives([life(*[50000] * 7, *[30000] * 3, 36000)], months=11)
    bases = [rows[0]["old_base"] for rows in lives.walk()]
    assert bases[7:11] == [None, Decimal(50000), Decimal(50000), None]
    assert reasons(life(*[50000] * 7, *[30000] * 3, 36000))[-1] != "returned"


def test_seventy_percent_of_three_hundred_yuan_is_noise() -> None:
    assert set(reasons(life(*[300] * 7, 1, 1))) == {"steady"}


def test_a_lost_customer_is_won_back_at_half_his_old_base_and_stays_so_for_six_months() -> None:
    walked = Lives([life(*[50000] * 7, 0, 0, 0, 24999, *[25000] * 8)], months=19).walk()
    rows = [(rows[0]["reason_code"], rows[0]["months_in_stage"]) for rows in walked]
    assert [reason for reason, _ in rows[8:10]] == ["balance_gone", "balance_gone"]
    assert rows[10][0] not in ("returned", "balance_gone")
    assert rows[11:17] == [("returned", n) for n in range(1, 7)]
    assert rows[17][0] != "returned"
    assert walked[9][0]["base_average"] == walked[12][0]["base_average"] == Decimal(50000)


def test_a_running_month_is_judged_on_the_closed_ones() -> None:
    running = life(*[50000] * 7, 500, 500, 90000)
    assert reasons(running, business_date=date(2025, 10, 12))[-1] == "balance_gone"


def test_sleep_is_excused_by_an_unmatured_deposit_until_it_matures() -> None:
    matured = life(*[20000] * 9, matures_on=date(2025, 8, 15))
    assert reasons(matured)[6:] == ["steady", "asleep", "asleep"]
    assert set(reasons(life(*[20000] * 9))) == {"steady"}
    assert reasons(life(*[20000] * 9, family="demand"))[4:7] == ["steady", "asleep", "asleep"]


def test_idle_days_run_from_the_last_own_posting() -> None:
    one = life(*[20000] * 8, family="demand")
    one.postings.append(date(2025, 2, 1))
    walked = Lives([one], months=8).walk()
    assert walked[6][0]["idle_days"] == 180
    assert [rows[0]["reason_code"] for rows in walked][5:7] == ["steady", "asleep"]


def test_without_any_transactions_nobody_sleeps() -> None:
    lives = Lives([life(*[20000] * 9, family="demand")], months=9)
    lives.bench.put("staged.transactions", [])
    walked = lives.walk()
    assert {rows[0]["reason_code"] for rows in walked} == {"steady"}
    assert walked[-1][0]["idle_days"] is None


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "new_customer"), (90, "new_customer"), (91, "first_year"), (365, "first_year"), (366, "steady")],
)
def test_tenure_cuts_fall_on_the_day(days: int, expected: str) -> None:
    opened = date(2025, 1, 31) - timedelta(days=days)
    assert reasons(life(100, opened=opened)) == [expected]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100000, 105000, "balance_grew"),
        (100000, "104999.99", "steady"),
        (100100, 105100, "steady"),
        (0, 5000, "balance_grew"),
    ],
)
def test_growth_needs_both_the_share_and_the_amount(before: object, after: object, expected: str) -> None:
    assert reasons(life(before, before, before, after))[-1] == expected


def test_a_new_product_family_makes_an_old_customer_grow_for_ninety_days() -> None:
    one = life(*[100] * 5)
    one.accounts.append(Account("wealth", date(2025, 1, 20)))
    assert reasons(one) == ["new_family"] * 3 + ["steady"] * 2
    again = life(*[100] * 2)
    again.accounts.append(Account("time", date(2025, 1, 20)))
    assert reasons(again) == ["steady", "steady"]


def test_companies_are_judged_on_deposits_as_the_policy_says() -> None:
    bench = Bench()
    bench.policy(POLICY)
    months = list(months_between(FIRST, date(2025, 9, 1)))
    bench.put("core.party", [{"party_key": 1, "kind": "company", "since": LONG_AGO}])
    bench.put("core.account", [{"account_no": "A", "party_key": 1, "family": "time", "opened_on": LONG_AGO}])
    amounts = [*[80000] * 7, 8000, 8000]
    rows = [
        {"party_key": 1, "month": m, "deposits_average": a, "daily_average": None}
        for m, a in zip(months, amounts, strict=True)
    ]
    bench.put("feature.wealth_month", rows, under="past.feature_wealth_month")
    bench.month(months[-1])
    assert bench.run("score.stage")[0]["reason_code"] == "balance_fell"


amounts = st.one_of(
    st.sampled_from([None, 0, 1, 999, 1000, 9999, 10000, 35000, 50000, 100000]).map(
        lambda value: None if value is None else Decimal(value)
    ),
    st.decimals(-500, 120000, places=2),
)
days = st.integers(-500, 500).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    opened = draw(days)
    closed = draw(
        st.none() | st.none() | st.none() | st.integers(0, 700).map(lambda n: opened + timedelta(days=n))
    )
    matures = draw(st.none() | st.integers(0, 700).map(lambda n: opened + timedelta(days=n)))
    return Account(
        draw(st.sampled_from(["demand", "time", "wealth", "fund", "loan"])), opened, closed, matures
    )


@st.composite
def histories(draw: st.DrawFn) -> Life:
    """Months in plateaus, so that two-month conditions and won-back spells are met often."""
    plateaus = draw(st.lists(st.tuples(amounts, st.integers(1, 8)), min_size=1, max_size=5))
    ordinary = [Account("time", LONG_AGO)]
    held = draw(st.one_of(st.just(ordinary), st.just(ordinary), st.lists(accounts(), max_size=3)))
    begun = min((account.opened_on for account in held), default=None)
    since = draw(st.sampled_from([begun, LONG_AGO if held else None]))
    postings = [day for day in draw(st.lists(days, max_size=3)) if day >= FIRST]
    return Life(since, held, [amount for amount, length in plateaus for _ in range(length)], postings)


@given(lives=st.lists(histories(), min_size=10, max_size=25), running=st.booleans())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_lives_go_through_the_stages_the_oracle_says(lives: list[Life], running: bool) -> None:
    months = 14
    Lives(lives, months=months, business_date=date(2026, 2, 11) if running else None).compare()


@given(lives=st.lists(histories(), min_size=1, max_size=20))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_customer_has_exactly_one_stage_and_its_reason(lives: list[Life]) -> None:
    for rows in Lives(lives, months=6).walk():
        assert all(row["stage"] == STAGES[row["reason_code"]] for row in rows.values())
        assert all(row["months_in_stage"] >= 1 for row in rows.values())
