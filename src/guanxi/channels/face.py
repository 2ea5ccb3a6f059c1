"""The one face of every channel (渠道): what goes out, what may come back, and the promise each adapter keeps.

The three answers to a message are the heart of "arrives once". `Accepted` and `Refused` are certainties; everything
else is `Doubtful`, and the sender must never treat doubt as refusal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias, runtime_checkable


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one address. `out_id` is ours, unique for ever and at most 32 characters."""

    out_id: str
    address: str
    text: str
    subject: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The counterpart took the message and named it; it may still fail to arrive. Cost in fen when it is known."""

    out_id: str
    vendor_id: str
    parts: int
    cost_fen: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The message was surely NOT taken. `temporary`: throttled or not even submitted, it may be sent again later."""

    out_id: str
    code: str
    words: str
    temporary: bool


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Nobody knows: a time-out, half a reply, a connection lost after the message had left."""

    out_id: str
    words: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The counterpart does not know the message now; it means "never taken" only after its visibility lag."""

    out_id: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: named by the counterpart's id, by ours, or both."""

    vendor_id: str | None
    out_id: str | None
    state: Literal["delivered", "failed"]
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What a customer wrote back: from which address, to which of our numbers."""

    address: str
    text: str
    at: datetime
    to: str


Answer: TypeAlias = Accepted | Refused | Doubtful
Found: TypeAlias = Accepted | Receipt | NotFound
Heard: TypeAlias = Receipt | Reply


@runtime_checkable
class Channel(Protocol):
    """A conversation with one counterpart; open it, send, listen, close it. One event loop uses one channel."""

    can_ask: bool  # the counterpart answers queries by our own id
    hosts: Sequence[str]  # every host it will connect to: the sandbox refuses those that are not this machine
    takes_twice: bool  # the same out_id sent twice is delivered twice (False: idempotent by out_id)

    async def open(self) -> None:
        """Connect; raises `ChannelClosed` in plain words when the counterpart cannot be reached or refuses us."""

    async def close(self) -> None:
        """Say good-bye and let go of the connection; may be called twice."""

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """One answer per message, in the batch's order; never raises because of a message."""

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """What the counterpart knows of our ids; an id it could not be asked about is missing from the answer."""

    async def heard(self) -> Sequence[Heard]:
        """Receipts and replies that came in. The next call says that these are safely kept: until then they stay."""

    def parts(self, text: str) -> int:
        """How many billed parts this text has, with the account's signature."""


class ChannelClosed(Exception):
    """The conversation cannot begin: unreachable, refused at the door, or switched off."""
