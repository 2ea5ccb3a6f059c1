"""Ranking and cutting a day, against an oracle written from the policy's sentences, and at the edges."""

import math
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.worklist import rules
from guanxi.crm.worklist.rules import Item
from guanxi.insight.policies.worklist import ORIGINS, RoleDay, WorklistPolicy

TODAY = date(2026, 11, 2)
FILE = Path(__file__).resolve().parents[5] / "banks/demo/policies/worklist.toml"
POLICY = WorklistPolicy.from_payload(tomllib.loads(FILE.read_text(encoding="utf8")))
RULES = {rule.origin: rule for rule in POLICY.origins}
MANAGER = RoleDay("relationship_manager", 20, 240)

items = st.builds(
    Item,
    key=st.integers(1, 10**6),
    party=st.none() | st.integers(1, 12),
    origin=st.sampled_from(sorted(ORIGINS)),
    due_on=st.integers(-30, 40).map(lambda days: TODAY + timedelta(days=days)),
    value_fen=st.sampled_from([0, 1, 99, 1_000_000, 30_000_000]) | st.integers(0, 10**12),
    urgency=st.integers(0, 3),
    minutes=st.none() | st.integers(1, 60),
    snoozed_until=st.none() | st.integers(-3, 10).map(lambda days: TODAY + timedelta(days=days)),
)
lists = st.lists(items, max_size=40, unique_by=lambda item: item.key)
days = st.builds(RoleDay, st.just("teller"), st.integers(1, 25), st.integers(1, 300))


