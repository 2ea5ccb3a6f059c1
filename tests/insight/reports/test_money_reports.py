"""The money reports against plain Python over a random bank: no figure may depend on the way it is grouped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from banks import policy_of
from builders import IDENTITY, LAST_REPORTS, LINE, WEALTH, bench_with
from harness import Bench
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from random_bank import COMPONENT, DEPOSITS, RandomBank, half_up

from guanxi.insight.months import months_between

FIRST, LAST = date(2023, 11, 1), date(2024, 3, 17)
REFERENCES = {
    "today": LAST,
    "yesterday": date(2024, 3, 16),
    "month_start": date(2024, 2, 29),
    "year_start": date(2023, 12, 31),
}
seeds = st.integers(min_value=0, max_value=10_000)
few = settings(max_examples=2, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def run_bank(seed: int, steps: tuple[str, ...] = LINE, **changed: Any) -> tuple[RandomBank, Bench]:
    """A random bank with one keeper for every third customer, walked to its last day."""
    bank = RandomBank(seed, FIRST, LAST)
    for number, said in enumerate(bank.customers.values()):
        said["keeper_no"] = "K" if number % 3 == 0 else None
    bench = bench_with()
    if changed:
        bench.policy(policy_of("lists", **changed))
    bank.lay(bench)
    bench.walk(steps, list(months_between(FIRST, LAST)), business_date=LAST)
    return bank, bench


def by_desk(bank: RandomBank, amount: Callable[[str], Decimal]) -> dict[tuple[str, str], Decimal]:
    """Σ of a customer's figure by managing outlet and keeper; an outlet falls back to the oldest account's."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for name in bank.customers:
        sums[desk(bank, name)] += amount(name)
    return sums


def desk(bank: RandomBank, name: str) -> tuple[str, str]:
    said = bank.customers[name]
    mine = sorted((a.opened_on, a.number, a.unit_no) for a in bank.accounts if name in a.owners)
    return said["unit_no"] or (mine[0][2] if mine else None) or "", said["keeper_no"] or ""


@few
@given(seeds)
def test_four_views_of_the_bank_agree_to_the_fen_in_every_component(seed: int) -> None:
    bank, bench = run_bank(seed, (*IDENTITY, *WEALTH, "report.reconciliation"))
    rows = bench.rows("report.reconciliation")
    assert {row["difference"] for row in rows} == {Decimal(0)}
    seen = {(row["view_name"], row["component"]): row["amount"] for row in rows if row["currency"] == "CNY"}
    for component in sorted(set(COMPONENT.values())):
        total = sum(
            (bank.base(a, LAST)[0] for a in bank.accounts if COMPONENT[a.family] == component), Decimal(0)
        )
        for view in ("customers", "managing_outlets"):
            assert seen[view, component] == total
        for view in ("account_outlets", "extract"):
            assert seen.get((view, component), Decimal(0)) == total
    dollars = sum((a.held(LAST)[0] for a in bank.accounts if a.currency == "USD"), Decimal(0))
    for view in ("account_outlets", "extract"):
        original = (row["amount"] for row in rows if (row["view_name"], row["currency"]) == (view, "USD"))
        assert sum(original, Decimal(0)) == dollars


def test_a_view_that_loses_money_shows_the_difference() -> None:
    _, bench = run_bank(7, (*IDENTITY, *WEALTH))
    bench.db.execute(
        "UPDATE feature.wealth_month SET demand = demand + 0.01 "
        "WHERE party_key = (SELECT MIN(party_key) FROM feature.wealth_month)"
    )
    bench.walk(("report.reconciliation",), [date(2024, 3, 1)], business_date=LAST)
    wrong = {row["view_name"] for row in bench.rows("report.reconciliation") if row["difference"] != 0}
    assert wrong == {"account_outlets", "extract"}


@few
@given(seeds)
def test_the_daily_report_equals_a_count_by_hand_on_each_reference_day(seed: int) -> None:
    bank, bench = run_bank(seed)
    found = {(row["label"], row["unit_no"], row["keeper_no"]): row for row in bench.rows("report.unit_day")}
    persons = {name for name, said in bank.customers.items() if said["kind"] == "person"}
    for label, day in REFERENCES.items():

        def aum(name: str, day: date = day) -> Decimal:
            return bank.aum(name, day) if name in persons else Decimal(0)

        def deposits(name: str, day: date = day) -> Decimal:
            return sum((bank.component(name, part, day) for part in DEPOSITS), Decimal(0))

        def loans(name: str, day: date = day) -> Decimal:
            return bank.component(name, "loan", day)

        for column, amount in (("aum", aum), ("deposits", deposits), ("loans", loans)):
            for (unit_no, keeper_no), total in by_desk(bank, amount).items():
                row = found.get((label, unit_no, keeper_no))
                assert (row[column] if row else Decimal(0)) == total, (label, unit_no, keeper_no, column)


