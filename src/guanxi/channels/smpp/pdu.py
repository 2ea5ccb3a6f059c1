"""Packets of SMPP 3.4 (sections 3 to 5 of its specification): header, bind, submit_sm, deliver_sm, parameters."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct("!IIII")
LONGEST = 70_000  # a message_payload is at most 64 KB; anything longer is no SMPP
ANSWER = 0x80000000


class Command(IntEnum):
    """The commands we speak; an answer has the highest bit set."""

    BIND_TRANSCEIVER = 0x09
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = ANSWER


class Tag(IntEnum):
    """Optional parameters we read or write."""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


# Surely not taken, may come again: queue full (20) and throttled (88).
LATER = {0x14, 0x58}
WORDS = {
    0x01: "message length is invalid",
    0x08: "system error",
    0x0A: "source address is invalid",
    0x0B: "destination address is invalid",
    0x0D: "bind failed",
    0x0E: "password is wrong",
    0x0F: "system id is wrong",
    0x14: "queue full",
    0x45: "submit_sm failed",
    0x58: "throttled",
}
UDH = 0x40  # esm_class: the text begins with a header
RECEIPT = 0x04  # esm_class, message type: delivery receipt
TYPE_BITS = 0x3C


@dataclass(frozen=True, slots=True)
class Pdu:
    """One packet: what it is, how it went, which request it belongs to, and its body."""

    command: int
    status: int
    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """One submit_sm: from, to, the encoded part and what is asked about it."""

    source: str
    destination: str
    octets: bytes
    data_coding: int
    esm_class: int
    receipt: int
    reference: int
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 0
    destination_npi: int = 0
    service_type: str = ""

    def body(self) -> bytes:
        """The body on the wire; raises ValueError where an address or the text does not fit the packet."""
        if len(self.octets) > 254:
            raise ValueError("a part holds at most 254 octets")
        return b"".join(
            (
                _text(self.service_type, 5),
                bytes((self.source_ton, self.source_npi)),
                _text(self.source, 20),
                bytes((self.destination_ton, self.destination_npi)),
                _text(self.destination, 20),
                bytes((self.esm_class, 0, 0)),
                b"\0\0",
                bytes((self.receipt, 0, self.data_coding, 0, len(self.octets))),
                self.octets,
                struct.pack("!HHH", Tag.USER_MESSAGE_REFERENCE, 2, self.reference),
            )
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """One deliver_sm: a delivery receipt or what a customer wrote."""

    source: str
    destination: str
    esm_class: int
    data_coding: int
    octets: bytes
    parameters: Mapping[int, bytes]

    @property
    def is_receipt(self) -> bool:
        """Whether it tells of a message of ours."""
        return self.esm_class & TYPE_BITS == RECEIPT


def frame(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A whole packet."""
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def frames(buffer: bytearray) -> Iterator[Pdu]:
    """Every whole packet at the buffer's head, taken out of it; raises ValueError when the stream is no SMPP."""
    while len(buffer) >= HEADER.size:
        length, command, status, sequence = HEADER.unpack_from(buffer)
        if not HEADER.size <= length <= LONGEST:
            raise ValueError(f"a packet of {length} octets")
        if len(buffer) < length:
            return
        body = bytes(buffer[HEADER.size : length])
        del buffer[:length]
        yield Pdu(command, status, sequence, body)


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    """The body of a bind; raises ValueError for names the packet cannot hold."""
    names = _text(system_id, 15) + _text(password, 64) + _text(system_type, 12)
    return names + bytes((0x34, 0, 0)) + b"\0"


def message_id(body: bytes) -> str:
    """The id in a submit_sm_resp; empty when there is none."""
    return body.split(b"\0", 1)[0].decode("latin-1")


def delivery(body: bytes) -> Delivery:
    """A deliver_sm's body; raises ValueError when it is cut."""
    reader = _Reader(body)
    reader.text()
    reader.skip(2)
    source = reader.text()
    reader.skip(2)
    destination = reader.text()
    esm_class = reader.byte()
    reader.skip(2)
    reader.text()
    reader.text()
    reader.skip(2)
    data_coding = reader.byte()
    reader.skip(1)
    octets = reader.take(reader.byte())
    parameters = dict(reader.parameters())
    return Delivery(
        source, destination, esm_class, data_coding, parameters.get(Tag.MESSAGE_PAYLOAD, octets), parameters
    )


def _text(value: str, longest: int) -> bytes:
    if len(value) > longest or not value.isascii() or "\0" in value:
        raise ValueError(f"{value!r} is not at most {longest} plain characters")
    return value.encode("ascii") + b"\0"


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._body):
            raise ValueError("the packet is cut")
        self._at += count
        return self._body[self._at - count : self._at]

    def skip(self, count: int) -> None:
        self.take(count)

    def byte(self) -> int:
        return self.take(1)[0]

    def text(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise ValueError("the packet is cut")
        return self.take(end + 1 - self._at)[:-1].decode("latin-1")

    def parameters(self) -> Iterator[tuple[int, bytes]]:
        while self._at + 4 <= len(self._body):
            tag, length = struct.unpack("!HH", self.take(4))
            yield tag, self.take(length)
