"""Giving out leads: against every possible way on small cases, and what must hold on any."""

import random
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.leads.assignment import LeadRow, Manager, Weights, Why, cost, distance, propose

PARENTS = {1: 10, 2: 10, 3: 11, 10: 20, 11: 20, 20: None}
KINDS, INDUSTRIES = ("person", "company"), ("", "trade", "farming")

lead_rows = st.builds(
    LeadRow,
    key=st.just(0), kind=st.sampled_from(KINDS), unit=st.sampled_from((1, 2, 3)),
    industry=st.sampled_from(INDUSTRIES), first=st.none() | st.integers(0, 5),
    resting=st.frozensets(st.integers(0, 5), max_size=2),
)  # fmt: skip
manager_rows = st.builds(
    Manager,
    key=st.just(0), kinds=st.frozensets(st.sampled_from(KINDS), min_size=1),
    units=st.frozensets(st.sampled_from((1, 2, 3)), min_size=1, max_size=2),
    industries=st.frozensets(st.sampled_from(INDUSTRIES[1:])), in_hand=st.integers(0, 3), limit=st.integers(0, 4),
)  # fmt: skip
weights = st.builds(Weights, *[st.integers(0, 9)] * 3, st.integers(0, 2))


def numbered(rows, kind):
    return [kind(**{**vars(row), "key": at}) for at, row in enumerate(rows)]


leads_lists = st.lists(lead_rows, max_size=6).map(lambda rows: numbered(rows, LeadRow))
manager_lists = st.lists(manager_rows, max_size=6).map(lambda rows: numbered(rows, Manager))


def total(leads, managers, given, start, weight):
    """What an assignment costs, from the definition: pairs, and each manager's rising load."""
    by_key = {one.key: one for one in managers}
    rows = {lead.key: lead for lead in leads}
    pairs = sum(cost(rows[lead], by_key[one], PARENTS, weight) for lead, one in given.items())
    taken = dict(start)
    load = 0
    for one in given.values():
        taken[one] += 1
        load += weight.load * taken[one]
    return pairs + load


def every_way(leads, managers, start, weight):
    """All assignments that keep to limits and pairs, as (left behind, cost)."""
    by_key = {one.key: one for one in managers}
    ways = [
        [None, *(key for key in by_key if cost(lead, by_key[key], PARENTS, weight) is not None)]
        for lead in leads
    ]
    for chosen in product(*ways):
        count = {key: start[key] + chosen.count(key) for key in by_key}
        if all(count[key] <= by_key[key].limit or not chosen.count(key) for key in by_key):
            given = {lead.key: key for lead, key in zip(leads, chosen, strict=True) if key is not None}
            yield len(leads) - len(given), total(leads, managers, given, start, weight)


@given(leads_lists, manager_lists, weights)
def test_no_other_way_leaves_fewer_behind_or_costs_less(leads, managers, weight) -> None:
    found = propose(leads, managers, PARENTS, weight)
    start = {one.key: one.in_hand for one in managers}
    for lead in found.by_claim:
        start[found.given[lead]] += 1
    rest = [lead for lead in leads if lead.key not in found.by_claim]
    rest_given = {lead: one for lead, one in found.given.items() if lead not in found.by_claim}
    best = min(every_way(rest, managers, start, weight))
    assert (len(rest) - len(rest_given), total(rest, managers, rest_given, start, weight)) == best


@given(leads_lists, manager_lists, weights)
def test_every_lead_has_a_manager_or_a_reason_and_no_manager_exceeds_the_limit(
    leads, managers, weight
) -> None:
    found = propose(leads, managers, PARENTS, weight)
    assert {*found.given, *found.left} == {lead.key for lead in leads}
    assert not found.given.keys() & found.left.keys()
    rows = {lead.key: lead for lead in leads}
    for one in managers:
        mine = [key for key, who in found.given.items() if who == one.key]
        assert not mine or one.in_hand + len(mine) <= one.limit
        assert all(cost(rows[key], one, PARENTS, weight) is not None for key in mine)


@given(leads_lists, manager_lists, weights, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(leads, managers, weight, dice: random.Random) -> None:
    mixed = dice.sample(leads, len(leads)), dice.sample(managers, len(managers))
    assert propose(*mixed, PARENTS, weight) == propose(leads, managers, PARENTS, weight)


@given(leads_lists, manager_lists, weights)
def test_a_reason_is_true(leads, managers, weight) -> None:
    found = propose(leads, managers, PARENTS, weight)
    rows = {lead.key: lead for lead in leads}
    taken = list(found.given.values())
    for key, why in found.left.items():
        lead = rows[key]
        fitting = [one for one in managers if lead.kind in one.kinds]
        near = [one for one in fitting if distance(lead.unit, one.units, PARENTS) <= weight.farthest]
        awake = [one for one in near if one.key not in lead.resting]
        held = {
            Why.NO_ROLE: not fitting,
            Why.TOO_FAR: bool(fitting) and not near,
            Why.RESTING: bool(near) and not awake,
            Why.FULL: bool(awake) and all(one.in_hand + taken.count(one.key) >= one.limit for one in awake),
        }
        assert held[why]


def test_who_brought_a_lead_has_it_before_who_is_nearer() -> None:
    near = Manager(1, frozenset({"person"}), frozenset({1}), limit=5)
    brought = Manager(2, frozenset({"person"}), frozenset({3}), limit=5)
    found = propose([LeadRow(7, "person", 1, first=2)], [near, brought], PARENTS, Weights(10, 0, 1, 2))
    assert (found.given, found.by_claim) == ({7: 2}, frozenset({7}))


def test_distance_is_the_same_outlet_the_same_branch_or_the_bank() -> None:
    assert [distance(1, frozenset({unit}), PARENTS) for unit in (1, 2, 3)] == [0, 1, 2]


def test_equal_managers_share_equal_leads_evenly() -> None:
    managers = [Manager(key, frozenset({"person"}), frozenset({1}), limit=100) for key in range(5)]
    leads = [LeadRow(key, "person", 1) for key in range(50)]
    found = propose(leads, managers, PARENTS, Weights(10, 6, 2, 2))
    assert sorted(list(found.given.values()).count(key) for key in range(5)) == [10] * 5
