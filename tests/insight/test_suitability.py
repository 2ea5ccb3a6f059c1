"""Suitability: every case of the grid by an oracle of its own, and the night's SQL never answers otherwise."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest
from tests.insight.banks import policy_of

from guanxi.insight.policies.suitability import CUSTOMER_GRADES, FAMILIES, PRODUCT_GRADES, SuitabilityPolicy
from guanxi.insight.suitability import Investor, Offer, suitable

DAY = date(2026, 10, 31)
POLICY = SuitabilityPolicy(
    highest_product={"C1": "R1", "C2": "R2", "C3": "R3", "C4": "R4", "C5": "R5"},
    professional_highest="R5",
    graded_families=FAMILIES,
    senior_age=65,
    senior_confirmed_from="R3",
    adult_age=18,
)
GRADES = (None, *CUSTOMER_GRADES)
EXPIRIES = (None, DAY - timedelta(1), DAY, DAY + timedelta(1))
BIRTHS = (
    None,
    date(2008, 11, 1),
    date(2008, 10, 31),
    date(1961, 11, 1),
    date(1961, 10, 31),
    date(1930, 1, 1),
)
PRODUCT_SIDES = (None, *PRODUCT_GRADES)


def oracle(who: Investor, what: Offer) -> str:
    """The rule in plain words, written apart from the code and its table."""
    if (what.sold_from and what.sold_from > DAY) or (what.sold_to and what.sold_to < DAY):
        return "unsuitable"
    if what.family in ("demand", "time", "cd"):
        return "suitable"
    years = None if who.birth_date is None else (DAY - who.birth_date).days / 365.2425
    if years is not None and who.birth_date.replace(year=who.birth_date.year + 18) > DAY:
        return "unsuitable"
    risk = max([int(grade[1]) for grade in (what.risk_grade, what.issuer_grade) if grade], default=99)
    valid = who.risk_grade and who.risk_expires_on and who.risk_expires_on >= DAY
    expired = who.risk_grade and not valid
    capacity = 5 if who.professional else int(who.risk_grade[1]) if valid else 0
    if expired or risk > capacity:
        return "unsuitable"
    senior = who.birth_date is None or who.birth_date.replace(year=who.birth_date.year + 65) <= DAY
    return "confirm" if senior and risk >= 3 else "suitable"


def everyone():
    for grade, expires, born, professional in itertools.product(GRADES, EXPIRIES, BIRTHS, (False, True)):
        yield Investor(grade, expires, born, professional)


def everything():
    for family, ours, issuers in itertools.product(("time", "wealth"), PRODUCT_SIDES, PRODUCT_SIDES):
        yield Offer(family, ours, issuers)
    for begin, end in itertools.product((None, DAY - timedelta(1), DAY, DAY + timedelta(1)), repeat=2):
        yield Offer("fund", "R2", None, begin, end)


def test_every_case_of_the_grid_is_judged_as_the_rule_says() -> None:
    for who, what in itertools.product(everyone(), everything()):
        assert suitable(who, what, DAY, POLICY).answer == oracle(who, what), (who, what)


def test_to_whom_nothing_is_offered_no_product_suits_whoever_it_is() -> None:
    for who, what in itertools.product(everyone(), everything()):
        assert not suitable(replace(who, offers_paused=True), what, DAY, POLICY).may_be_offered


@pytest.mark.parametrize("bank", ["demo", "berka"])
def test_the_policies_the_banks_start_with_are_sound(bank: str) -> None:
    assert policy_of("suitability", bank).problems() == []


def test_a_customer_who_may_take_more_risk_is_never_offered_less() -> None:
    wrong = SuitabilityPolicy(
        {**POLICY.highest_product, "C4": "R1"}, "R5", FAMILIES, 65, "R3", 18
    )  # fmt: skip
    assert wrong.problems("en") == ["a higher customer grade must not fit less"]


def test_the_table_that_sql_joins_gives_a_million_random_pairs_the_same_answer_as_the_function() -> None:
    """No unsuitable product in what SQL lets through: 1,000,000 random customer-product pairs (F38)."""
    people, products = list(everyone()), list(everything())
    rng = np.random.default_rng(38)
    pairs = list(
        zip(rng.integers(0, len(people), 1_000_000).tolist(), rng.integers(0, len(products), 1_000_000).tolist(),
            strict=True)
    )  # fmt: skip
    let_through = sql_suitable(people, products)
    judged = {(i, j): suitable(people[i], products[j], DAY, POLICY).answer for i, j in set(pairs)}
    assert len(judged) > 10_000
    shown = [pair for pair in pairs if pair in let_through]
    assert sum(judged[pair] == "unsuitable" for pair in shown) == 0
    assert {pair for pair in set(pairs) if judged[pair] != "unsuitable"} <= let_through


def sql_suitable(people: list[Investor], products: list[Offer]) -> set[tuple[int, int]]:
    """Pairs of positions that a SELECT over the policy's tables lets through, written as steps write it."""
    db = duckdb.connect()
    db.execute("CREATE SCHEMA policy")
    for name, table in POLICY.tables().items():
        declared = ", ".join(f"{column} {kind}" for column, kind in table.columns)
        db.execute(f"CREATE TABLE {name} ({declared})")
        db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})", table.rows)
    db.execute("CREATE TABLE who (i INT, grade VARCHAR, expires DATE, born DATE, professional BOOLEAN)")
    db.executemany(
        "INSERT INTO who VALUES (?, ?, ?, ?, ?)",
        [(i, p.risk_grade, p.risk_expires_on, p.birth_date, p.professional) for i, p in enumerate(people)],
    )
    db.execute(
        "CREATE TABLE what (j INT, family VARCHAR, ours VARCHAR, issuers VARCHAR, since DATE, until DATE)"
    )
    db.executemany(
        "INSERT INTO what VALUES (?, ?, ?, ?, ?, ?)",
        [(j, o.family, o.risk_grade, o.issuer_grade, o.sold_from, o.sold_to) for j, o in enumerate(products)],
    )
    rows = db.execute(
        """
        WITH investor AS (
            SELECT i, professional,
                   CASE WHEN grade IS NULL THEN 'none' WHEN expires >= $day THEN grade ELSE 'expired' END AS grade,
                   COALESCE(YEAR($day) - YEAR(born) - CASE WHEN MONTH($day) * 100 + DAY($day)
                       < MONTH(born) * 100 + DAY(born) THEN 1 ELSE 0 END, -1) AS age
            FROM who
        ), offer AS (
            SELECT j, CASE WHEN needed.family IS NULL THEN 'free'
                      ELSE COALESCE(GREATEST(COALESCE(ours, issuers), COALESCE(issuers, ours)), 'none') END AS grade
            FROM what LEFT JOIN policy.suitability_family AS needed ON needed.family = what.family
            WHERE COALESCE(since <= $day, TRUE) AND COALESCE(until >= $day, TRUE)
        )
        SELECT i, j FROM investor CROSS JOIN offer CROSS JOIN policy.suitability_age AS ages
        JOIN policy.suitability AS rule
          ON rule.customer_grade = investor.grade AND rule.professional = investor.professional
         AND rule.product_grade = offer.grade AND rule.senior = (investor.age = -1 OR investor.age >= ages.senior_age)
        WHERE rule.verdict <> 'unsuitable'
          AND (offer.grade = 'free' OR investor.age = -1 OR investor.age >= ages.adult_age)
        """,
        {"day": DAY},
    ).fetchall()
    return set(rows)
