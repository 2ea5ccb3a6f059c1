"""Leading indicators: each speaks when it should, and above all stays silent when it should."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from banks import policy_of
from builders import bench_with
from harness import Bench

BUCKET = {"bucket": 1}
ON = date(2026, 10, 31)
MONTH = date(2026, 10, 1)


def months_back(number: int) -> date:
    year, month = divmod(MONTH.year * 12 + MONTH.month - 1 - number, 12)
    return date(year, month + 1, 1)


@pytest.fixture
def bench() -> Bench:
    made = bench_with(kinds=("warning", "behaviour", "churn"))
    made.month(MONTH, business_date=ON)
    made.put(
        "core.party", [{"party_key": 1, "customer_no": "C1", "is_owner": True, "kind": "person", **BUCKET}]
    )
    return made


def wealth(bench: Bench, *aum: int, **more: object) -> None:
    """Month ends from the present one backwards; averages are the same."""
    rows = [
        {
            "party_key": 1,
            "month": months_back(back),
            "aum": Decimal(value),
            "daily_average": Decimal(value),
            **BUCKET,
        }
        | dict.fromkeys(
            ("time", "structured", "wealth", "fund", "insurance", "other", "in_transit", "demand"), Decimal(0)
        )
        | {key: value for key, value in more.items() if back == 0}
        for back, value in enumerate(aum)
    ]
    bench.put("past.feature_wealth_month", rows)
    bench.put("feature.wealth_month", rows[:1])


def outflow(bench: Bench, *rows: tuple[int, int, str]) -> list[dict]:
    """(days ago, amount, destination) → what the outflow indicator says."""
    bench.put(
        "past.feature_outflow_day",
        [
            {"party_key": 1, "day": ON - timedelta(days=back), "destination": to, "amount": Decimal(amount),
             "postings": 1, "place": "招商银行", **BUCKET}
            for back, amount, to in rows
        ],
    )  # fmt: skip
    return bench.run("feature.signal_outflow")


def test_money_to_ones_own_name_elsewhere_beyond_what_is_usual_speaks_with_amount_share_and_bank(
    bench: Bench,
) -> None:
    wealth(bench, 60_000, 100_000, 100_000, 100_000)
    (said,) = outflow(bench, (5, 40_000, "own_name_bank"))
    assert (said["amount"], said["usual"], said["place"]) == (Decimal(40_000), Decimal(0), "招商银行")
    assert said["share"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    "destination", ["house", "early_repayment", "internal", "spending", "other_person", "cash"]
)
def test_other_destinations_do_not_count_as_leaving(bench: Bench, destination: str) -> None:
    wealth(bench, 60_000, 100_000, 100_000, 100_000)
    assert outflow(bench, (5, 40_000, destination)) == []


def test_what_leaves_every_month_is_usual_for_this_customer(bench: Bench) -> None:
    wealth(bench, 100_000, 100_000, 100_000, 100_000)
    every = [(5 + 30 * back, 20_000, "own_name_bank") for back in range(7)]
    assert outflow(bench, *every) == []
    wealth(bench, 70_000, 100_000, 100_000, 100_000)
    assert outflow(bench, *every) == []
    assert outflow(bench, *every, (3, 30_000, "own_name_bank"))


def test_money_that_only_visited_at_a_quarters_end_is_no_leaving(bench: Bench) -> None:
    wealth(bench, 100_000, 160_000, 100_000, 100_000)
    rows = bench.rows("past.feature_wealth_month")
    for row in rows:
        row["daily_average"] = Decimal(102_000)
    bench.put("past.feature_wealth_month", rows)
    assert outflow(bench, (5, 60_000, "own_name_bank")) == []


def test_without_four_months_of_history_there_is_no_baseline_and_no_signal(bench: Bench) -> None:
    wealth(bench, 60_000, 100_000, 100_000)
    assert outflow(bench, (5, 40_000, "own_name_bank")) == []


def posting(bench: Bench, **more: object) -> list[dict]:
    bench.put("core.account", [{"account_no": "A", "party_key": 1, "currency": "CNY", **BUCKET}])
    row = {"file": "f", "line": 1, "transaction_no": "T", "account_no": "A", "day": ON, "direction": "debit",
           "amount": Decimal(5_000), "purpose": "transfer", "by_customer": True}  # fmt: skip
    bench.put("staged.transactions", [row | more])
    return bench.run("feature.outflow_day")


@pytest.mark.parametrize(
    ("told", "destination"),
    [
        ({"counter_bank": "招商银行", "same_name": True}, "own_name_bank"),
        ({"counter_bank": "招商银行", "same_name": False}, "other_person"),
        ({"counter_bank": "东方财富证券", "same_name": True}, "third_party_wealth"),
        ({"counter_bank": "房产交易资金监管户"}, "house"),
        ({"counter_bank": "本行", "same_name": True}, "internal"),
        ({"counter_bank": "财付通", "purpose": "payment"}, "spending"),
        ({"purpose": "investment"}, "internal"),
        ({"purpose": "loan"}, "early_repayment"),
        ({"purpose": "cash"}, "cash"),
    ],
)
def test_each_posting_has_one_class_of_destination(bench: Bench, told: dict, destination: str) -> None:
    assert [row["destination"] for row in posting(bench, **told)] == [destination]


def test_small_postings_and_what_the_bank_books_are_no_outflow(bench: Bench) -> None:
    assert posting(bench, amount=Decimal("999.99")) == []
    assert posting(bench, by_customer=False) == []
    assert posting(bench, direction="credit") == []


def paid(party: int, last: date, cycles: int = 6, payer: str = "F") -> list[dict]:
    """Pay in `cycles` months in a row, the last one on `last`."""
    rows = []
    for back in range(cycles):
        year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
        first = date(year, month + 1, 1)
        rows.append(
            {"party_key": party, "payer_no": payer, "month": first, "credits": 1, "amount": Decimal(6_000),
             "last_paid_on": first.replace(day=min(last.day, 28)) if back else last, **BUCKET}
        )  # fmt: skip
    return rows


def payroll(bench: Bench, rows: list[dict], on: date = ON) -> list[tuple[int, str, int | None]]:
    bench.month(on.replace(day=1), business_date=on)
    firm = {
        "party_key": 900,
        "customer_no": "F",
        "kind": "company",
        "name": "江城纺织",
        "is_owner": True,
        **BUCKET,
    }
    people = [
        {"party_key": key, "customer_no": f"C{key}", "is_owner": True, **BUCKET} for key in range(1, 20)
    ]
    bench.put("core.party", [firm, *people])
    bench.put("past.feature_salary_month", rows)
    return [(row["party_key"], row["signal"], row["times"]) for row in bench.run("feature.signal_payroll")]


def test_pay_that_does_not_come_ten_days_after_the_usual_day_speaks_and_not_a_day_before(
    bench: Bench,
) -> None:
    last = date(2026, 9, 15)
    others = [row for key in range(2, 12) for row in paid(key, date(2026, 10, 15))]
    assert payroll(bench, [*others, *paid(1, last)], last + timedelta(days=41)) == []
    assert payroll(bench, [*others, *paid(1, last)], last + timedelta(days=42)) == [(1, "payroll_stopped", 6)]


def test_around_the_spring_festival_the_grace_is_twenty_days(bench: Bench) -> None:
    last = date(2026, 1, 20)  # the next is due three days after 2026-02-17
    rows = paid(1, last)
    assert payroll(bench, rows, last + timedelta(days=45)) == []
    assert payroll(bench, rows, last + timedelta(days=52)) == [(1, "payroll_stopped", 6)]


def test_two_cycles_are_no_payroll_and_an_ended_link_is_no_news(bench: Bench) -> None:
    assert payroll(bench, paid(1, date(2026, 9, 15), cycles=2)) == []
    assert payroll(bench, paid(1, date(2026, 7, 15))) == []


def test_an_employers_batch_is_one_warning_on_the_company_and_none_on_its_people(bench: Bench) -> None:
    stopped = [row for key in range(1, 10) for row in paid(key, date(2026, 9, 15))]
    still_paid = paid(10, date(2026, 10, 15))
    assert payroll(bench, [*stopped, *still_paid]) == [(900, "payroll_batch_stopped", 9)]


def test_one_person_who_leaves_an_employer_is_that_persons_warning(bench: Bench) -> None:
    still_paid = [row for key in range(2, 11) for row in paid(key, date(2026, 10, 15))]
    assert payroll(bench, [*still_paid, *paid(1, date(2026, 9, 15))]) == [(1, "payroll_stopped", 6)]


def maturity(
    bench: Bench, *, rolls_over: bool = False, matures_on: date = ON - timedelta(days=6)
) -> list[dict]:
    bench.put(
        "core.account",
        [{"account_no": "T", "party_key": 1, "family": "time", "matures_on": matures_on, "rolls_over": rolls_over,
          "holders": 1, "product_name": "整存整取一年", **BUCKET}],
    )  # fmt: skip
    bench.put(
        "past.feature_account_month",
        [
            {"account_no": "T", "month": months_back(back), "balance_base": Decimal(50_000), **BUCKET}
            for back in (1, 2)
        ],
    )
    return bench.run("feature.signal_maturity")


def put_away(bench: Bench, now: int, before: int, in_transit: int = 0) -> None:
    wealth(
        bench,
        now + in_transit + 50_000,
        before,
        before,
        before,
        time=Decimal(now),
        in_transit=Decimal(in_transit),
    )
    rows = bench.rows("past.feature_wealth_month")
    for row in rows:
        if row["month"] != MONTH:
            row["time"] = Decimal(before)
    bench.put("past.feature_wealth_month", rows)


def test_a_matured_deposit_whose_money_is_put_away_no_more_speaks(bench: Bench) -> None:
    put_away(bench, 0, 50_000)
    (said,) = maturity(bench)
    assert (said["amount"], said["place"]) == (Decimal(50_000), "整存整取一年")


def test_a_roll_over_a_new_purchase_and_money_in_transit_are_renewals(bench: Bench) -> None:
    put_away(bench, 0, 50_000)
    assert maturity(bench, rolls_over=True) == []
    put_away(bench, 30_000, 50_000)
    assert maturity(bench) == []
    put_away(bench, 0, 50_000, in_transit=50_000)
    assert maturity(bench) == []


def test_what_matured_long_ago_or_matures_tomorrow_does_not_speak(bench: Bench) -> None:
    put_away(bench, 0, 50_000)
    assert maturity(bench, matures_on=ON + timedelta(days=1)) == []
    assert maturity(bench, matures_on=ON - timedelta(days=30)) == []


def log_ins(bench: Bench, lately: int, before: int) -> list[dict]:
    days = list(range(lately)) + [30 + back for back in range(before)]
    bench.put(
        "past.staged_channel_events",
        [{"customer_no": "C1", "day": ON - timedelta(days=back), "channel": "mobile", "event": "log_in", "times": 2}
         for back in days],
    )  # fmt: skip
    return [row for row in bench.run("feature.signal_habit") if row["signal"] == "log_ins_down"]


def test_half_of_the_usual_log_in_days_speaks_and_one_more_does_not(bench: Bench) -> None:
    wealth(bench, 10_000, 10_000, 10_000, 10_000)
    assert [(row["times"], row["usual_times"]) for row in log_ins(bench, 5, 30)] == [(5, 10)]
    assert log_ins(bench, 6, 30) == []
    assert log_ins(bench, 0, 8) == []


def test_a_fall_along_the_line_speaks_and_money_in_transit_keeps_it_flat(bench: Bench) -> None:
    wealth(bench, 70_000, 80_000, 90_000, 100_000)
    bench.put("past.staged_channel_events", [])
    (said,) = bench.run("feature.signal_habit")
    assert (said["signal"], said["amount"], said["usual"]) == ("slope", Decimal(30_000), Decimal(90_000))
    wealth(bench, 100_000, 100_000, 100_000, 100_000, in_transit=Decimal(50_000))
    assert bench.run("feature.signal_habit") == []


def service(bench: Bench, *rows: dict) -> list[str]:
    bench.put(
        "past.staged_service_events",
        [{"event_no": str(number), "customer_no": "C1", **row} for number, row in enumerate(rows)],
    )
    return [row["signal"] for row in bench.run("feature.signal_service")]


def test_service_events_speak_for_their_days_and_not_after(bench: Bench) -> None:
    old, new = ON - timedelta(days=100), ON - timedelta(days=3)
    assert service(bench, {"kind": "complaint", "day": old, "settled_on": old}) == []
    assert service(bench, {"kind": "complaint", "day": old}) == ["complaint"]
    assert service(bench, {"kind": "complaint", "day": old, "settled_on": ON + timedelta(days=1)}) == [
        "complaint"
    ]
    assert service(bench, {"kind": "early_withdrawal", "day": new, "amount": Decimal(1)}) == [
        "early_withdrawal"
    ]
    assert service(bench, {"kind": "closing_request", "day": new}) == ["closing_request"]


def test_a_direct_debit_signed_anew_was_not_cancelled(bench: Bench) -> None:
    gone = {"kind": "direct_debit_cancelled", "day": ON - timedelta(days=5), "about": "水费"}
    assert service(bench, gone) == ["debit_cancelled"]
    assert service(bench, gone, {"kind": "direct_debit_signed", "day": ON, "about": "水费"}) == []
    assert service(bench, gone, {"kind": "direct_debit_signed", "day": ON, "about": "电费"}) == [
        "debit_cancelled"
    ]


def test_a_signal_switched_off_by_the_policy_is_not_published(bench: Bench) -> None:
    policy = policy_of("warning")
    quiet = tuple(
        rule if rule.signal != "complaint" else type(rule)("complaint", 3, False) for rule in policy.signals
    )
    bench.policy(policy_of("warning", signals=quiet))
    bench.put(
        "past.staged_service_events", [{"event_no": "1", "customer_no": "C1", "kind": "complaint", "day": ON}]
    )
    bench.run("feature.signal_service")
    assert bench.run("score.signal") == []
