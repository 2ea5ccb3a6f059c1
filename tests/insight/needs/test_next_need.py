"""What would help next: peers' rates by hand, the few that may be shown, and never anything unsuitable."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from banks import policy_of
from harness import Bench

from guanxi.insight.foresight.model import Model, text_hash
from guanxi.insight.foresight.scorers import Logistic
from guanxi.insight.needs.propensity import NAMES, Needs
from guanxi.insight.suitability import Investor, Offer, suitable

MONTH = date(2026, 10, 1)
DAY = date(2026, 10, 31)
STEPS = ("feature.family_held", "feature.need_cell", "feature.need_product", "score.next_need")
SUITABILITY = policy_of("suitability")


def bench(**changed: Any) -> Bench:
    made = Bench()
    made.policy(policy_of("need", **{"least_peers": 1, **changed}), SUITABILITY)
    made.month(MONTH)
    return made


def person(key: int, **said: Any) -> dict[str, Any]:
    plain = {
        "kind": "person",
        "area": "urban",
        "birth_date": date(1980, 1, 1),
        "professional": False,
        "offers_paused": False,
        "state": "active",
    }
    return {"party_key": key, "bucket": key % 256, "customer_no": f"C{key}"} | plain | said


def account(no: str, key: int, family: str, opened: date, **said: Any) -> dict[str, Any]:
    return {"account_no": no, "party_key": key, "bucket": key % 256, "family": family, "opened_on": opened,
            "product_code": family} | said  # fmt: skip


Rows = list[dict[str, Any]]
SOMEBODY = 900  # has just taken every family there is: what nobody takes is nobody's need


def lay(made: Bench, people: Rows, accounts: Rows, products: Rows) -> None:
    """The bank of a test, and beside its people somebody who has just taken every family offered."""
    people = [*people, person(SOMEBODY)]
    families = sorted({product["family"] for product in products})
    accounts = [*accounts, *(account(f"S-{family}", SOMEBODY, family, DAY) for family in families)]
    made.put("core.party", people)
    made.put(
        "core.party_member",
        [{"party_key": one["party_key"], "customer_no": one["customer_no"]} for one in people],
    )
    made.put("core.account", accounts)
    made.put("staged.products", [{"name": product["product_code"], **product} for product in products])
    made.put("feature.wealth_month", [
        {"party_key": one["party_key"], "month": MONTH, "accounts_open": 1, "demand": Decimal(100),
         "aum": Decimal(1000)}
        for one in people
    ])  # fmt: skip
    made.put("score.behaviour", [
        {"party_key": one["party_key"], "month": MONTH, "age_band": "30-40"} for one in people
    ])  # fmt: skip


def needs(made: Bench) -> list[dict[str, Any]]:
    for step in STEPS[:-1]:
        made.run(step)
    return [row for row in made.run(STEPS[-1]) if row["party_key"] != SOMEBODY]


TIME, FUND = (
    {"product_code": "time", "family": "time"},
    {"product_code": "fund", "family": "fund", "risk_grade": "R3"},
)


def test_the_rate_is_of_those_who_could_still_take_it_and_mixes_in_the_bank() -> None:
    made = bench(families=("time",), window_days=92, cell_weight=10)
    recent, old = DAY - timedelta(10), DAY - timedelta(400)
    people = [person(1), person(2), person(3), person(4), person(5, area="rural")]
    lay(made, people, [account("A1", 1, "time", recent), account("A2", 2, "time", old)], [TIME])
    made.run("feature.family_held")
    cells = {row["area"]: row for row in made.run("feature.need_cell")}
    assert (cells["urban"]["exposed"], cells["urban"]["takers"]) == (4, 2)  # customer 2 had it before
    assert cells["urban"]["rate"] == pytest.approx((2 + 10 * 2 / 5) / (4 + 10))
    assert cells["rural"]["rate"] == pytest.approx((0 + 10 * 2 / 5) / (1 + 10))


def test_a_cell_with_too_few_shows_the_whole_bank_and_what_nobody_took_is_no_need() -> None:
    made = bench(families=("time", "card"), least_peers=2)
    lay(
        made,
        [person(1), person(2), person(3, area="rural")],
        [account("A1", 1, "time", DAY)],
        [TIME, {**FUND, "risk_grade": "R1"}],
    )
    shown = {(row["party_key"], row["family"]) for row in needs(made)}
    cells = {(row["area"], row["family"]): row for row in made.rows("feature.need_cell")}
    assert (cells["rural", "time"]["whole_bank"], cells["rural", "time"]["exposed"]) == (True, 4)
    assert (cells["urban", "time"]["whole_bank"], cells["urban", "time"]["exposed"]) == (False, 3)
    assert shown == {(2, "time"), (3, "time")}


def test_what_is_held_is_not_needed_and_what_is_not_suitable_is_not_seen() -> None:
    made = bench(families=("time", "fund"))
    good = {"risk_grade": "C3", "risk_expires_on": DAY}
    people = [person(1, **good), person(2, **good | {"risk_grade": "C2"}), person(3, risk_grade="C5",
              risk_expires_on=DAY - timedelta(1)), person(4, **good)]  # fmt: skip
    lay(made, people, [account("A4", 4, "fund", DAY - timedelta(500))], [TIME, FUND])
    shown = {(row["party_key"], row["family"]) for row in needs(made)}
    assert shown == {(1, "time"), (1, "fund"), (2, "time"), (3, "time"), (4, "time")}


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"kind": "complaint", "day": DAY - timedelta(300)}, False),  # still open
        ({"kind": "complaint", "day": DAY - timedelta(89), "settled_on": DAY - timedelta(80)}, False),
        ({"kind": "complaint", "day": DAY - timedelta(90), "settled_on": DAY - timedelta(80)}, True),
        ({"kind": "early_withdrawal", "day": DAY - timedelta(1)}, True),
    ],
)
def test_nothing_is_offered_while_a_complaint_is_open_or_young(event: dict[str, Any], shown: bool) -> None:
    made = bench(families=("time",), complaint_days=90)
    lay(made, [person(1)], [], [TIME])
    made.put("past.staged_service_events", [{"event_no": "E1", "customer_no": "C1", **event}])
    assert bool(needs(made)) is shown


def test_minors_the_deceased_and_whom_nothing_is_offered_to_are_left_alone() -> None:
    made = bench(families=("time",))
    people = [
        person(4, offers_paused=True),
        person(1, birth_date=date(2008, 11, 1)),
        person(2, state="deceased"),
        person(3, birth_date=date(2008, 10, 31)),
    ]
    lay(made, people, [], [TIME])
    assert [row["party_key"] for row in needs(made)] == [3]


def test_a_product_that_needs_no_second_person_goes_before_one_more_taken() -> None:
    made = bench(families=("fund",))
    calm = {"product_code": "calm", "family": "fund", "risk_grade": "R2"}
    old = person(1, birth_date=date(1950, 1, 1), risk_grade="C4", risk_expires_on=DAY)
    other = person(2, risk_grade="C4", risk_expires_on=DAY)
    lay(made, [old, other, person(3)], [account("A3", 3, "fund", DAY, product_code="fund")], [FUND, calm])
    named = {
        row["party_key"]: (row["product_code"], row["answer"]) for row in needs(made) if row["party_key"] != 3
    }
    assert named == {1: ("calm", "suitable"), 2: ("fund", "suitable")}


def test_a_reason_of_the_customers_own_goes_with_the_need() -> None:
    made = bench(families=("time",), idle_amount=Decimal(50), idle_share=Decimal("0.5"))
    lay(made, [person(1), person(2), person(3)], [], [TIME])
    made.put("feature.wealth_month", [
        {"party_key": key, "month": MONTH, "accounts_open": 1, "demand": Decimal(demand), "aum": Decimal(100)}
        for key, demand in ((1, 50), (2, 49), (3, 10), (SOMEBODY, 0))
    ])  # fmt: skip
    due = {"party_key": 3, "amount": Decimal(900), "matures_on": DAY + timedelta(3), "days_left": 3}
    made.put("report.maturity", [
        {"account_no": "D1", "rolls_over": False, **due}, {"account_no": "D2", "rolls_over": True, **due},
    ])  # fmt: skip
    said = {row["party_key"]: (row["own_reason"], row["own_amount"]) for row in needs(made)}
    assert said == {1: ("idle", Decimal(50)), 2: (None, None), 3: ("maturing", Decimal(900))}


@pytest.mark.parametrize("customers", [6_000, pytest.param(800_000, marks=pytest.mark.faults)])
def test_no_recommendation_is_ever_unsuitable(customers: int) -> None:
    """Random people of every grade, age and expiry, random products: the pure function agrees with each one (F38)."""
    made = bench()
    made.db.execute("SELECT setseed(0.38)")
    one_of = "CAST(FLOOR(random() * {n}) AS INT)"
    made.put("core.party", [])
    made.db.execute(f"""
        INSERT INTO core.party BY NAME
        SELECT i AS party_key, i % 256 AS bucket, 'C' || i AS customer_no, 'person' AS kind, 'active' AS state,
               CASE WHEN random() < 0.5 THEN 'urban' ELSE 'rural' END AS area,
               [NULL, 'C1', 'C2', 'C3', 'C4', 'C5'][1 + {one_of.format(n=6)}] AS risk_grade,
               [NULL, DATE '{DAY}' - 1, DATE '{DAY}', DATE '{DAY}' + 300][1 + {one_of.format(n=4)}] AS risk_expires_on,
               [NULL, DATE '2008-11-01', DATE '2008-10-31', DATE '1961-11-01', DATE '1961-10-31', DATE '1975-05-05']
                   [1 + {one_of.format(n=6)}] AS birth_date,
               random() < 0.1 AS professional, random() < 0.05 AS offers_paused
        FROM range({customers}) AS r(i)""")
    grades = (None, "R1", "R2", "R3", "R4", "R5")
    families = ("time", "wealth", "fund", "insurance", "metal")
    products = [
        {"product_code": f"{family}{ours}{issuers}", "name": "x", "family": family, "risk_grade": ours,
         "issuer_risk_grade": issuers,
         "sold_to": DAY - timedelta(1) if (ours, issuers) == ("R1", "R1") else None}
        for family in families for ours in grades for issuers in grades
    ]  # fmt: skip
    made.put("staged.products", products[::3])
    made.put("feature.wealth_month", [])
    made.db.execute(
        f"INSERT INTO feature.wealth_month BY NAME SELECT party_key, DATE '{MONTH}' AS month, 1 AS accounts_open, "
        "10 AS demand, 100 AS aum FROM core.party"
    )
    made.put("score.behaviour", [])
    made.db.execute(
        "INSERT INTO score.behaviour BY NAME "
        f"SELECT party_key, DATE '{MONTH}' AS month, 'a' AS age_band FROM core.party"
    )
    made.put("core.account", [
        account(f"A{family}{key}", key, family, DAY) for family in families for key in range(20)
    ])  # fmt: skip
    for step in STEPS:
        made.make(step)
    shown = made.ask("SELECT COUNT(*), MAX(place) FROM score.next_need")[0]
    assert shown[0] > 1.25 * customers
    assert shown[1] <= 3
    by_code = {product["product_code"]: product for product in products}
    kinds = made.ask(
        "SELECT DISTINCT p.risk_grade, p.risk_expires_on, p.birth_date, p.professional, p.offers_paused, "
        "n.product_code, n.answer FROM score.next_need AS n JOIN core.party AS p ON p.party_key = n.party_key"
    )
    for *about, code, answer in kinds:
        product = by_code[code]
        offer = Offer(
            product["family"], product["risk_grade"], product["issuer_risk_grade"], None, product["sold_to"]
        )
        verdict = suitable(Investor(*about), offer, DAY, SUITABILITY)
        assert verdict.answer == answer != "unsuitable"


# --- a model of needs switched on


def fond_of(family: str, *others: str) -> str:
    """A model's text whose every customer is likely to take `family` and unlikely to take the others."""
    columns = len(NAMES)
    flat = (np.zeros(columns), np.ones(columns), np.zeros(columns), np.zeros(columns))
    levels = {family: 2.0} | dict.fromkeys(others, -6.0)
    return Needs(
        {name: Model(f"need_{name}", "logistic", NAMES, Logistic(*flat, level), 1.0, 0.0, (0.5,), (0.5, 0.5))
         for name, level in levels.items()}
    ).to_text()  # fmt: skip