def oracle(found: list[Item], capacity: RoleDay, done: int, spent: int) -> list[list[int]]:
    """The keys of the day's rows by plain arithmetic: numbers multiplied out, rows taken greedily."""

    def points(item: Item) -> int:
        rule = RULES[item.origin]
        left = (item.due_on - TODAY).days
        level = max(
            item.urgency, rule.urgency_level, 3 if left <= 0 else 2 if left <= 3 else 1 if left <= 7 else 0
        )
        stake = max(item.value_fen * int(rule.stake_share * 10_000), int(POLICY.least_stake) * 100 * 10_000)
        # One common multiple of all minutes, so that dividing by them leaves whole numbers.
        return stake * [1, 2, 4, 8][level] * (MULTIPLE // (item.minutes or rule.minutes_each))

    ready: dict[Any, list[Item]] = {}
    for item in found:
        away = item.snoozed_until is not None and item.snoozed_until > TODAY
        early = (item.due_on - TODAY).days > RULES[item.origin].lead_days
        if not away and not early:
            ready.setdefault(item.party or f"alone {item.key}", []).append(item)

    def place(item: Item) -> tuple[int, int, date, int]:
        return 0 if item.urgency == 3 and item.due_on <= TODAY else 1, -points(item), item.due_on, item.key

    rows = sorted((sorted(row, key=place) for row in ready.values()), key=lambda row: place(row[0]))
    left, chosen = capacity.minutes_a_day - spent, []
    for row in rows:
        counted = [row[0], *(one for one in row if one.due_on <= TODAY)]
        takes = max(one.minutes or RULES[one.origin].minutes_each for one in counted)
        if len(chosen) < capacity.tasks - done and (takes <= left or (not chosen and left > 0)):
            chosen.append([one.key for one in row])
            left -= takes
    return chosen


MULTIPLE = math.lcm(*range(1, 61))


@given(lists, days, st.integers(0, 5), st.integers(0, 60))
def test_the_day_is_what_the_oracle_says(found, capacity, done, spent) -> None:
    day = rules.plan(found, TODAY, POLICY, capacity, done=done, done_minutes=spent)
    assert [[item.key for item in row.items] for row in day.rows] == oracle(found, capacity, done, spent)


@given(lists, days)
def test_every_task_stands_in_exactly_one_row_and_what_is_not_on_says_why(found, capacity) -> None:
    day = rules.plan(found, TODAY, POLICY, capacity)
    keys = [item.key for row in (*day.rows, *day.rest) for item in row.items]
    assert sorted(keys) == sorted(item.key for item in found)
    assert all(row.why for row in day.rest)
    assert not any(row.why for row in day.rows)
    assert all(row.until is not None and row.until > TODAY for row in day.rest if row.why != rules.BEYOND)


@given(lists, days, st.randoms())
def test_the_order_of_arrival_does_not_matter(found, capacity, dice) -> None:
    shuffled = list(found)
    dice.shuffle(shuffled)
    one, other = (rules.plan(told, TODAY, POLICY, capacity) for told in (found, shuffled))
    assert (one.rows, one.rest) == (other.rows, other.rest)


@given(lists, days)
def test_no_customer_stands_in_two_rows_of_the_day_and_capacity_holds(found, capacity) -> None:
    day = rules.plan(found, TODAY, POLICY, capacity)
    parties = [row.first.party for row in day.rows if row.first.party is not None]
    assert len(parties) == len(set(parties))
    assert len(day.rows) <= capacity.tasks
    assert day.minutes_left <= capacity.minutes_a_day or len(day.rows) == 1


@given(items)
def test_more_money_more_urgency_and_less_time_never_rank_lower(item) -> None:
    weight = rules.weight(item, TODAY, POLICY, RULES)
    minutes = rules.minutes_of(item, RULES)
    assert rules.weight(replace(item, value_fen=item.value_fen + 1), TODAY, POLICY, RULES) >= weight
    assert rules.weight(replace(item, urgency=3), TODAY, POLICY, RULES) >= weight
    assert rules.weight(replace(item, minutes=minutes + 1), TODAY, POLICY, RULES) < weight
    assert rules.weight(replace(item, due_on=item.due_on - timedelta(days=1)), TODAY, POLICY, RULES) >= weight


def one(key: int, **more: Any) -> Item:
    return Item(
        key, more.pop("party", key), more.pop("origin", "maturity"), more.pop("due_on", TODAY), **more
    )


def test_a_manager_with_many_tasks_gets_twenty_doable_ones() -> None:
    found = [one(key, value_fen=key, minutes=8) for key in range(1, 119)]
    day = rules.plan(found, TODAY, POLICY, MANAGER)
    assert (len(day.rows), day.minutes_left, len(day.rest)) == (20, 160, 98)
    assert {row.why for row in day.rest} == {rules.BEYOND}


def test_a_row_too_long_for_what_is_left_lets_a_shorter_one_pass() -> None:
    found = [
        one(1, value_fen=9_000_000_000, minutes=200),
        one(2, value_fen=9_000_000, minutes=60),
        one(3, minutes=30),
    ]
    day = rules.plan(found, TODAY, POLICY, MANAGER)
    assert [row.first.key for row in day.rows] == [1, 3]


def test_one_long_thing_is_a_day_too() -> None:
    day = rules.plan([one(1, minutes=480)], TODAY, POLICY, RoleDay("teller", 5, 40))
    assert len(day.rows) == 1


def test_an_appointment_of_today_comes_before_more_money() -> None:
    found = [one(1, value_fen=10**10), one(2, origin="visit", urgency=3, minutes=45)]
    assert [row.first.key for row in rules.plan(found, TODAY, POLICY, MANAGER).rows] == [2, 1]


def test_what_is_done_takes_its_place_and_its_time() -> None:
    found = [one(key, minutes=8) for key in range(1, 30)]
    day = rules.plan(found, TODAY, POLICY, MANAGER, done=6, done_minutes=200)
    assert (len(day.rows), day.minutes_left) == (5, 40)


@pytest.mark.parametrize(("days", "why"), [(0, ""), (10, ""), (11, rules.NOT_YET)])
def test_a_maturity_is_shown_ten_days_ahead(days, why) -> None:
    assert rules.why_not(one(1, due_on=TODAY + timedelta(days=days)), TODAY, RULES)[0] == why


@pytest.mark.parametrize(("days", "level"), [(-1, 3), (0, 3), (1, 2), (3, 2), (4, 1), (7, 1), (8, 0)])
def test_the_nearer_the_day_the_more_urgent(days, level) -> None:
    item = one(1, origin="visit", due_on=TODAY + timedelta(days=days))
    assert rules.urgency_on(item, TODAY, POLICY, RULES) == level