def test_deposit_averages_of_month_and_year_equal_the_mean_of_the_days() -> None:
    bank = RandomBank(11, FIRST, LAST)
    for account in bank.accounts:
        account.currency = "CNY"
    bench = bench_with()
    bank.lay(bench)
    bench.walk(LINE, list(months_between(FIRST, LAST)), business_date=LAST)
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in bench.rows("report.unit_day"):
        days = {"month": REFERENCES[row["label"]].day, "year": 0}
        start = date(REFERENCES[row["label"]].year, 1, 1)
        known = max(start, FIRST)
        days["year"] = (REFERENCES[row["label"]] - known).days + 1
        sums[row["label"]][0] += row["deposits_average"] * days["month"]
        sums[row["label"]][1] += row["deposits_year_average"] * days["year"]
    for label, (month_sum, year_sum) in sums.items():
        end = REFERENCES[label]
        slack = Decimal("0.005") * 366 * len(bank.customers)  # each row's average was rounded to the fen
        assert abs(month_sum - deposit_days(bank, end.replace(day=1), end)) <= slack
        assert abs(year_sum - deposit_days(bank, max(date(end.year, 1, 1), FIRST), end)) <= slack


def deposit_days(bank: RandomBank, first: date, last: date) -> Decimal:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    mine = [a for a in bank.accounts if COMPONENT[a.family] in DEPOSITS]
    return sum((account.held(day)[0] for account in mine for day in days), Decimal(0))


@few
@given(seeds)
def test_large_changes_are_those_a_comparison_of_two_days_finds(seed: int) -> None:
    limits = {"large_change_amount": Decimal(1000), "large_change_share": Decimal("0.2")}
    bank, bench = run_bank(seed, (*IDENTITY, *WEALTH, *LAST_REPORTS[:1], "report.large_change"), **limits)
    wanted = {}
    for name, said in bank.customers.items():
        before, after = bank.aum(name, REFERENCES["yesterday"]), bank.aum(name, LAST)
        change = after - before
        big = abs(change) >= 1000 and abs(change) * 5 >= abs(before)
        if said["kind"] == "person" and big:
            wanted[said["party_key"]] = (before, after, change)
    rows = bench.rows("report.large_change")
    assert {row["party_key"]: (row["aum_before"], row["aum_after"], row["change"]) for row in rows} == wanted


def lay_list(bench: Bench, averages: dict[int, str], ranks: dict[int, int]) -> None:
    """Persons with a tier held and an average, for the lists that need no history."""
    bench.month(date(2024, 2, 1))
    persons = [{"party_key": key, "bucket": 1, "kind": "person", "is_owner": True} for key in averages]
    bench.put("core.party", persons)
    bench.put(
        "feature.wealth_month", [{"party_key": k, "daily_average": Decimal(v)} for k, v in averages.items()]
    )
    bench.put(
        "score.tier", [{"party_key": k, "scheme": "person", "held_rank": rank} for k, rank in ranks.items()]
    )


def test_customers_near_a_line_are_those_within_the_policys_shares_of_it() -> None:
    averages = {
        1: "449999.99",  # 10.000002 % below gold
        2: "450000.00",  # exactly 10 % below
        3: "499999.99",
        4: "210000.00",  # exactly 5 % above silver
        5: "210000.01",
        6: "200000.00",
        7: "199999.99",  # below the line held: in watch, not near from above
        8: "0.00",  # the first band has no line
        9: "9999999.99",
        10: "600000000.00",
    }
    ranks = {1: 3, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3, 7: 3, 8: 1, 9: 6, 10: 7}
    bench = bench_with()
    lay_list(bench, averages, ranks)
    sides = {
        row["party_key"]: (row["side"], row["line"], row["gap"]) for row in bench.run("report.near_line")
    }
    assert sides == {
        2: ("below", Decimal(500_000), Decimal(50_000)),
        3: ("below", Decimal(500_000), Decimal("0.01")),
        4: ("above", Decimal(200_000), Decimal(10_000)),
        6: ("above", Decimal(200_000), Decimal(0)),
        9: ("below", Decimal(10_000_000), Decimal("0.01")),
    }


