"""What the machine needs from around it: permission to send, texts, a channel, the bank's number of the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from guanxi.channels.face import Reply

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Due:
    """A message a sender has claimed. No address: it comes out of the vault at the instant of sending."""

    id: int
    uuid: UUID
    party_id: int
    channel: str
    purpose: str
    origin: str
    ref: str
    step: int
    template_version: int | None
    fields: Mapping[str, Any]
    expires_at: datetime
    attempts: int
    in_doubt: bool
    submitted_at: datetime | None = None

    @property
    def out_id(self) -> str:
        """Our id at the counterpart."""
        return self.uuid.hex

    @property
    def volume(self) -> tuple[str, str, int, str]:
        """The decision it belongs to."""
        return self.origin, self.ref, self.step, self.channel


class Verdict(Protocol):
    """The gate's word on one message: go, not ever (`code`), or not before `next_at`; `word`: the consent behind."""

    @property
    def allowed(self) -> bool:
        """Whether it may be submitted now."""

    @property
    def code(self) -> str:
        """Why not."""

    @property
    def next_at(self) -> datetime | None:
        """When it may be asked again; None: never."""

    @property
    def word(self) -> int | None:
        """The row of consent it rests on."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with its fields filled in."""

    text: str
    subject: str = ""
    unsubscribe: str = ""  # where a mail program posts the way out


class Gate(Protocol):
    """Permission to contact, and what belongs to it. Called inside the sender's transaction except for `hear`."""

    def barred(self, connector: str, *, at: datetime, using: str) -> str:
        """Why nothing may leave through this account (its code) now: no contract with its vendor, or an endpoint
        abroad; empty when it may."""

    def take(self, messages: Sequence[Due], *, at: datetime, using: str) -> Sequence[Verdict]:
        """A verdict for each, in order; what is allowed is taken from the budgets. The same message again takes
        nothing more. Locks the parties' budgets in the order of their numbers."""

    def give_back(self, messages: Sequence[Due], *, at: datetime, using: str) -> None:
        """These were surely not sent: what was taken for them is free again."""

    def texts(self, messages: Sequence[Due], *, using: str) -> Mapping[int, Rendered]:
        """The text of each by its id; a message whose template cannot be filled in is missing."""

    def hear(self, reply: Reply, *, channel: str, at: datetime, using: str) -> None:
        """What a customer wrote back: a refusal counts at once."""
