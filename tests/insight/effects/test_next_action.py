"""What to do next: filters first whatever an action is worth, exploration is five of a hundred, time is not passed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.effects.next_action import (
    FILTERS,
    Action,
    Chosen,
    allowed,
    of_customer,
    points_of,
    within_capacity,
)

RULES = {
    "fatigue_cost": Decimal(20),
    "shown": 3,
    "exploration": Decimal("0.05"),
    "key": b"k",
    "salt": "2026-11-22",
}

actions = st.builds(
    Action,
    party=st.just(1),
    code=st.sampled_from([f"offer {n}" for n in range(8)]),
    chance=st.decimals(0, 1, places=3),
    value=st.decimals(0, 100_000, places=2),
    cost=st.decimals(0, 500, places=2),
    stopped=st.sets(st.sampled_from(FILTERS), max_size=2).map(frozenset),
)


@given(
    st.lists(actions, max_size=8, unique_by=lambda one: one.code),
    st.integers(0, 5),
    st.sampled_from(["0", "0.05", "1"]),
)
def test_nothing_a_filter_stops_is_ever_shown_not_even_to_explore(
    held: list[Action], contacts: int, exploration: str
) -> None:
    chosen = of_customer(held, contacts=contacts, **{**RULES, "exploration": Decimal(exploration)})
    assert len(chosen) <= 3
    assert all(not one.action.stopped for one in chosen)
    planned = [one.points for one in chosen if not one.explored]
    assert planned == sorted(planned, reverse=True)
    assert all(points > 0 for points in planned)
    kept, stopped = allowed(held)
    assert len(kept) + stopped.total() == len(held)


def action(party: int, code: str, value: int, minutes: int = 0) -> Action:
    return Action(party, code, Decimal("0.1"), Decimal(value), Decimal(5), minutes)


def test_points_are_chance_times_value_less_cost_and_fatigue() -> None:
    assert points_of(action(1, "a", 1_000), 2, Decimal(20)) == Decimal(55)


def test_five_of_a_hundred_choices_are_by_chance_and_the_same_when_asked_twice() -> None:
    held = [("a", 1_000), ("b", 900), ("c", 10)]
    explored = [
        of_customer([action(party, code, value) for code, value in held], contacts=0, **RULES)
        for party in range(4_000)
    ]
    count = sum(chosen[0].explored for chosen in explored)
    assert 150 <= count <= 250
    tried = {chosen[0].action.code for chosen in explored if chosen[0].explored}
    assert tried == {"a", "b", "c"}
    again = of_customer([action(7, code, value) for code, value in held], contacts=0, **RULES)
    assert again == explored[7]


def test_tired_customers_are_left_alone() -> None:
    quiet = {**RULES, "exploration": Decimal(0)}
    assert of_customer([action(1, "a", 1_000)], contacts=10, **quiet) == []


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 40), st.integers(1, 1_000)), max_size=30))
def test_nobodys_minutes_are_passed_and_messages_always_fit(told: list[tuple[int, int, int]]) -> None:
    chosen = [
        Chosen(action(party, f"{n}", value, minutes), Decimal(value), explored=False)
        for n, (party, minutes, value) in enumerate(told)
    ]
    keeper = {party: party % 2 for party in range(1, 6)}  # nobody keeps customer 6
    taken = within_capacity(chosen, {0: 60, 1: 30}, keeper)
    for who, most in ((0, 60), (1, 30)):
        assert sum(one.action.minutes for one in taken if keeper.get(one.action.party) == who) <= most
    assert all(one in taken for one in chosen if one.action.minutes == 0)
    assert all(one.action.minutes == 0 for one in taken if one.action.party == 6)


def test_a_filter_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no filter"):
        allowed([Action(1, "a", Decimal(1), Decimal(1), Decimal(0), 0, frozenset({"moon"}))])
