"""The register of events in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.behaviour.rules import Register, register_of
from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy

_known: dict[str, tuple[BehaviourEventPolicy, Register]] = {}  # by content hash: a payload never changes


def register_on(on: date) -> tuple[BehaviourEventPolicy, Register] | None:
    """The policy of that day with its register as lines are checked; None when the bank has set none."""
    content = hash_in_force(BehaviourEventPolicy.kind, on)
    if content is None:
        return None
    if content not in _known:
        policy = cast("BehaviourEventPolicy", active(BehaviourEventPolicy.kind, on))
        _known[content] = policy, register_of(policy)
    return _known[content]


def event_policy(on: date) -> BehaviourEventPolicy | None:
    """The policy alone."""
    known = register_on(on)
    return known[0] if known else None
