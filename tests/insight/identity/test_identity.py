"""staged → core: who is a customer, who owns what, who is only named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from builders import IDENTITY, bench_with
from harness import Bench

ONCE = tuple(name for name in IDENTITY if name != "core.balance_change")
DAY = date(2024, 3, 31)


def bank(links: list[dict[str, Any]], **more: Any) -> Bench:
    """Customers 1..4 (4 is a company), accounts A and B, and who stands behind them; core made."""
    bench = bench_with()
    customers = [
        {
            "customer_no": str(key),
            "party_key": key,
            "bucket": key,
            "kind": "company" if key == 4 else "person",
        }
        for key in (1, 2, 3, 4)
    ]
    bench.put("staged.customers", customers)
    accounts = [
        {"account_no": "A", "opened_on": date(2020, 5, 1), "unit_no": "U1"},
        {"account_no": "B", "opened_on": date(2021, 5, 1), "unit_no": "U2", "family": "loan"},
    ]
    bench.put("staged.accounts", accounts)
    bench.put("staged.account_parties", links)
    for name, rows in more.items():
        bench.put(f"staged.{name}", rows)
    bench.put("staged.transactions", more.get("transactions", []), under="past.staged_transactions")
    bench.month(date(2024, 3, 1))
    for name in ONCE:
        bench.run(name)
    return bench


def link(account_no: str, customer_no: str, role: str, share: str | None = None) -> dict[str, Any]:
    return {
        "account_no": account_no,
        "customer_no": customer_no,
        "role": role,
        "share": None if share is None else Decimal(share),
    }


def holdings(bench: Bench) -> dict[tuple[str, int], tuple[Decimal, bool]]:
    return {
        (row["account_no"], row["party_key"]): (row["share"], row["is_primary"])
        for row in bench.rows("core.holding")
    }


def test_a_personal_account_belongs_to_its_holder_alone_and_others_are_only_named() -> None:
    bench = bank([link("A", "1", "holder"), link("A", "2", "authorised"), link("A", "3", "joint")])
    assert holdings(bench) == {("A", 1): (Decimal(1), True)}
    named = {(row["party_key"], row["role"]) for row in bench.rows("core.account_role")}
    assert named == {(2, "authorised"), (3, "joint")}
    owners = {row["party_key"]: row["is_owner"] for row in bench.rows("core.party")}
    assert owners == {1: True, 2: False, 3: False, 4: True}


def test_shares_count_when_the_bank_gives_them_and_they_sum_to_one() -> None:
    bench = bank([link("A", "2", "joint", "0.6"), link("A", "1", "holder", "0.4")])
    assert holdings(bench) == {("A", 1): (Decimal("0.4"), True), ("A", 2): (Decimal("0.6"), False)}


@pytest.mark.parametrize("shares", [("0.5", "0.4"), ("1", "0"), ("0.5", None)])
def test_shares_that_do_not_sum_to_one_leave_the_account_with_its_holder(
    shares: tuple[str, str | None],
) -> None:
    bench = bank([link("A", "1", "holder", shares[0]), link("A", "2", "joint", shares[1])])
    assert holdings(bench) == {("A", 1): (Decimal(1), True)}


def test_an_account_without_product_or_family_counts_as_demand_deposit_and_a_loan_is_no_wealth() -> None:
    bench = bank([link("A", "1", "holder"), link("B", "1", "holder")])
    counted = {
        row["account_no"]: (row["family"], row["component"], row["in_aum"])
        for row in bench.rows("core.account")
    }
    assert counted == {"A": ("demand", "demand", True), "B": ("loan", "loan", False)}


def test_the_product_list_decides_the_family() -> None:
    products = [{"product_code": "P", "name": "三年期", "family": "time"}]
    accounts = [{"account_no": "A", "opened_on": DAY, "product_code": "P", "family": "demand"}]
    bench = bank([link("A", "1", "holder")], products=products, accounts=accounts)
    row = bench.rows("core.account")[0]
    assert (row["family"], row["product_name"], row["currency"]) == ("time", "三年期", "CNY")


def test_a_customer_without_outlet_or_start_takes_those_of_the_oldest_account() -> None:
    bench = bank([link("B", "1", "holder"), link("A", "1", "holder")])
    row = bench.rows("core.party")[0]
    assert (row["unit_no"], row["since"]) == ("U1", date(2020, 5, 1))


def test_every_ground_on_which_nothing_is_offered_is_folded_into_one_flag() -> None:
    said = [{}, {"no_offers": True}, {"control": "limit"}, {"control": "stop"}, {"control": "allow"}]
    bench = bench_with()
    bench.put("staged.customers", [
        {"customer_no": str(key), "party_key": key, "bucket": key, "kind": "person", "no_offers": False} | told
        for key, told in enumerate(said)
    ])  # fmt: skip
    for name in ("accounts", "account_parties"):
        bench.put(f"staged.{name}", [])
    bench.month(date(2024, 3, 1))
    for name in ONCE:
        bench.run(name)
    flags = {row["party_key"]: row["offers_paused"] for row in bench.rows("core.party")}
    assert flags == {0: False, 1: True, 2: True, 3: True, 4: False}
    assert not {"control", "no_offers"} & {name for row in bench.rows("core.party") for name in row}


def test_an_account_nobody_owns_stays_in_the_lake_without_an_owner() -> None:
    bench = bank([link("A", "9", "holder")])
    assert {row["party_key"] for row in bench.rows("core.account")} == {None}


def salary(number: int, day: date, payer: str | None = "4", purpose: str = "salary") -> dict[str, Any]:
    return {
        "transaction_no": str(number),
        "account_no": "A",
        "day": day,
        "direction": "credit",
        "purpose": purpose,
        "paid_by_no": payer,
    }


@pytest.mark.parametrize(
    ("postings", "is_employee"),
    [
        ([salary(1, date(2024, 2, 10)), salary(2, date(2024, 3, 10))], True),
        ([salary(1, date(2024, 3, 10))], False),
        ([salary(1, date(2023, 11, 10)), salary(2, date(2024, 3, 10))], False),
        (
            [
                salary(1, date(2024, 2, 10), purpose="pension"),
                salary(2, date(2024, 3, 10), purpose="pension"),
            ],
            False,
        ),
        ([salary(1, date(2024, 2, 10), payer=None), salary(2, date(2024, 3, 10), payer=None)], False),
    ],
)
def test_two_salaries_in_three_months_make_an_employee_and_a_pension_does_not(
    postings: list[dict[str, Any]], is_employee: bool
) -> None:
    bench = bank([link("A", "1", "holder")], transactions=postings)
    found = [(row["party_key"], row["other_key"], row["evidence"]) for row in bench.rows("core.relation")]
    assert found == ([(1, 4, "payroll")] if is_employee else [])


def test_a_declared_employment_is_not_told_twice() -> None:
    declared = [{"customer_no": "1", "other_no": "4", "kind": "employee"}]
    postings = [salary(1, date(2024, 2, 10)), salary(2, date(2024, 3, 10))]
    bench = bank([link("A", "1", "holder")], relations=declared, transactions=postings)
    assert [row["evidence"] for row in bench.rows("core.relation")] == ["declared"]


def test_every_unit_stands_over_itself_and_all_below_and_an_unknown_unit_stands_alone() -> None:
    units = [
        {"unit_no": "0", "kind": "legal_entity"},
        {"unit_no": "1", "parent_no": "0", "kind": "branch"},
        {"unit_no": "11", "parent_no": "1", "kind": "outlet"},
    ]
    bench = bank([link("A", "1", "holder")], units=units)
    below: dict[str, set[str]] = {}
    for row in bench.rows("core.unit_scope"):
        below.setdefault(row["unit_no"], set()).add(row["member_no"])
    assert below == {"0": {"0", "1", "11"}, "1": {"1", "11"}, "11": {"11"}, "U1": {"U1"}, "U2": {"U2"}}


def test_units_that_name_each_other_as_parents_do_not_hang_the_run() -> None:
    units = [{"unit_no": "1", "parent_no": "2"}, {"unit_no": "2", "parent_no": "1"}]
    bench = bank([link("A", "1", "holder")], units=units)
    assert {row["unit_no"] for row in bench.rows("core.unit_scope")} == {"1", "2", "U1", "U2"}
