"""The four labels against a short oracle, and that nothing after the features' end enters the features."""

from datetime import date
from decimal import Decimal

import pytest
from builders import bench_with
from harness import Bench
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from guanxi.insight.months import month_end, months_between

BUCKET = {"bucket": 1}
FIRST = date(2026, 1, 1)
MONTHS = tuple(months_between(FIRST, date(2026, 7, 1)))  # features end with the third; the seventh decides


def labels(averages: list[int], *, closed: bool = True) -> dict:
    bench = bench_with(kinds=("churn",))
    last = MONTHS[-1]
    bench.month(last, business_date=month_end(last) if closed else last.replace(day=20))
    bench.put(
        "past.feature_wealth_month",
        [{"party_key": 1, "month": month, "daily_average": Decimal(value), "aum": Decimal(value), **BUCKET}
         for month, value in zip(MONTHS, averages, strict=True)],
    )  # fmt: skip
    for name in ("past.feature_activity_month", "past.score_tier"):
        bench.put(name, [])
    found = bench.run("score.churn_label")
    return found[0] if found else {}


def oracle(averages: list[int]) -> tuple[int | None, int | None]:
    """(asset loss, exit) by the definition read out: base of three, one month left out, the third and fourth decide."""
    base = Decimal(sum(averages[:3])) / 3
    now, third, fourth = averages[2], averages[5], averages[6]
    loss = int(third <= base / 2 and fourth <= base / 2) if base >= 50_000 and now > base / 2 else None
    gone = int(third < 1_000 and fourth < 1_000) if base >= 10_000 and now >= 1_000 else None
    return loss, gone


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(st.sampled_from([0, 999, 1_000, 9_000, 24_000, 30_000, 60_000, 90_000]), min_size=7, max_size=7)
)
def test_asset_loss_and_exit_are_what_the_definition_says(averages: list[int]) -> None:
    found = labels(averages)
    assert (found["asset_loss"], found["exit"]) == oracle(averages)


def test_money_back_a_month_later_is_no_loss() -> None:
    assert labels([60_000, 60_000, 60_000, 60_000, 50_000, 10_000, 10_000])["asset_loss"] == 1
    assert labels([60_000, 60_000, 60_000, 60_000, 50_000, 10_000, 60_000])["asset_loss"] == 0


def test_the_label_names_the_month_its_features_end_with_and_when_the_balance_fell() -> None:
    found = labels([60_000, 60_000, 60_000, 60_000, 20_000, 10_000, 10_000])
    assert (found["as_of"], found["fell_on"]) == (date(2026, 3, 1), date(2026, 5, 1))


def test_a_month_that_runs_labels_nobody() -> None:
    assert labels([60_000] * 7, closed=False) == {}


def test_dormant_and_tier_drop_compare_then_and_now() -> None:
    bench = bench_with(kinds=("churn",))
    bench.month(MONTHS[-1])
    rows = [
        {"party_key": key, "month": month, "daily_average": Decimal(100), **BUCKET}
        for key in (1, 2)
        for month in MONTHS
    ]
    bench.put("past.feature_wealth_month", rows)
    last_then, last_now = (
        {1: date(2026, 1, 5), 2: date(2026, 3, 5)},
        {1: date(2026, 1, 5), 2: date(2026, 6, 5)},
    )
    bench.put(
        "past.feature_activity_month",
        [{"party_key": key, "month": month, **BUCKET,
          "last_initiated_on": (last_then if month < MONTHS[-1] else last_now)[key]}
         for key in (1, 2) for month in MONTHS],
    )  # fmt: skip
    bench.put(
        "past.score_tier",
        [{"party_key": key, "month": month, "held_rank": 4 if month < MONTHS[-1] or key == 2 else 3, **BUCKET}
         for key in (1, 2) for month in MONTHS],
    )  # fmt: skip
    found = {row["party_key"]: row for row in bench.run("score.churn_label")}
    assert [(found[key]["dormant"], found[key]["tier_drop"]) for key in (1, 2)] == [(1, 1), (0, 0)]


