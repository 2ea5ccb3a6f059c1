"""Delivery receipts (状态报告) as SMSCs really write them: the text of appendix B, parameters, or a mixture.

Vendors add seconds to dates and letters to error codes; what cannot be read never loses the receipt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from guanxi.channels.smpp.pdu import Delivery, Tag

# message_state of the specification, section 5.2.28; 1 and 6 (under way, accepted) are no end.
STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
UNDER_WAY = {"ENROUTE", "ACCEPTD", ""}
_FIELD = {
    name: re.compile(rf"\b{name}:\s*(\S*)", re.IGNORECASE) for name in ("id", "stat", "err", "done date")
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt says; `state` is empty while the message is still under way."""

    vendor_id: str
    state: Literal["delivered", "failed", ""]
    code: str
    at: datetime | None
    reference: int | None


def read_receipt(packet: Delivery, zone: tzinfo) -> Told:
    """A receipt in the SMSC's time zone; missing pieces are empty, never an error."""
    text = packet.octets.decode("latin-1")
    parameters = packet.parameters
    named = parameters.get(Tag.RECEIPTED_MESSAGE_ID, b"").split(b"\0", 1)[0].decode("latin-1")
    number = int.from_bytes(parameters.get(Tag.MESSAGE_STATE, b""), "big")
    stat = _field(text, "stat").upper() or STATES.get(number, "")
    error = _field(text, "err")
    reference = parameters.get(Tag.USER_MESSAGE_REFERENCE)
    return Told(
        vendor_id=named or _field(text, "id"),
        state="" if stat in UNDER_WAY else "delivered" if stat == "DELIVRD" else "failed",
        code=stat if error.strip("0") == "" else f"{stat} {error}",
        at=_instant(_field(text, "done date"), zone),
        reference=int.from_bytes(reference, "big") if reference else None,
    )


def _field(text: str, name: str) -> str:
    found = _FIELD[name].search(text)
    return found.group(1) if found else ""


def _instant(digits: str, zone: tzinfo) -> datetime | None:
    if len(digits) not in (10, 12, 14) or not (digits.isascii() and digits.isdigit()):
        return None
    whole = digits if len(digits) == 14 else f"20{digits}"
    month, day, hour, minute, second = [int(whole[at : at + 2] or 0) for at in range(4, 14, 2)]
    try:
        return datetime(int(whole[:4]), month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
