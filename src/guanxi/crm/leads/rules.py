"""The lead's way in five steps (收集 → 发布 → 反馈 → 补充 → 转化) as a table of moves, and what feedback lacks.

Plain values in, plain values out: who may do a deed is asked by the services, whether the state allows it, here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """The five steps, then the ends."""

    COLLECT = "collect"
    PUBLISH = "publish"
    FEEDBACK = "feedback"
    REPAIR = "repair"
    CONVERT = "convert"
    WON = "won"  # a customer with holdings, verified
    LOST = "lost"
    KNOWN = "known"  # somebody's customer already (命中)
    TWICE = "twice"  # somebody else handed it in before
    DROPPED = "dropped"


class Deed(StrEnum):
    """What is done to a lead. Contact and look change no state."""

    HAND_IN = "hand_in"
    PUBLISH = "publish"
    DROP = "drop"
    CLAIM = "claim"
    ASSIGN = "assign"
    CONTACT = "contact"
    FEED_BACK = "feed_back"  # complete
    FALL_SHORT = "fall_short"  # feedback that lacks something
    SEND_BACK = "send_back"  # by the head, with what is missing
    SUPPLY = "supply"  # by who handed it in
    CONVERT = "convert"
    STEP = "step"
    GIVE_BACK = "give_back"
    LAPSE = "lapse"
    LOSE = "lose"
    VERIFY = "verify"
    RECOGNISE = "recognise"  # found to be a customer before anybody worked it


STEPS = (State.COLLECT, State.PUBLISH, State.FEEDBACK, State.REPAIR, State.CONVERT)
OPEN = frozenset(STEPS)
WORKED = frozenset({State.FEEDBACK, State.REPAIR, State.CONVERT})
"""States in which somebody holds it: counted against the limit, protected, given back by the night."""
OWNED = frozenset({State.FEEDBACK, State.CONVERT, State.WON, State.LOST})
"""States that need an owner; repair may also lie with who handed it in."""

POOLED = frozenset({State.COLLECT, State.PUBLISH, State.KNOWN, State.TWICE, State.DROPPED})
"""States without an owner."""

MOVES: Mapping[tuple[State, Deed], State] = {
    (State.COLLECT, Deed.PUBLISH): State.PUBLISH,
    (State.COLLECT, Deed.DROP): State.DROPPED,
    (State.COLLECT, Deed.SEND_BACK): State.REPAIR,
    (State.COLLECT, Deed.RECOGNISE): State.KNOWN,
    (State.PUBLISH, Deed.DROP): State.DROPPED,
    (State.PUBLISH, Deed.CLAIM): State.FEEDBACK,
    (State.PUBLISH, Deed.ASSIGN): State.FEEDBACK,
    (State.PUBLISH, Deed.RECOGNISE): State.KNOWN,
    (State.FEEDBACK, Deed.FEED_BACK): State.FEEDBACK,
    (State.FEEDBACK, Deed.FALL_SHORT): State.REPAIR,
    (State.FEEDBACK, Deed.SEND_BACK): State.REPAIR,
    (State.FEEDBACK, Deed.CONVERT): State.CONVERT,
    (State.REPAIR, Deed.FEED_BACK): State.FEEDBACK,
    (State.REPAIR, Deed.FALL_SHORT): State.REPAIR,
    (State.REPAIR, Deed.SUPPLY): State.COLLECT,
    (State.REPAIR, Deed.DROP): State.DROPPED,
    **{(state, deed): state for state in WORKED for deed in (Deed.CONTACT, Deed.STEP)},
    **{(state, Deed.GIVE_BACK): State.PUBLISH for state in WORKED},
    **{(state, Deed.LAPSE): State.PUBLISH for state in WORKED},
    **{(state, Deed.LOSE): State.LOST for state in WORKED},
    **{(state, Deed.VERIFY): State.WON for state in WORKED},
}
UNOWNED_ONLY = frozenset({Deed.SUPPLY, Deed.DROP})
"""Deeds on a lead in repair that nobody owns; all others in the working states need its owner."""


class NotNow(ValueError):
    """The state of the lead does not allow the deed."""


def after(state: str, deed: Deed, *, owned: bool, fed_back: bool = False) -> State:
    """The state after the deed; NotNow when there is no such move. Conversion needs complete feedback before it."""
    here = State(state)
    to = MOVES.get((here, deed))
    if to is None or (deed is Deed.CONVERT and not fed_back):
        raise NotNow(f"{deed} in {state}")
    if here in WORKED and (deed in UNOWNED_ONLY) is owned:
        raise NotNow(f"{deed} with an owner" if owned else f"{deed} without an owner")
    return to


@dataclass(frozen=True)
class Feedback:
    """What an owner says about a lead."""

    has_resources: bool
    resources: str = ""
    decides: str = ""
    informs: str = ""
    operates: str = ""


MISSING = ("resources", "decides", "informs", "operates")


def missing_in(said: Feedback) -> list[str]:
    """What is still to be found out, in the document's order; nothing where there are no resources."""
    if not said.has_resources:
        return []
    return [name for name in MISSING if not getattr(said, name).strip()]


def is_overdue(state: str, protected_until: date | None, today: date) -> bool:
    """Whether the protection (保护期) of a worked lead has run out: its last day still protects."""
    return State(state) in WORKED and protected_until is not None and protected_until < today


def credit(state: str, *, accepted: bool, converted: bool, points: tuple[int, int, int]) -> int:
    """What the finder has earned: for being accepted, for conversion, for the deal, added up."""
    for_accepted, for_converted, for_sold = points
    return for_accepted * accepted + for_converted * converted + for_sold * (State(state) is State.WON)
