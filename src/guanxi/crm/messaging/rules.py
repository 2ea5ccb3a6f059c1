"""Which state of a message may follow which, and why a channel is off. Pure."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.messaging.models import State

MOVES: Mapping[str, frozenset[str]] = {
    State.PLANNED: frozenset({State.CLAIMED, State.EXPIRED, State.STOPPED, State.UNKNOWN}),
    State.CLAIMED: frozenset(
        {State.SUBMITTING, State.PLANNED, State.REFUSED, State.EXPIRED, State.STOPPED, State.UNKNOWN}
    ),
    State.SUBMITTING: frozenset({State.ACCEPTED, State.FAILED, State.PLANNED, State.UNKNOWN}),
    State.UNKNOWN: frozenset(
        {State.ACCEPTED, State.DELIVERED, State.FAILED, State.PLANNED, State.EXPIRED, State.STOPPED}
    ),
    State.ACCEPTED: frozenset({State.DELIVERED, State.FAILED}),
    State.FAILED: frozenset({State.DELIVERED}),  # some counterparts correct themselves
    State.DELIVERED: frozenset(),
    State.REFUSED: frozenset(),
    State.EXPIRED: frozenset(),
    State.STOPPED: frozenset(),
}
"""Unknown, accepted → delivered or failed also when the receipt comes before the answer."""

OPEN = (State.PLANNED, State.CLAIMED)
"""Not yet submitting: an opt-out, a stop or an end may still catch them."""

SENT = (State.ACCEPTED, State.DELIVERED)

OFF_REASONS: Mapping[str, Promise] = {
    "new": _("Never switched on"),
    "person": _("Switched off by a person"),
    "brake_person": _("Stopped: too many messages to one customer in a short time"),
    "brake_volume": _("Stopped: more messages than planned"),
    "restored": _("Stopped: the database was restored or moved"),
    "unreachable": _("Stopped: the counterpart cannot be reached"),
}


def may_follow(was: str, to: str) -> bool:
    """Whether a message in state `was` may take state `to`."""
    return to in MOVES[was]
