"""What is known of one customer when somebody wants to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

ANY = "any"
CONSENT_CHANNELS = {"call": "phone"}  # our channel → the contract's word for it, where they differ


def consent_channel(channel: str) -> str:
    """The channel as consents name it: a call is `phone`, the others are called alike."""
    return CONSENT_CHANNELS.get(channel, channel)


@dataclass(frozen=True)
class Said:
    """One word of the customer: agreed to or refused `purpose` on `channel` ("any": on all).

    `since` is when it begins to count, `rank` when it was said as far as is known: a refusal of which only the day is
    known ranks at that day's end, an agreement at its begin, so that of one day the refusal wins. `ref` finds the
    proof again: the number of the bank's row, below zero the number of ours.
    """

    purpose: str
    channel: str
    agreed: bool
    since: datetime
    rank: datetime
    ref: int = 0


@dataclass(frozen=True)
class Touch:
    """The customer was reached so many times on that day (the bank's day) on a channel."""

    day: date
    channel: str
    times: int = 1


@dataclass(frozen=True)
class Facts:
    """One customer. `zone` None: unknown. `holds` and `stops` are reason codes; stops forbid notices as well."""

    state: str = "active"
    is_person: bool = True
    born: date | None = None
    zone: str | None = None
    scheme: str = ""
    tier: str = ""
    stage: str = ""
    said: tuple[Said, ...] = ()
    suppressed: bool = False  # the number or address itself is on the list of refusals
    holds: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    touches: tuple[Touch, ...] = ()
    most_a_month: int | None = None  # the customer's own wish
    topics_off: tuple[str, ...] = ()  # what the customer does not want to hear about
