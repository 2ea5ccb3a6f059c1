"""Account reminders: a card's days, and debits met from the paying account in the order they fall due."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from builders import bench_with
from harness import Bench

TODAY = date(2024, 2, 10)


def after(days: int) -> date:
    return TODAY + timedelta(days=days)


def laid(accounts: dict[str, dict[str, Any]], balances: dict[str, str]) -> Bench:
    """Open accounts of one customer, each as named, on the demo bank's policy: cards 45 and 15 days, debits 7."""
    bench = bench_with(kinds=("reminder",))
    bench.month(date(2024, 2, 1), business_date=TODAY)
    bench.put("core.party", [{"party_key": 1, "bucket": 1, "unit_no": "U", "keeper_no": "K"}])
    plain = {"party_key": 1, "bucket": 1, "family": "demand", "currency": "CNY"}
    bench.put("core.account", [{"account_no": name, **plain, **said} for name, said in accounts.items()])
    amounts = [{"account_no": name, "balance": Decimal(value)} for name, value in balances.items()]
    bench.put("feature.account_month", amounts)
    return bench


def test_a_card_is_told_of_from_so_many_days_before_its_last_day_to_so_many_after() -> None:
    bench = laid(
        {
            "first day": {"card_expires_on": after(45)},
            "too early": {"card_expires_on": after(46)},
            "today": {"card_expires_on": after(0)},
            "just over": {"card_expires_on": after(-15)},
            "long over": {"card_expires_on": after(-16)},
            "not handed over": {},
            "closed": {"card_expires_on": after(3), "closed_on": TODAY},
            "nobody's": {"card_expires_on": after(3), "party_key": None},
        },
        {},
    )
    found = {row["account_no"]: (row["kind"], row["days_left"]) for row in bench.run("report.reminder")}
    assert found == {"first day": ("card", 45), "today": ("card", 0), "just over": ("card", -15)}


def test_a_debit_is_told_of_when_its_paying_account_lacks_the_policys_amount_on_its_days() -> None:
    owed = {"family": "loan", "due_amount": Decimal(100), "due_on": after(7), "paid_from_no": "payer"}
    bench = laid(
        {
            "payer": {},
            "dollars": {"currency": "USD"},
            "last day": owed,
            "too far": {**owed, "due_on": after(8)},
            "gone by": {**owed, "due_on": after(-1)},
            "payer not named": {**owed, "paid_from_no": None},
            "payer not known": {**owed, "paid_from_no": "elsewhere"},
            "other currency": {**owed, "paid_from_no": "dollars"},
            "pays itself": {"due_amount": Decimal("60.00"), "due_on": after(1)},
            "lacks too little": {"due_amount": Decimal("60.00"), "due_on": after(1)},
        },
        {"payer": "89.50", "dollars": "0", "pays itself": "50.00", "lacks too little": "50.01"},
    )
    found = {
        row["account_no"]: (row["days_left"], row["available"], row["short"], row["keeper_no"])
        for row in bench.run("report.reminder")
    }
    assert found == {
        "last day": (7, Decimal("89.50"), Decimal("10.50"), "K"),
        "pays itself": (1, Decimal("50.00"), Decimal("10.00"), "K"),
    }


def test_debits_of_one_account_are_met_in_the_order_they_fall_due() -> None:
    owed = {"family": "loan", "due_amount": Decimal(100), "paid_from_no": "payer"}
    bench = laid(
        {
            "payer": {"due_on": after(1), "due_amount": Decimal(30)},
            "second": {**owed, "due_on": after(2)},
            "third": {**owed, "due_on": after(3)},
        },
        {"payer": "120"},
    )
    found = {row["account_no"]: row["short"] for row in bench.run("report.reminder")}
    assert found == {"second": Decimal(10), "third": Decimal(100)}  # 30 + 100 + 100 asked of 120


def test_a_bank_that_hands_over_none_of_it_has_no_reminders() -> None:
    bench = laid({"a": {}, "b": {"family": "loan"}}, {"a": "5", "b": "9"})
    assert bench.run("report.reminder") == []
