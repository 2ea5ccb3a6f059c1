"""feature.event_month and score.segment_fact: last days carry over, and the wide row says what the tables say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from builders import bench_with
from harness import Bench

from guanxi.insight.months import months_between

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
LAST = date(2026, 6, 20)


def bench() -> Bench:
    made = bench_with(kinds=("behaviour", "aum", "tier"))
    made.put("core.party", [party(1), party(2)])
    made.put("core.account", [account("a", 1), account("b", 2)])
    return made


def party(key: int, **said: Any) -> dict[str, Any]:
    return {
        "party_key": key,
        "bucket": key,
        "customer_no": f"C{key}",
        "kind": "person",
        "is_owner": True,
    } | said


def account(number: str, key: int, **said: Any) -> dict[str, Any]:
    return {"account_no": number, "party_key": key, "bucket": key, "holders": 1, "family": "demand"} | said


def posting(number: int, day: date, purpose: str, **said: Any) -> dict[str, Any]:
    plain = {
        "account_no": "a",
        "direction": "debit",
        "amount": Decimal(10),
        "channel": "mobile",
        "by_customer": True,
    }
    return plain | {"transaction_no": str(number), "day": day, "purpose": purpose} | said


def events_of(made: Bench) -> dict[tuple[int, date], dict[str, Any]]:
    made.walk(["feature.event_month"], list(months_between(MAY, JUNE)), business_date=LAST)
    return {(row["party_key"], row["month"]): row for row in made.kept("feature.event_month")}


def test_the_last_day_of_each_deed_carries_over_until_it_is_done_again() -> None:
    made = bench()
    made.put("staged.transactions", [
        posting(1, date(2026, 5, 4), "cash"),
        posting(2, date(2026, 5, 9), "transfer", same_name=True, channel="counter"),
        posting(3, date(2026, 5, 10), "salary", direction="credit", by_customer=False, channel="system"),
        posting(4, date(2026, 6, 2), "cash"),
        posting(5, date(2026, 6, 25), "cash"),  # after the business date
    ])  # fmt: skip
    found = events_of(made)
    assert found[1, MAY]["cash_out_on"] == date(2026, 5, 4)
    june = found[1, JUNE]
    assert june["cash_out_on"] == june["mobile_on"] == date(2026, 6, 2)
    assert june["own_name_out_on"] == june["transfer_out_on"] == june["counter_on"] == date(2026, 5, 9)
    assert june["salary_on"] == date(2026, 5, 10)
    assert (june["invested_on"], june["loan_drawn_on"]) == (None, None)
    assert (2, JUNE) not in found


def test_what_the_bank_books_by_itself_is_nobodys_deed() -> None:
    made = bench()
    made.put(
        "staged.transactions",
        [posting(1, date(2026, 5, 4), "interest"), posting(2, date(2026, 5, 4), "cash", by_customer=False)],
    )
    assert {
        key: value for key, value in events_of(made)[1, JUNE].items() if key.endswith("_on") and value
    } == {}


def test_a_log_in_later_than_a_posting_is_the_last_use_of_the_channel() -> None:
    made = bench()
    made.put("staged.transactions", [posting(1, date(2026, 5, 4), "payment")])
    made.put("staged.channel_events", [
        {"customer_no": "C1", "day": date(2026, 5, 7), "channel": "mobile", "event": "log_in"},
        {"customer_no": "C2", "day": date(2026, 6, 1), "channel": "wechat", "event": "cancel"},
    ])  # fmt: skip
    found = events_of(made)
    assert found[1, JUNE]["mobile_on"] == found[1, JUNE]["log_in_on"] == date(2026, 5, 7)
    assert (found[2, JUNE]["cancel_on"], found[2, JUNE]["log_in_on"]) == (date(2026, 6, 1), None)


def wide(made: Bench) -> dict[int, dict[str, Any]]:
    made.month(JUNE, business_date=LAST)
    return {row["party_key"]: row for row in made.run("score.segment_fact")}


def test_every_customer_has_one_row_even_when_nothing_else_is_known() -> None:
    found = wide(bench())
    assert sorted(found) == [1, 2]
    assert (found[1]["aum"], found[1]["tier_rank"], found[1]["age"], found[1]["salary_on"]) == (None,) * 4
    assert (found[1]["holds_demand"], found[1]["holds_loan"], found[1]["uses_web"], found[1]["no_profiling"]) == (
        True, False, False, False,
    )  # fmt: skip


def test_who_is_under_a_restriction_has_no_row() -> None:
    made = bench()
    made.put("core.party", [party(1), party(2)])
    made.put("ops.restriction", [{"party_key": 2}])
    assert set(wide(made)) == {1}


def test_age_counts_full_years_and_a_birthday_counts_on_its_day() -> None:
    made = bench()
    made.put("core.party", [party(1, birth_date=date(1966, 6, 20)), party(2, birth_date=date(1966, 6, 21))])
    found = wide(made)
    assert [(found[key]["age"], found[key]["birth_month"]) for key in (1, 2)] == [(60, 6), (59, 6)]


def test_products_are_open_accounts_owned_jointly_or_alone() -> None:
    made = bench()
    made.put("core.account", [
        account("a", 1, family="time", matures_on=date(2026, 7, 1)),
        account("b", 1, family="wealth", closed_on=LAST, matures_on=date(2026, 6, 21)),
        account("c", 1, family="fund", holders=2),
        account("d", 1, family="time", matures_on=date(2026, 6, 19)),
        account("e", 1, family="loan", matures_on=date(2026, 6, 25), overdue_days=3),
    ])  # fmt: skip
    made.put("feature.joint_month", [
        {"account_no": "c", "party_key": key, "month": JUNE, "family": "fund"} for key in (1, 2)
    ])  # fmt: skip
    found = wide(made)
    assert [name for name, value in found[1].items() if name.startswith("holds_") and value] == [
        "holds_time", "holds_fund", "holds_loan",
    ]  # fmt: skip
    assert (found[2]["holds_fund"], found[2]["holds_demand"]) == (True, False)
    assert (found[1]["matures_on"], found[1]["loan_ends_on"]) == (date(2026, 7, 1), date(2026, 6, 25))
    assert (found[1]["last_closed_on"], found[1]["overdue_days"]) == (LAST, 3)


def test_the_change_of_aum_is_unknown_without_the_month_it_is_measured_from() -> None:
    made = bench()
    months = {date(2026, 6, 1): 500, date(2026, 5, 1): 400, date(2025, 6, 1): 100}
    held = [{"party_key": 1, "month": month, "aum": Decimal(aum)} for month, aum in months.items()]
    made.put("past.feature_wealth_month", held)
    made.put("feature.wealth_month", held[:1])
    row = wide(made)[1]
    assert (row["aum_change_1m"], row["aum_change_3m"], row["aum_change_12m"]) == (100, None, 400)


def test_the_latest_word_counts_for_consent() -> None:
    made = bench()
    said = [
        ("C1", "marketing", date(2026, 1, 1), True),
        ("C1", "marketing", date(2026, 3, 1), False),
        ("C1", "profiling", date(2026, 3, 1), False),
        ("C2", "marketing", date(2026, 1, 1), True),
        ("C2", "marketing", date(2026, 7, 1), False),  # after the business date
    ]
    made.put("staged.consents", [
        {"customer_no": no, "purpose": purpose, "channel": "any", "given_on": day, "agreed": agreed}
        for no, purpose, day, agreed in said
    ])  # fmt: skip
    found = wide(made)
    assert [(found[key]["agreed_marketing"], found[key]["no_profiling"]) for key in (1, 2)] == [
        (False, True),
        (True, False),
    ]


def test_a_relation_counts_while_it_lasts() -> None:
    made = bench()
    made.put("core.relation", [
        {"party_key": 1, "other_key": 2, "kind": "spouse", "valid_to": LAST},
        {"party_key": 1, "other_key": 2, "kind": "owner"},
        {"party_key": 1, "other_key": 2, "kind": "guarantor", "valid_from": date(2026, 6, 21)},
    ])  # fmt: skip
    row = wide(made)[1]
    assert (row["knows_spouse"], row["knows_owner"], row["knows_guarantor"]) == (False, True, False)


def test_channels_are_those_of_the_profile_months() -> None:
    made = bench()
    used = {
        date(2026, 6, 1): {"mobile_log_ins": 1, "inflow": Decimal(5)},
        date(2026, 3, 1): {"counter_count": 2},
    }
    zero = dict.fromkeys(
        ("counter_count", "self_service_count", "mobile_count", "web_count", "phone_count", "third_party_count",
         "mobile_log_ins", "web_log_ins", "initiated_count", "inflow", "outflow"), 0,
    )  # fmt: skip
    made.put(
        "past.feature_activity_month",
        [{"party_key": 1, "month": month} | zero | what for month, what in used.items()],
    )
    row = wide(made)[1]
    assert (row["uses_mobile"], row["uses_counter"], row["log_ins"], row["inflow"]) == (True, False, 1, 5)
