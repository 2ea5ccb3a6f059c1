"""The lead's way: what holds on every walk through it, and what feedback lacks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.leads.rules import (
    MISSING,
    OPEN,
    OWNED,
    POOLED,
    WORKED,
    Deed,
    Feedback,
    NotNow,
    State,
    after,
    credit,
    is_overdue,
    missing_in,
)

TAKES = {Deed.CLAIM, Deed.ASSIGN}
LETS_GO = {Deed.GIVE_BACK, Deed.LAPSE}


@given(st.lists(st.sampled_from(list(Deed)), max_size=30))
def test_on_every_walk_a_worked_lead_has_an_owner_and_a_pooled_one_has_none(deeds) -> None:
    state, owned, fed_back = State.COLLECT, False, False
    for deed in deeds:
        try:
            state = after(state, deed, owned=owned, fed_back=fed_back)
        except NotNow:
            continue
        owned = deed in TAKES or (owned and deed not in LETS_GO)
        fed_back = deed is Deed.FEED_BACK or (
            fed_back and deed not in {Deed.SEND_BACK, Deed.FALL_SHORT, *LETS_GO}
        )
        assert owned or state not in OWNED
        assert not owned or state not in POOLED
        assert state is not State.CONVERT or fed_back


@given(st.sampled_from(sorted(set(State) - OPEN)), st.sampled_from(list(Deed)), st.booleans(), st.booleans())
def test_nothing_leads_out_of_an_end(state, deed, owned, fed_back) -> None:
    with pytest.raises(NotNow):
        after(state, deed, owned=owned, fed_back=fed_back)


def test_the_five_steps_in_their_order() -> None:
    way = [State.COLLECT]
    for deed, owned in ((Deed.PUBLISH, False), (Deed.CLAIM, False), (Deed.FALL_SHORT, True), (Deed.FEED_BACK, True),
                        (Deed.CONVERT, True), (Deed.VERIFY, True)):  # fmt: skip
        way.append(after(way[-1], deed, owned=owned, fed_back=True))
    assert way == [
        *(
            State.COLLECT,
            State.PUBLISH,
            State.FEEDBACK,
            State.REPAIR,
            State.FEEDBACK,
            State.CONVERT,
            State.WON,
        )
    ]


def test_conversion_waits_for_complete_feedback() -> None:
    with pytest.raises(NotNow):
        after(State.FEEDBACK, Deed.CONVERT, owned=True, fed_back=False)


@given(st.builds(Feedback, st.just(True), *[st.sampled_from(("", " ", "张总"))] * 4))
def test_feedback_with_resources_names_what_is_left_out(said) -> None:
    assert missing_in(said) == [name for name in MISSING if not getattr(said, name).strip()]


def test_feedback_without_resources_lacks_nothing() -> None:
    assert missing_in(Feedback(False)) == []


@pytest.mark.parametrize(
    ("until", "overdue"), [(date(2026, 10, 31), True), (date(2026, 11, 1), False), (None, False)]
)
def test_the_last_day_of_protection_still_protects(until, overdue) -> None:
    assert {is_overdue(state, until, date(2026, 11, 1)) for state in WORKED} == {overdue}
    assert not is_overdue(State.PUBLISH, until, date(2026, 11, 1))


@pytest.mark.parametrize(
    ("state", "accepted", "converted", "earned"),
    [
        ("collect", False, False, 0),
        ("publish", True, False, 1),
        ("convert", True, True, 6),
        ("won", True, True, 26),
        ("lost", True, True, 6),
    ],
)
def test_credit_adds_up_along_the_way(state, accepted, converted, earned) -> None:
    assert credit(state, accepted=accepted, converted=converted, points=(1, 5, 20)) == earned