def test_what_matures_within_the_policys_days_is_listed_with_its_roll_over_flag() -> None:
    bench = bench_with()
    bench.month(date(2024, 2, 1), business_date=date(2024, 2, 10))
    bench.put("core.party", [{"party_key": 1, "bucket": 1, "unit_no": "U", "keeper_no": "K"}])
    cases: dict[str, dict[str, Any]] = {
        "today": {"matures_on": date(2024, 2, 10)},
        "last day": {"matures_on": date(2024, 3, 11), "rolls_over": True},
        "too late": {"matures_on": date(2024, 3, 12)},
        "gone by": {"matures_on": date(2024, 2, 9)},
        "no term": {"matures_on": None},
        "fund": {"matures_on": date(2024, 2, 20), "family": "fund"},
        "closed": {"matures_on": date(2024, 2, 20), "closed_on": date(2024, 2, 10)},
        "empty": {"matures_on": date(2024, 2, 20), "balance": 0},
    }
    plain = {"party_key": 1, "family": "time", "rolls_over": False}
    accounts = [{"account_no": name, **plain, **said} for name, said in cases.items()]
    amounts = [{"account_no": a["account_no"], "balance_base": a.pop("balance", 5)} for a in accounts]
    bench.put("core.account", accounts)
    bench.put("feature.account_month", amounts)
    rows = {
        row["account_no"]: (row["days_left"], row["rolls_over"], row["keeper_no"])
        for row in bench.run("report.maturity")
    }
    assert rows == {"today": (0, False, "K"), "last day": (30, True, "K")}


@few
@given(seeds)
def test_bands_and_tiers_hold_every_customer_once(seed: int) -> None:
    bank, bench = run_bank(seed)
    names = {said["party_key"]: name for name, said in bank.customers.items()}
    month = date(2024, 3, 1)
    tiers = [row for row in bench.kept("report.unit_tier") if row["month"] == month]
    assert sum(row["customers"] for row in tiers) == len(bench.rows("score.tier"))
    assert sum(row["aum"] for row in tiers) == sum(
        row["aum"] or 0 for row in bench.rows("feature.wealth_month")
    )
    open_persons = [
        row for row in bench.rows("feature.wealth_month") if row["accounts_open"] and row["aum"] is not None
    ]
    bands = [row for row in bench.kept("report.unit_band") if row["month"] == month]
    assert sum(row["customers"] for row in bands) == len(open_persons)
    for band, lower, upper in ((1, None, 50_000), (2, 50_000, 200_000), (3, 200_000, None)):
        mine = [
            row
            for row in open_persons
            if (lower is None or row["aum"] >= lower) and (upper is None or row["aum"] < upper)
        ]
        assert sum(row["customers"] for row in bands if row["band"] == band) == len(mine)
        assert all(bank.aum(names[row["party_key"]], LAST) == row["aum"] for row in mine)


@few
@given(seeds)
def test_migration_adds_up_to_the_tiers_of_both_months(seed: int) -> None:
    bank, bench = run_bank(seed)
    persons = {said["party_key"] for said in bank.customers.values() if said["kind"] == "person"}
    tiers = {(row["party_key"], row["month"]): row["held_rank"] for row in bench.kept("score.tier")}
    moves = [row for row in bench.kept("report.migration") if row["month"] == date(2024, 2, 1)]
    wanted: dict[tuple[int, int], int] = defaultdict(int)
    for key in persons:
        before, after = tiers.get((key, date(2024, 1, 1))), tiers.get((key, date(2024, 2, 1)))
        if before is not None or after is not None:
            wanted[-1 if before is None else before, -1 if after is None else after] += 1
    found: dict[tuple[int, int], int] = defaultdict(int)
    for row in moves:
        found[row["from_rank"], row["to_rank"]] += row["customers"]
    assert found == wanted
    assert not [row for row in bench.kept("report.migration") if row["month"] == FIRST]


def test_half_up_is_away_from_zero() -> None:
    assert [half_up(Decimal(text)) for text in ("0.005", "-0.005", "0.0049")] == [
        Decimal("0.01"),
        Decimal("-0.01"),
        Decimal("0.00"),
    ]
