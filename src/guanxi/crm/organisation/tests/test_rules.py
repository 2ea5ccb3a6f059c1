"""Reach and rights from posts: plain values, no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.organisation import rules
from guanxi.crm.organisation.models import Role
from guanxi.crm.organisation.rules import HeldPost, Reach, Right, Sight

ME, OTHER = 1, 2
roles = st.sampled_from([role.value for role in Role])
posts = st.lists(st.builds(HeldPost, st.sampled_from([ME, OTHER]), st.integers(1, 3), roles), max_size=5)


def mine(*held: str) -> Reach:
    return rules.reach_from(ME, [HeldPost(ME, 1, role) for role in held], frozenset({1}))


def test_every_role_of_the_contract_has_its_rule() -> None:
    assert set(rules.ROLE_RULES) == {role.value for role in Role}


@pytest.mark.parametrize("role", ["administrator", "compliance", "other"])
def test_who_runs_the_program_sees_no_customer(role) -> None:
    reach = mine(role)
    assert not reach.sees_customers
    assert not reach.may(Right.SEE_CUSTOMERS)
    assert not reach.covers(1, ME)


def test_the_trail_is_compliances_alone() -> None:
    assert [role for role in Role if mine(role.value).may(Right.SEE_AUDIT)] == [Role.COMPLIANCE]


def test_who_changes_people_neither_sees_customers_nor_the_trail() -> None:
    reach = mine("administrator")
    assert reach.may(Right.CHANGE_PEOPLE)
    assert not reach.may(Right.SEE_AUDIT)


@pytest.mark.parametrize("role", ["teller", "lobby", "analyst"])
def test_masked_roles_never_unmask(role) -> None:
    assert mine(role).masked
    assert not mine(role).may(Right.REVEAL)


def test_only_who_looks_at_the_whole_bank_sees_no_names() -> None:
    assert [role for role in Role if mine(role.value).hides_names] == [Role.ANALYST]


@given(posts)
def test_more_posts_never_take_a_right_away(held) -> None:
    whole = rules.reach_from(ME, held, frozenset({1, 2}))
    for post in held:
        part = rules.reach_from(ME, [post], frozenset({1, 2}))
        assert part.rights <= whole.rights
        assert rules.WIDTH.index(part.sight) <= rules.WIDTH.index(whole.sight)


@given(posts)
def test_cover_gives_sight_to_those_who_have_some_and_never_a_right(held) -> None:
    own = [post for post in held if post.staff_id == ME]
    alone, covering = (rules.reach_from(ME, these, frozenset({1})) for these in (own, held))
    assert covering.rights == alone.rights
    assert covering.roles == alone.roles
    assert covering.sees_customers == alone.sees_customers
    assert covering.masked == alone.masked


@given(posts, st.integers(1, 3), st.sampled_from([None, ME, OTHER, 3]))
def test_a_customer_out_of_units_and_books_is_out_of_reach(held, unit, keeper) -> None:
    reach = rules.reach_from(ME, held, frozenset({1}))
    if reach.covers(unit, keeper):
        assert reach.sight is not Sight.NONE
        assert unit in reach.unit_ids or keeper in reach.staff_ids


def test_nobody_has_no_reach() -> None:
    assert not Reach(ME).covers(None, None)
