"""Margins against the transfer price and the contribution of a month, against Decimal arithmetic of their own."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from banks import policy_of
from harness import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MONTH = date(2026, 9, 1)
DAYS = 30
CENT = Decimal("0.01")
STEPS = ("feature.account_margin", "feature.joint_margin", "feature.contribution_month")


def account(number: str, family: str, **said: Any) -> dict[str, Any]:
    return {
        "account_no": number,
        "bucket": 1,
        "party_key": 1,
        "family": family,
        "currency": "CNY",
        "opened_on": date(2025, 1, 10),
        "started_on": date(2025, 1, 10),
        "holders": 1,
        **said,
    }


def month_of(number: str, average: str, *, in_transit: str = "0", **said: Any) -> dict[str, Any]:
    days, moving = Decimal(average) * DAYS, Decimal(in_transit) * DAYS
    return {
        "account_no": number,
        "month": MONTH,
        "bucket": 1,
        "balance_base": Decimal(average),
        "balance_days_base": days + moving,
        "in_transit_days_base": moving,
        "days": DAYS,
        **said,
    }


def price(family: str, tenor: int, day: date, rate: str, currency: str = "CNY") -> dict[str, Any]:
    return {"family": family, "currency": currency, "tenor_days": tenor, "day": day, "rate": Decimal(rate)}


PRICES = [
    price("demand", 0, date(2025, 1, 1), "0.0150"),
    price("demand", 0, date(2026, 9, 1), "0.0140"),
    price("demand", 0, date(2026, 9, 2), "0.0130"),
    price("time", 90, date(2025, 1, 1), "0.0180"),
    price("time", 365, date(2025, 1, 1), "0.0210"),
    price("time", 365, date(2025, 1, 10), "0.0220"),
    price("time", 365, date(2025, 1, 11), "0.0999"),
    price("time", 1095, date(2025, 1, 1), "0.0260"),
    price("loan", 365, date(2025, 1, 1), "0.0250"),
]


def margins(
    accounts: list[dict[str, Any]], months: list[dict[str, Any]], **tables: list[dict[str, Any]]
) -> Bench:
    bench = Bench()
    bench.policy(policy_of("contribution", service_cost_year=Decimal(68)))
    bench.month(MONTH)
    bench.put("core.party", [{"party_key": key, "bucket": 1, "customer_no": f"C{key}"} for key in (1, 2, 3)])
    bench.put("core.account", accounts)
    bench.put("feature.account_month", months)
    bench.put("staged.ftp_rates", tables.pop("prices", PRICES))
    for name, rows in tables.items():
        bench.put(name.replace("__", "."), rows)
    for step in STEPS:
        bench.run(step)
    return bench


def one(bench: Bench, step: str = "feature.account_margin") -> dict[str, Any]:
    rows = bench.rows(step)
    assert len(rows) == 1
    return rows[0]


def test_a_time_deposit_takes_the_newest_price_on_its_start_day_and_the_smallest_covering_tenor() -> None:
    row = one(
        margins([account("A", "time", term_days=180, rate=Decimal("0.0155"))], [month_of("A", "100000")])
    )
    assert (row["ftp_rate"], row["covers_days"], row["price_day"]) == (
        Decimal("0.0220"),
        365,
        date(2025, 1, 10),
    )
    assert row["margin"] == Decimal("54.17")  # 100,000 × 30 × (2.20 % − 1.55 %) / 360


def test_a_demand_deposit_is_priced_at_each_month_start() -> None:
    row = one(margins([account("A", "demand", rate=Decimal("0.0005"))], [month_of("A", "10000")]))
    assert (row["ftp_rate"], row["margin"]) == (Decimal("0.0140"), Decimal("11.25"))


def test_ten_million_at_one_and_a_half_percent_with_a_price_of_two_earn_fifty_thousand_a_year() -> None:
    prices = [price("time", 365, date(2020, 1, 1), "0.02")]
    rows = [account("A", "time", term_days=365, rate=Decimal("0.015"))]
    year = month_of("A", "10000000") | {"balance_days_base": Decimal(10_000_000 * 360)}
    assert one(margins(rows, [year], prices=prices))["margin"] == Decimal("50000.00")


def test_money_in_transit_earns_no_deposit_margin() -> None:
    accounts = [account("A", "demand", rate=Decimal("0.0005"))]
    assert one(margins(accounts, [month_of("A", "10000", in_transit="50000")]))["margin"] == Decimal("11.25")


def test_a_tenor_longer_than_any_list_is_refused_by_name_and_leaves_no_contribution() -> None:
    bench = margins(
        [account("A", "time", term_days=1826, rate=Decimal("0.02")), account("B", "demand")],
        [month_of("A", "100000"), month_of("B", "100")],
    )
    assert [(r["account_no"], r["margin"], r["without"]) for r in bench.rows("feature.account_margin")] == [
        ("A", None, "price"),
        ("B", Decimal("0.11"), None),
    ]
    row = one(bench, "feature.contribution_month")
    assert (row["accounts_without_price"], row["contribution"], row["deposit_margin"]) == (1, None, None)


def test_without_any_price_list_no_contribution_is_computed_and_none_is_zero() -> None:
    row = one(
        margins([account("A", "demand")], [month_of("A", "100")], prices=[]), "feature.contribution_month"
    )
    assert row["contribution"] is None


@pytest.mark.parametrize(
    ("said", "without"),
    [({"rate": None}, "rate"), ({"currency": "USD", "rate": Decimal("0.01")}, "price"), ({}, "rate")],
)
def test_what_a_margin_lacks_is_named(said: dict[str, Any], without: str) -> None:
    assert (
        one(margins([account("A", "time", term_days=90, **said)], [month_of("A", "1")]))["without"] == without
    )


def test_a_balance_that_was_refused_is_no_zero_balance() -> None:
    refused = month_of("A", "0") | {
        "balance_base": None,
        "balance_days_base": None,
        "in_transit_days_base": None,
    }
    assert one(margins([account("A", "demand")], [refused]))["without"] == "balance"


def test_month_end_points_stand_for_the_month_where_there_is_no_average() -> None:
    point = month_of("A", "10000") | {"balance_days_base": None, "in_transit_days_base": None}
    assert one(margins([account("A", "demand", rate=Decimal("0.0005"))], [point]))["margin"] == Decimal(
        "11.25"
    )


def test_a_loan_earns_its_rate_less_the_price_and_nothing_once_non_performing() -> None:
    loan = account("L", "loan", term_days=365, rate=Decimal("0.0600"), loan_class="normal")
    good = one(margins([loan], [month_of("L", "120000")]))
    assert (good["margin"], good["expected_loss"]) == (Decimal("350.00"), Decimal("45.00"))
    bad = one(margins([loan | {"loan_class": "substandard"}], [month_of("L", "120000")]))
    assert (bad["margin"], bad["expected_loss"], bad["without"]) == (Decimal(0), Decimal("1800.00"), None)


def test_a_customers_own_pd_and_lgd_stand_before_the_policys_while_the_loan_performs() -> None:
    loan = account("L", "loan", term_days=365, rate=Decimal("0.0600"), loan_class="normal")
    credit = [{"customer_no": "C1", "pd": Decimal("0.03"), "lgd": Decimal("0.20")}]
    assert one(margins([loan], [month_of("L", "120000")], staged__credit=credit))["expected_loss"] == Decimal(
        "60.00"
    )
    bad = margins([loan | {"loan_class": "loss"}], [month_of("L", "120000")], staged__credit=credit)
    assert one(bad)["expected_loss"] == Decimal("2000.00")


def test_fees_surtax_and_cost_to_serve_complete_the_contribution() -> None:
    bench = margins(
        [account("L", "loan", term_days=365, rate=Decimal("0.0600"), loan_class="normal")],
        [month_of("L", "120000")],
        feature__wealth_month=[{"party_key": 1, "accounts_open": 1}, {"party_key": 2, "accounts_open": 0}],
        feature__activity_month=[
            {"party_key": 1, "fee_amount": Decimal(50)},
            {"party_key": 3, "fee_amount": Decimal(8)},
        ],
    )
    first, third = bench.rows("feature.contribution_month")
    assert (first["surtax"], first["service_cost"]) == (Decimal("2.88"), Decimal("5.67"))
    assert first["contribution"] == Decimal(350) + 50 - 45 - Decimal("2.88") - Decimal("5.67")
    assert (third["party_key"], third["contribution"]) == (3, Decimal("7.94"))


@given(margin=st.integers(-(10**9), 10**9), shares=st.lists(st.integers(1, 97), min_size=2, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_parts_of_a_joint_account_sum_to_the_account(margin: int, shares: list[int]) -> None:
    total = sum(shares)
    parts = [(Decimal(share) / total).quantize(Decimal("0.00000001")) for share in shares]
    parts[0] += 1 - sum(parts)
    bench = Bench()
    bench.month(MONTH)
    whole = {
        "account_no": "A",
        "month": MONTH,
        "bucket": 1,
        "party_key": 0,
        "holders": len(parts),
        "side": "deposit",
    }
    money = Decimal(margin) / 100
    bench.put("feature.account_margin", [whole | {"margin": money, "expected_loss": Decimal(0)}])
    bench.put(
        "core.holding",
        [
            {"account_no": "A", "party_key": key, "bucket": key, "share": part, "is_primary": key == 0}
            for key, part in enumerate(parts)
        ],
    )
    rows = bench.run("feature.joint_margin")
    assert sum(row["margin"] for row in rows) == money
    assert all(
        row["margin"] == (money * parts[row["party_key"]]).quantize(CENT, ROUND_HALF_UP) for row in rows[1:]
    )


rates = st.decimals("0", "0.09", places=6)


@given(
    balance_days=st.integers(-(10**11), 10**13),
    rate=rates,
    prices=st.lists(
        st.tuples(st.sampled_from((30, 90, 365, 1095)), st.integers(0, 40), rates),
        max_size=12,
        unique_by=lambda p: p[:2],
    ),
    tenor=st.integers(1, 1200),
    start=st.integers(0, 40),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_price_list_gives_what_plain_decimals_give(
    balance_days: int, rate: Decimal, prices: list[tuple[int, int, Decimal]], tenor: int, start: int
) -> None:
    day_zero = date(2025, 6, 1)
    start_day = day_zero + timedelta(days=start)
    lists = [price("time", t, day_zero + timedelta(days=d), str(r)) for t, d, r in prices]
    rows = [account("A", "time", term_days=tenor, rate=rate, started_on=start_day)]
    month = month_of("A", "0") | {"balance_days_base": Decimal(balance_days) / 100}
    found = one(margins(rows, [month], prices=lists))
    covering = sorted({t for t, d, _ in prices if t >= tenor and d <= start})
    if not covering:
        assert (found["margin"], found["without"]) == (None, "price")
        return
    newest = max((d, r) for t, d, r in prices if t == covering[0] and d <= start)
    parts = (Decimal(balance_days) / 100 * (newest[1] - rate)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    assert found["ftp_rate"] == newest[1]
    assert found["margin"] == (parts / 360).quantize(CENT, ROUND_HALF_UP)
