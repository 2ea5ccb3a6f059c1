"""Authority, endings and agreement as plain functions, against what they must never do."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.retention import rules
from guanxi.insight.policies.retention import (
    OFFERS,
    Authority,
    LeavingPlace,
    LeavingReason,
    RetentionPolicy,
)

ROLES = ("relationship_manager", "outlet_head", "supervisor")
KINDS = st.sampled_from(sorted(OFFERS))
AMOUNTS = st.lists(st.integers(1, 3_000_000), max_size=6)
LIMITS = st.dictionaries(
    st.tuples(st.sampled_from(ROLES), KINDS), st.decimals(0, 10_000, places=2), max_size=15
)


def policy(limits=None) -> RetentionPolicy:
    told = limits or {}
    return RetentionPolicy(
        case_days=5, judge_days=90, kept_share=Decimal("0.8"), report_months=12, products_asked=("product",),
        authorities=tuple(Authority(role, offer, most) for (role, offer), most in told.items()),
        leaving_reasons=(
            LeavingReason("rate", "利率", "Rate", ("saved", "lost")),
            LeavingReason("transit", "在途", "In transit", ("false_alarm",)),
        ),
        leaving_places=(
            LeavingPlace("state", "国有大行", "State bank", ("own_name_bank",), ("工商",)),
            LeavingPlace("rural", "农商行", "Rural bank", ("own_name_bank",), ("农商",)),
            LeavingPlace("here", "仍在本行", "Here", ("internal",), stays=True),
            LeavingPlace("unknown", "不清楚", "Not known"),
        ),
    )  # fmt: skip


@given(LIMITS, KINDS, AMOUNTS, st.integers(1, 3_000_000))
def test_what_one_person_grants_in_pieces_never_comes_to_more_than_the_limit(limits, kind, before, amount):
    said = policy(limits)
    standing: list[int] = []
    for piece in [*before, amount]:
        if rules.within_authority(said, {"outlet_head"}, kind, standing, piece):
            standing.append(piece)
    assert rules.taken(kind, standing) <= rules.limit(said, {"outlet_head"}, kind)


@given(
    LIMITS, KINDS, AMOUNTS, st.integers(1, 3_000_000), st.sets(st.sampled_from(ROLES)), st.sampled_from(ROLES)
)
def test_a_further_post_never_takes_authority_away(limits, kind, before, amount, roles, more):
    said = policy(limits)
    if rules.within_authority(said, roles, kind, before, amount):
        assert rules.within_authority(said, {*roles, more}, kind, before, amount)


@pytest.mark.parametrize(
    ("kind", "most", "fits"), [("fee", "200.00", 20_000), ("gift", "0.01", 1), ("rate", "10", 10)]
)
def test_the_limit_itself_is_within_authority_and_one_more_is_not(kind, most, fits):
    said = policy({("outlet_head", kind): Decimal(most)})
    assert rules.within_authority(said, {"outlet_head"}, kind, [], fits)
    assert not rules.within_authority(said, {"outlet_head"}, kind, [], fits + 1)


def test_half_a_basis_point_is_no_authority_for_one():
    assert not rules.within_authority(
        policy({("outlet_head", "rate"): Decimal("0.5")}), {"outlet_head"}, "rate", [], 1
    )


@given(LIMITS, KINDS, st.integers(1, 3_000_000), st.integers(1, 3), st.integers(1, 3))
def test_nobody_approves_their_own_offer_nor_one_above_their_own_limit(limits, kind, total, maker, decider):
    said = policy(limits)
    allowed = rules.may_decide(said, {"supervisor"}, kind, total, maker=maker, decider=decider)
    assert allowed == (maker != decider and total <= rules.limit(said, {"supervisor"}, kind))


@pytest.mark.parametrize(
    ("ending", "reason", "place", "fits"),
    [
        ("lost", "rate", "state", True),
        ("lost", "rate", "here", False),
        ("saved", "rate", "here", True),
        ("lost", "transit", "state", False),
        ("false_alarm", "transit", "here", True),
        ("false_alarm", "rate", "here", False),
        ("open", "rate", "state", False),
        ("lost", "no such", "state", False),
        ("lost", "rate", "no such", False),
    ],
)
def test_an_ending_needs_a_reason_and_a_destination_that_fit_it(ending, reason, place, fits):
    assert rules.may_end(policy(), ending, reason, place) is fits


@pytest.mark.parametrize(
    ("ledger_class", "bank", "places"),
    [
        ("own_name_bank", "中国工商银行苏州分行", ("state",)),
        ("own_name_bank", "常熟农商银行", ("rural",)),
        ("own_name_bank", "某某银行", ("state", "rural")),
        ("own_name_bank", None, ("state", "rural")),
        ("internal", None, ("here",)),
        ("house", None, ()),
        (None, "中国工商银行", ()),
    ],
)
def test_the_outflow_tells_the_destination_by_its_class_and_the_other_banks_name(ledger_class, bank, places):
    assert policy().places_of(ledger_class, bank) == places


@pytest.mark.parametrize(
    ("said", "ledger", "agrees"),
    [
        ("state", ["state"], True),
        ("rural", ["state"], False),
        ("state", [], None),
        ("unknown", ["state"], None),
    ],
)
def test_said_and_ledger_are_compared_only_when_both_speak(said, ledger, agrees):
    assert rules.agreement(said, ledger, policy().telling_places()) is agrees


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_wealth_that_did_not_fall_is_always_kept(opening, more):
    assert rules.is_kept(opening, opening + more, Decimal("0.8"))


@pytest.mark.parametrize(("now", "kept"), [(80_00, True), (79_99, False)])
def test_the_share_kept_is_judged_to_the_fen(now, kept):
    assert rules.is_kept(100_00, now, Decimal("0.8")) is kept