def served(made: Bench, text: str, sha256: str) -> list[dict[str, Any]]:
    """The needs of two customers while a text is switched on; the second refused profiling."""
    people = [person(key, risk_grade="C3", risk_expires_on=DAY) for key in (1, 2, 3)]
    lay(
        made,
        people,
        [account(f"A{no}", 3, "time", DAY) for no in range(3)],
        [TIME, {**FUND, "risk_grade": "R1"}],
    )
    made.put("past.feature_leaving_month", [
        {"party_key": one["party_key"], "month": MONTH, "bucket": one["party_key"], "age_band": "30-40",
         "accounts": 1.0}
        for one in people
    ])  # fmt: skip
    made.put("staged.consents", [
        {"customer_no": "C2", "purpose": "profiling", "channel": "app", "agreed": False, "given_on": DAY}
    ])  # fmt: skip
    made.put("ops.model", [{"purpose": "need", "model_id": "need 4", "body": text, "sha256": sha256}])
    for step in ("feature.family_held", "feature.need_cell", "score.need_chance", "feature.need_product"):
        made.run(step)
    return [row for row in made.run("score.next_need") if row["party_key"] in (1, 2)]


def test_the_model_that_is_on_orders_and_who_refused_profiling_has_the_peers_order() -> None:
    text = fond_of("fund", "time")
    rows = served(bench(families=("time", "fund")), text, text_hash(text))
    first = {row["party_key"]: (row["family"], row["chance"]) for row in rows if row["place"] == 1}
    assert first == {1: ("fund", 0.880797), 2: ("time", None)}


def test_a_text_that_was_not_approved_orders_nothing() -> None:
    text = fond_of("fund", "time")
    rows = served(bench(families=("time", "fund")), text, text_hash(text + " "))
    assert {(row["family"], row["chance"]) for row in rows if row["place"] == 1} == {("time", None)}