FEATURE_STEPS = (
    "feature.signal_outflow", "feature.signal_payroll", "feature.signal_maturity", "feature.signal_habit",
    "feature.signal_service", "score.signal", "feature.leaving_month",
)  # fmt: skip


def features(later: dict[str, list[dict]], account: dict) -> list[dict]:
    """The features of March, computed in a lake that holds `later` rows of April to July too."""
    bench: Bench = bench_with(kinds=("churn", "warning", "behaviour"))
    bench.put("core.party", [{"party_key": 1, "customer_no": "C1", "birth_date": date(1980, 1, 1),
                              "since": date(2015, 1, 1),
                              "area": "urban", "is_owner": True, "kind": "person", **BUCKET}])  # fmt: skip
    bench.put("core.account", [account])
    money = dict.fromkeys(
        ("demand", "time", "structured", "wealth", "fund", "insurance", "other", "in_transit", "loans"),
        Decimal(1_000),
    )
    known = {
        "past.feature_wealth_month": [
            {"party_key": 1, "month": month, "daily_average": Decimal(60_000), "aum": Decimal(60_000),
             "families_held": 2, "accounts_open": 2, **BUCKET} | money
            for month in MONTHS[:3]
        ],
        "past.feature_activity_month": [
            {"party_key": 1, "month": month, "initiated_count": 3, "mobile_log_ins": 2, "web_log_ins": 0,
             "inflow": Decimal(5), "last_initiated_on": month, **BUCKET}
            for month in MONTHS[:3]
        ],
        "past.feature_outflow_day": [{"party_key": 1, "day": date(2026, 3, 5), "destination": "own_name_bank",
                                      "amount": Decimal(9_000), "place": "B", **BUCKET}],
        "past.staged_channel_events": [
            {"customer_no": "C1", "day": date(2026, 3, 5), "channel": "mobile", "event": "log_in"}
        ],
        "past.staged_service_events": [
            {"event_no": "1", "customer_no": "C1", "kind": "complaint", "day": date(2026, 3, 3)}
        ],
        "past.feature_salary_month": [],
        "past.feature_account_month": [],
    }  # fmt: skip
    bench.month(MONTHS[2])
    for name, rows in known.items():
        bench.put(name, rows + later.get(name, []))
    bench.put("score.tier", [])
    for step in FEATURE_STEPS:
        made = bench.run(step)
    return made


LATER_DAYS = st.dates(date(2026, 4, 1), date(2026, 7, 31))


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    day=LATER_DAYS, amount=st.integers(1_000, 10**7), kind=st.sampled_from(["complaint", "closing_request"])
)
def test_nothing_that_happens_after_the_features_end_changes_them(day: date, amount: int, kind: str) -> None:
    account = {"account_no": "T", "party_key": 1, "family": "time", "holders": 1, "rolls_over": False,
               "currency": "CNY", "opened_on": date(2020, 1, 1), **BUCKET}  # fmt: skip
    later = {
        "past.feature_outflow_day": [{"party_key": 1, "day": day, "destination": "own_name_bank",
                                      "amount": Decimal(amount), "place": "B", **BUCKET}],
        "past.staged_channel_events": [{"customer_no": "C1", "day": day, "channel": "mobile", "event": "log_in"}],
        "past.staged_service_events": [{"event_no": "2", "customer_no": "C1", "kind": kind, "day": day}],
    }  # fmt: skip
    without = features({}, account)
    assert without
    assert features(later, account | {"closed_on": day, "matures_on": day, "state": "closed"}) == without


def test_a_complaint_settled_later_was_open_then() -> None:
    account = {"account_no": "T", "party_key": 1, "holders": 1, **BUCKET}
    (row,) = features({}, account)
    assert row["s_complaint"] == pytest.approx(1)
