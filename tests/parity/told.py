"""Rows told on purpose, for steps that hostile rows never get through: several things have to be true of one customer
at once, so ten rows drawn by lot give no row at all and both engines agree on nothing. Amounts lie on and beside the
lines of the demo bank's policies. The business date is 29 February 2024.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.parity.hostile import MONTH, laid

from guanxi.insight.tables import TABLES

DAY = date(2024, 2, 29)
Row = Mapping[str, Any]


def back(months: int) -> date:
    """The first day of the month so many months before February 2024."""
    place = MONTH.year * 12 + MONTH.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


def money(text: str) -> Decimal:
    return Decimal(text)


def worth(key: int, *amounts: str, **more: Any) -> list[Row]:
    """A customer's wealth by its averages, the newest month first; a cent more stands at the month's end."""
    return [
        {"party_key": key, "bucket": key, "month": back(number), "daily_average": money(amount),
         "aum": money(amount) + money("0.01"), "accounts_open": 1, **more}
        for number, amount in enumerate(amounts)
    ]  # fmt: skip


def member(key: int) -> Row:
    return {
        "party_key": key,
        "own_key": key,
        "customer_no": f"C{key}",
        "bucket": key,
        "members": 1,
        "decided_by": "",
    }


def log_ins(key: int, now: int, before: int) -> list[Row]:
    """Days with a log-in in the last 30 days, and in the 90 days before."""
    days = [
        *(DAY - timedelta(number) for number in range(now)),
        *(DAY - timedelta(30 + number) for number in range(before)),
    ]
    return [{"customer_no": f"C{key}", "event": "log_in", "day": day} for day in days]


def pay(key: int, payer: str, last: date, cycles: int, amount: str) -> list[Row]:
    """Salaries of so many months, the last one on a day."""
    return [
        {"party_key": key, "bucket": key, "payer_no": payer, "month": back(number + 1), "credits": 1,
         "amount": money(amount), "last_paid_on": last - timedelta(30 * number)}
        for number in range(cycles)
    ]  # fmt: skip


def account(no: str, key: int, family: str, matures: date, **more: Any) -> Row:
    return {"account_no": no, "party_key": key, "bucket": key, "family": family, "matures_on": matures, "holders": 1,
            "rolls_over": False, "product_name": "一年定期", "opened_on": date(2023, 2, 28)} | more  # fmt: skip


def party(key: int, **more: Any) -> Row:
    return {"party_key": key, "customer_no": f"C{key}", "bucket": key, "kind": "person", "unit_no": "U1",
            "keeper_no": "S1", "name": f"单位{key}", "state": "active", "professional": False,
            "offers_paused": False} | more  # fmt: skip


_LATE = date(2023, 12, 28)
_PUT_AWAY = {
    name: money("0") for name in ("structured", "wealth", "fund", "insurance", "other", "in_transit")
}

TOLD: Mapping[str, Mapping[str, Sequence[Row]]] = {
    "feature.salary_month": {
        "staged.transactions": [
            {"account_no": "A1", "direction": "credit", "purpose": "salary", "day": DAY,
             "amount": money("8000.05"), "paid_by_no": "C9"},
            {"account_no": "A1", "direction": "credit", "purpose": "salary", "day": MONTH,
             "amount": money("0.01"), "paid_by_no": None},
            {"account_no": "A2", "direction": "debit", "purpose": "salary", "day": DAY,
             "amount": money("5")},
        ],
        "core.account": [account("A1", 1, "demand", DAY), account("A2", 2, "demand", DAY)],
    },
    "feature.signal_habit": {
        "past.staged_channel_events": [*log_ins(1, 1, 9), *log_ins(2, 2, 9), *log_ins(3, 0, 9), *log_ins(4, 0, 8)],
        "core.party_member": [member(key) for key in (1, 2, 3, 4, 5)],
        "past.feature_wealth_month": [
            *worth(5, "60000", "80000", "90000", "100000"),  # falls by its line
            *worth(6, "94999.99", "100000", "100000", "100000"),  # a cent above the least fall
            *worth(7, "-5.55", "0.01", "33333.33", "66666.67"),
            *worth(8, "60000", "80000", "90000"),  # a month is not known
        ],
    },
    "feature.signal_payroll": {
        "past.feature_salary_month": [
            *pay(1, "C9", _LATE, 3, "8000.05"),
            *pay(2, "", date(2023, 12, 20), 4, "100.01"),
            *pay(3, "C9", DAY, 3, "7000"),  # paid in time
            *pay(4, "C9", date(2023, 12, 15), 3, "7000"),  # too long ago
            *(row for key in (5, 6, 7) for row in pay(key, "C8", date(2023, 12, 31), 3, "3333.33")),  # a whole employer
        ],
        "core.party_member": [member(key) for key in (1, 2, 8, 9)],
        "core.party": [party(8, kind="company"), party(9, kind="company")],
    },
    "feature.signal_maturity": {
        "core.account": [account("A1", 1, "time", date(2024, 2, 10)), account("A2", 1, "time", date(2024, 1, 31)),
                         account("A3", 2, "time", DAY), account("A4", 3, "time", DAY, rolls_over=True)],
        "past.feature_account_month": [
            {"account_no": f"A{number}", "month": back(1 if number != 2 else 2), "balance_base": money(amount)}
            for number, amount in ((1, "10000.00"), (2, "0.01"), (3, "50000.05"), (4, "90000"))
        ],
        "past.feature_wealth_month": [
            *(row | {"time": row["aum"], **_PUT_AWAY} for key, amounts in
              ((1, ("0", "5000", "10000.01")), (2, ("25000", "50000.05", "50000.05")), (3, ("0", "90000", "90000")))
              for row in worth(key, *amounts)),
        ],
    },
    "score.churn_label": {
        "past.feature_wealth_month": [
            *worth(1, "24999.99", "25000", "50000", "60000", "50000", "50000", "50000"),  # lost by the line
            *worth(2, "25000.01", "20000", "50000", "60000", "50000", "50000", "50000"),  # came back by a cent
            *worth(3, "999.98", "0", "0", "0", "10000", "10000", "10000"),  # exit
            *worth(4, "7", "7", "7", "7", "7", "7"),  # a month of the base is not known
        ],
        "past.feature_activity_month": [
            {"party_key": key, "month": back(number), "last_initiated_on": day}
            for key, now, then in ((1, DAY, date(2023, 10, 5)), (3, date(2023, 9, 2), date(2023, 9, 2)))
            for number, day in ((0, now), (4, then))
        ],
        "past.score_tier": [
            {"party_key": key, "month": back(number), "scheme": "person", "held_rank": rank}
            for key, now, then in ((1, 3, 5), (2, 5, 5), (3, None, 2))
            for number, rank in ((0, now), (4, then))
        ],
    },
    "report.lifetime_check": {
        "past.score_lifetime": [
            {"party_key": key, "month": back(months), "next_12m": money(expected), "contribution_12m": money(came)}
            for key in range(1, 15)
            for months, expected, came in (
                (12, f"{key * 33.33:.2f}", f"{-key * 5.55:.2f}"), (0, "1", f"{(key % 4) * 100000.05:.2f}"))
        ],
    },
    "report.maturity": {
        "core.account": [account("A1", 1, "time", DAY), account("A2", 1, "time", DAY + timedelta(30)),
                         account("A3", 1, "time", DAY + timedelta(31)), account("A4", 1, "time", DAY, closed_on=DAY)],
        "feature.account_month": [
            {"account_no": f"A{number}", "month": MONTH, "balance_base": money("0.01")}
            for number in (1, 2, 3, 4)
        ],
        "core.party": [party(1)],
    },
    "report.reminder": {
        "core.account": [
            account("A1", 1, "demand", None, card_expires_on=DAY + timedelta(45), currency="CNY"),
            account("A2", 1, "loan", None, due_on=DAY, due_amount=money("99.99"), paid_from_no="A1", currency="CNY"),
            account("A3", 1, "loan", None, due_on=DAY, due_amount=money("0.02"), paid_from_no="A1", currency="CNY"),
        ],
        "feature.account_month": [{"account_no": "A1", "month": MONTH, "balance": money("50")}],
        "core.party": [party(1)],
    },
}  # fmt: skip


def laid_told(step: str, name: str) -> tuple[tuple[tuple[str, str], ...], list[tuple[Any, ...]]]:
    """Columns and rows of one input of a step that has rows told; policies and the month as ever, the rest empty."""
    if name.startswith(("run.", "policy.")):
        return laid(name, 0)
    family, noun = name.split(".", 1)
    table = TABLES[noun.replace("_", ".", 1) if family in ("prev", "past") else name]
    rows = TOLD[step].get(name, ())
    unknown = {column for row in rows for column in row} - set(table.column_names)
    assert not unknown, f"{name} has no {sorted(unknown)}"
    return table.columns, [tuple(row.get(column) for column in table.column_names) for row in rows]
