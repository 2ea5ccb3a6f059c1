"""Wealth against a count made day by day, and the rules a banker would ask after."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import IDENTITY, WEALTH, bench_with
from harness import Bench
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from random_bank import DEPOSITS, RandomBank

from guanxi.insight.months import month_end, months_between

FIRST, LAST = date(2024, 1, 1), date(2024, 4, 17)
STEPS = (*IDENTITY, *WEALTH)
FEBRUARY = date(2024, 2, 1)


def days_of(month: date, last: date) -> list[date]:
    end = min(month_end(month), last)
    return [month + timedelta(days=n) for n in range(end.day)]


@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(min_value=0, max_value=10_000))
def test_wealth_equals_a_count_made_day_by_day(seed: int) -> None:
    bank = RandomBank(seed, FIRST, LAST)
    bench = bench_with()
    bank.lay(bench)
    bench.walk(STEPS, list(months_between(FIRST, LAST)), business_date=LAST)
    names = {said["party_key"]: name for name, said in bank.customers.items()}
    for row in bench.kept("feature.wealth_month"):
        name = names[row["party_key"]]
        days = days_of(row["month"], LAST)
        for component in ("demand", "time", "wealth", "fund"):
            assert row[component] == bank.component(name, component, days[-1]), (
                name,
                row["month"],
                component,
            )
        assert row["loans"] == bank.component(name, "loan", days[-1])
        assert row["deposits"] == sum(bank.component(name, part, days[-1]) for part in DEPOSITS)
        if bank.customers[name]["kind"] == "person":
            assert row["aum"] == bank.aum(name, days[-1])
            assert row["daily_average"] == bank.average(name, days)
            shown = ("demand", "time", "structured", "wealth", "fund", "insurance", "other", "in_transit")
            assert row["aum"] == sum(row[part] for part in shown)
        else:
            assert row["aum"] is row["daily_average"] is row["weighted_average"] is None


@settings(max_examples=2, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(min_value=0, max_value=10_000))
def test_a_month_worked_out_alone_from_the_one_before_equals_the_whole_history(seed: int) -> None:
    bank = RandomBank(seed, FIRST, LAST)
    whole, late = bench_with(), bench_with()
    bank.lay(whole)
    bank.lay(late)
    whole.walk(STEPS, list(months_between(FIRST, LAST)), business_date=LAST)
    late.walk(STEPS, list(months_between(FIRST, date(2024, 3, 1))), business_date=date(2024, 3, 31))
    last_before = [row for row in late.kept("feature.account_month") if row["month"] == date(2024, 3, 1)]
    late.put("prev.feature_account_month", last_before)
    late.month(date(2024, 4, 1), business_date=LAST)
    for name in ("core.balance_change", *WEALTH):
        if name == "core.balance_change":
            changes = [row for row in whole.kept(name) if row["day"] >= date(2024, 4, 1)]
            late.put(name, changes)
        else:
            late.run(name)
    assert late.rows("feature.wealth_month") == whole.rows("feature.wealth_month")


def one_customer(bench: Bench, accounts: list[dict[str, Any]], balances: list[dict[str, Any]]) -> None:
    bench.put("staged.customers", [{"customer_no": "1", "party_key": 1, "bucket": 1, "kind": "person"}])
    opened = [{"opened_on": date(2023, 12, 1), "family": "demand"} | account for account in accounts]
    bench.put("staged.accounts", opened)
    links = [{"account_no": a["account_no"], "customer_no": "1", "role": "holder"} for a in accounts]
    bench.put("staged.account_parties", links)
    bench.put("staged.balances", balances)


def balance(account_no: str, day: date, amount: int | str, **said: Any) -> dict[str, Any]:
    return {"account_no": account_no, "day": day, "balance": Decimal(amount)} | said


def test_money_in_transit_keeps_wealth_flat_every_day_between_two_products() -> None:
    accounts = [
        {"account_no": "old", "family": "wealth", "closed_on": date(2024, 2, 10)},
        {"account_no": "cash"},
        {"account_no": "new", "family": "wealth", "opened_on": date(2024, 2, 16)},
    ]
    moves = [
        balance("old", FEBRUARY, 500_000),
        balance("cash", FEBRUARY, 0),
        balance("cash", date(2024, 2, 10), 0, in_transit=Decimal(500_000)),
        balance("cash", date(2024, 2, 16), 0, in_transit=Decimal(0)),
        balance("new", date(2024, 2, 16), 500_000),
    ]
    for day in (1, 9, 10, 11, 15, 16, 17, 29):
        bench = bench_with()
        one_customer(bench, accounts, moves)
        bench.walk(STEPS, [FEBRUARY], business_date=date(2024, 2, day))
        row = bench.rows("feature.wealth_month")[0]
        assert (row["aum"], row["daily_average"]) == (Decimal(500_000), Decimal(500_000)), day


def test_a_new_customers_average_divides_by_the_calendar_days_of_the_month() -> None:
    bench = bench_with()
    one_customer(
        bench,
        [{"account_no": "A", "opened_on": date(2024, 2, 20)}],
        [balance("A", date(2024, 2, 20), 290_000)],
    )
    bench.walk(STEPS, [FEBRUARY])
    assert bench.rows("feature.wealth_month")[0]["daily_average"] == Decimal("100000.00")


def test_the_banks_own_sum_of_balance_days_is_taken_for_the_days_it_covers() -> None:
    bench = bench_with()
    own_sum = balance("A", date(2024, 2, 9), 100, balance_days=Decimal("12345.67"))
    one_customer(
        bench,
        [{"account_no": "A"}],
        [balance("A", FEBRUARY, 7), own_sum, balance("A", date(2024, 2, 20), 50)],
    )
    bench.walk(STEPS, [FEBRUARY])
    row = bench.rows("feature.account_month")[0]
    assert row["balance_days"] == Decimal("12345.67") + 10 * 100 + 10 * 50


def test_month_end_points_give_no_average() -> None:
    bench = bench_with()
    one_customer(bench, [{"account_no": "A"}], [balance("A", FEBRUARY, 7)])
    bench.walk(STEPS, [FEBRUARY], balance_basis="month_end")
    row = bench.rows("feature.wealth_month")[0]
    assert (row["aum"], row["daily_average"], row["basis"]) == (Decimal(7), None, "month_end")


def test_an_account_in_a_currency_without_rate_is_refused_by_name_and_its_owner_has_no_aum() -> None:
    bench = bench_with()
    moves = [balance("A", FEBRUARY, 7), balance("U", FEBRUARY, 9)]
    one_customer(bench, [{"account_no": "A"}, {"account_no": "U", "currency": "USD"}], moves)
    bench.put("staged.fx_rates", [{"currency": "USD", "day": date(2024, 1, 5), "mid": Decimal(7)}])
    bench.walk(STEPS, [FEBRUARY])
    refused = {row["account_no"]: row["refused"] for row in bench.rows("feature.account_month")}
    row = bench.rows("feature.wealth_month")[0]
    assert refused == {"A": None, "U": "no_rate"}
    assert (row["aum"], row["demand"], row["accounts_refused"]) == (None, Decimal(7), 1)


def test_an_open_account_never_seen_in_the_balances_is_missing_and_not_zero() -> None:
    bench = bench_with()
    one_customer(bench, [{"account_no": "A"}, {"account_no": "B"}], [balance("B", FEBRUARY, 7)])
    bench.walk(STEPS, [FEBRUARY])
    assert bench.rows("feature.account_month")[0]["refused"] == "no_balance"
    assert bench.rows("feature.wealth_month")[0]["aum"] is None


@pytest.mark.parametrize(
    ("total", "days", "average"),
    [
        ("0.15", 30, "0.01"),
        ("0.14", 30, "0.00"),
        ("-0.15", 30, "-0.01"),
        ("0.31", 31, "0.01"),
        ("100", 29, "3.45"),
    ],
)
def test_an_average_is_rounded_half_away_from_zero(total: str, days: int, average: str) -> None:
    month = {29: FEBRUARY, 30: date(2024, 4, 1), 31: date(2024, 1, 1)}[days]
    bench = bench_with()
    one_customer(
        bench, [{"account_no": "A"}], [balance("A", month, total), balance("A", month.replace(day=2), 0)]
    )
    bench.walk(STEPS, [month])
    assert bench.rows("feature.wealth_month")[0]["daily_average"] == Decimal(average)


def test_weights_touch_the_weighted_average_and_not_the_wealth() -> None:
    bench = bench_with()
    bench.policy_table(
        "aum_family",
        (
            ("family", "VARCHAR"),
            ("component", "VARCHAR"),
            ("weight", "DECIMAL(9,8)"),
        ),
        [("demand", "demand", Decimal("0.5"))],
    )
    one_customer(bench, [{"account_no": "A"}], [balance("A", FEBRUARY, 100)])
    bench.walk(STEPS, [FEBRUARY])
    row = bench.rows("feature.wealth_month")[0]
    assert (row["daily_average"], row["weighted_average"]) == (Decimal(100), Decimal(50))


def test_balances_of_a_bank_that_has_none_are_the_last_posting_of_each_day_in_file_order() -> None:
    bench = bench_with()
    one_customer(bench, [{"account_no": "A"}], [])

    def posting(number: str, line: int, day: date, after: int) -> dict[str, Any]:
        return {
            "transaction_no": number,
            "file": "t.csv",
            "line": line,
            "account_no": "A",
            "day": day,
            "balance_after": Decimal(after),
        }

    postings = [
        posting("9", 1, FEBRUARY, 10),
        posting("1", 2, FEBRUARY, 20),
        posting("5", 3, date(2024, 2, 11), 30),
    ]
    bench.put("staged.transactions", postings)
    bench.walk(STEPS, [FEBRUARY])
    row = bench.rows("feature.account_month")[0]
    assert (row["balance"], row["balance_days"]) == (Decimal(30), Decimal(10 * 20 + 19 * 30))


@settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(min_value=0, max_value=10_000))
def test_the_parts_of_a_joint_account_sum_to_it_and_only_the_primary_holder_bears_the_residual(
    seed: int,
) -> None:
    bank = RandomBank(seed, FIRST, FIRST.replace(day=31))
    bench = bench_with()
    bank.lay(bench)
    bench.walk(STEPS, [FIRST])
    whole = {row["account_no"]: row for row in bench.rows("feature.account_month")}
    parts = bench.rows("feature.joint_month")
    assert parts
    for column in ("balance_base", "in_transit_base", "balance_days_base", "in_transit_days_base"):
        for number in {row["account_no"] for row in parts}:
            assert sum(row[column] for row in parts if row["account_no"] == number) == whole[number][column]
