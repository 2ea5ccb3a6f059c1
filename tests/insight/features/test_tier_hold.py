"""feature.tier_hold: who meets a condition of the policy, month by month, at its edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from banks import policy_of
from harness import Bench

from guanxi.insight.policies.tier import Hold, TierPolicy

MONTH = date(2026, 9, 1)
HOLDS = (
    Hold("payroll", "silver", pay_months=3, pay_credits=2),
    Hold("loan", "silver", codes=("LN-MORT",)),
    Hold("business", "gold", codes=("micro_owner",)),
)


def laid(holds: tuple[Hold, ...] = HOLDS, **tables: list[dict[str, Any]]) -> Bench:
    policy = policy_of("tier", "demo")
    assert isinstance(policy, TierPolicy)
    person = replace(policy.scheme("person"), holds=holds)
    bench = Bench()
    bench.policy(replace(policy, schemes=(person, *policy.schemes[1:])))
    bench.month(MONTH)
    for name, rows in tables.items():
        family, noun = name.split("__")
        if family == "past":
            bench.put("feature.salary_month", rows, under="past.feature_salary_month")
        else:
            bench.put(f"{family}.{noun}", rows)
    return bench


def party(key: int, **said: Any) -> dict[str, Any]:
    return {"party_key": key, "bucket": 0, "kind": "person", **said}


def salary(key: int, month: int, times: int = 1, payer: str = "E") -> dict[str, Any]:
    return {"party_key": key, "payer_no": payer, "month": date(2026, month, 1), "credits": times}


def found(bench: Bench) -> dict[int, tuple[str, int]]:
    return {row["party_key"]: (row["criterion"], row["tier_rank"]) for row in bench.run("feature.tier_hold")}


def test_salary_must_have_come_twice_in_three_months() -> None:
    bench = laid(
        core__party=[party(key) for key in range(5)],
        past__salary=[
            salary(0, 9), salary(0, 8),  # twice
            salary(1, 9),  # once
            salary(2, 6), salary(2, 5),  # too long ago: two cycles missed
            salary(3, 7), salary(3, 9, payer="F"),  # two employers
            salary(4, 7, times=2),
        ],
    )  # fmt: skip
    assert found(bench) == {0: ("payroll", 3), 3: ("payroll", 3), 4: ("payroll", 3)}


def test_a_loan_holds_while_something_is_owed_and_only_of_the_products_named() -> None:
    bench = laid(
        core__party=[party(key) for key in range(3)],
        core__account=[
            {"account_no": "A", "party_key": 0, "product_code": "LN-MORT", "component": "loan"},
            {"account_no": "B", "party_key": 1, "product_code": "LN-CONS", "component": "loan"},
            {"account_no": "C", "party_key": 2, "product_code": "LN-MORT", "component": "loan"},
        ],
        feature__account_month=[
            {"account_no": "A", "month": MONTH, "balance_base": Decimal("0.01")},
            {"account_no": "B", "month": MONTH, "balance_base": Decimal(9)},
            {"account_no": "C", "month": MONTH, "balance_base": Decimal(0)},
        ],
    )
    assert found(bench) == {0: ("loan", 3)}


def test_of_several_the_one_that_holds_the_highest_tier_counts_then_the_policys_order() -> None:
    people = [party(0, resident_type="micro_owner"), party(1, resident_type="farmer")]
    owed: dict[str, Any] = {
        "core__account": [
            {"account_no": "A", "party_key": 1, "product_code": "LN-MORT", "component": "loan"}
        ],
        "feature__account_month": [{"account_no": "A", "month": MONTH, "balance_base": Decimal(9)}],
        "past__salary": [salary(0, 9, 2), salary(1, 9, 2)],
    }
    assert found(laid(core__party=people, **owed)) == {0: ("business", 4), 1: ("payroll", 3)}
    assert found(laid(holds=tuple(reversed(HOLDS)), core__party=people, **owed))[1] == ("loan", 3)


def test_a_bank_without_conditions_and_a_company_hold_nothing() -> None:
    assert found(laid(holds=(), core__party=[party(0)], past__salary=[salary(0, 9, 2)])) == {}
    company = party(0, kind="company", size_class="small", resident_type="micro_owner")
    assert found(laid(core__party=[company])) == {}
