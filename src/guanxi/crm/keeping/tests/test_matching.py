"""The proposal for the pool against every possible one, on small cases; the order of reasons; ties."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.crm.keeping.matching import Candidate, Choice, Waiting, cost_of, propose

keepers = st.lists(
    st.builds(
        Candidate,
        key=st.integers(1, 6),
        units=st.frozensets(st.integers(1, 2), min_size=1),
        minutes=st.integers(0, 100),
        customers=st.integers(0, 3),
        minutes_limit=st.integers(20, 140),
        customers_limit=st.integers(1, 5),
        preference=st.integers(0, 1),
    ),
    min_size=1, max_size=3, unique_by=lambda one: one.key,
)  # fmt: skip
customers = st.lists(
    st.builds(
        Waiting,
        key=st.integers(1, 50),
        minutes=st.integers(0, 60),
        unit=st.integers(1, 2),
        brought_by=st.none() | st.integers(1, 6),
        main_outlet=st.none() | st.integers(1, 2),
        payroll_outlet=st.none() | st.integers(1, 2),
    ),
    min_size=1, max_size=5, unique_by=lambda one: one.key,
)  # fmt: skip


def worth(
    waiting: list[Waiting], able: list[Candidate], chosen: dict[int, int | None]
) -> tuple[int, int, int] | None:
    """(customers left, sum of costs, minutes of the fullest keeper); None when a limit is broken."""
    left, cost, fullest = 0, 0, max(one.minutes for one in able)
    for one in waiting:
        if chosen[one.key] is None:
            left += 1
            continue
        price = cost_of(one, next(who for who in able if who.key == chosen[one.key]))
        if price is None:
            return None
        cost += price
    for who in able:
        mine = [one.minutes for one in waiting if chosen[one.key] == who.key]
        if mine and (
            sum(mine) > max(who.minutes_limit - who.minutes, 0)
            or len(mine) > max(who.customers_limit - who.customers, 0)
        ):
            return None
        fullest = max(fullest, who.minutes + sum(mine))
    return left, cost, fullest


@settings(max_examples=60, deadline=None)
@given(customers, keepers)
def test_no_other_proposal_is_better(waiting, able) -> None:
    found = worth(waiting, able, {choice.customer: choice.keeper for choice in propose(waiting, able)})
    choices = [None, *(who.key for who in able)]
    every = (
        worth(waiting, able, dict(zip((one.key for one in waiting), some, strict=True)))
        for some in product(choices, repeat=len(waiting))
    )
    assert found == min(one for one in every if one is not None)


@settings(max_examples=25, deadline=None)
@given(customers, keepers, st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_changes_nothing(waiting, able, dice) -> None:
    first = propose(waiting, able)
    dice.shuffle(waiting)
    dice.shuffle(able)
    assert propose(waiting, able) == first


def test_who_brought_the_deposits_goes_before_the_outlet_and_the_outlet_before_load() -> None:
    ann = Candidate(1, frozenset({1}), 900, 9, 1000, 99)
    ben = Candidate(2, frozenset({1, 2}), 0, 0, 1000, 99)
    waiting = [
        Waiting(1, 20, 1, brought_by=1, main_outlet=2),
        Waiting(2, 20, 1, main_outlet=2),
        Waiting(3, 20, 1, main_outlet=9, payroll_outlet=2),
        Waiting(4, 20, 1),
    ]
    assert propose(waiting, [ann, ben]) == [
        Choice(1, 1, "brought"),
        Choice(2, 2, "main_outlet"),
        Choice(3, 2, "payroll_outlet"),
        Choice(4, 2, "load"),
    ]


def test_a_customer_for_whom_there_is_nobody_says_so() -> None:
    full = Candidate(1, frozenset({1}), 1000, 9, 1000, 99)
    waiting = [Waiting(1, 20, 1), Waiting(2, 20, 2)]
    assert propose(waiting, [full]) == [Choice(1, None, "all_full"), Choice(2, None, "nobody_here")]
    assert propose(waiting, []) == [Choice(1, None, "nobody_here"), Choice(2, None, "nobody_here")]
