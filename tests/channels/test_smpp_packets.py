"""Our packets, read and written by two foreign implementations."""

import struct
from datetime import UTC, datetime, timedelta

import aiosmpplib.protocol as theirs
import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from guanxi.channels.face import Reply
from guanxi.channels.parts import decode, split
from guanxi.channels.smpp.pdu import UDH, Command, Delivery, Submission, delivery, frame, frames
from guanxi.channels.smpp.receipts import read_receipt
from guanxi.channels.smpp.replies import PATIENCE, Replies

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DIGITS = st.text("0123456789", min_size=1, max_size=20)


@given(
    DIGITS,
    st.text(min_size=1, max_size=70).filter(lambda text: len(text.encode("utf-16-be", "replace")) <= 140),
)
def test_a_submission_reads_the_same_in_both_foreign_implementations(number: str, text: str) -> None:
    octets = split(text, only_ucs2=True)[0]
    body = Submission("10690001", number, octets, 8, 0, 1, 4711, destination_npi=1).body()
    packet = frame(Command.SUBMIT_SM, 7, body)
    rust = smpp34.decode(packet)
    assert isinstance(rust, smpp34.SubmitSm)
    assert (rust.destination_addr, rust.short_message, rust.registered_delivery) == (number, octets, 1)
    assert [(tlv.tag, tlv.as_int()) for tlv in rust.tlvs] == [(0x0204, 4711)]
    python = theirs.SubmitSm.from_pdu(packet, theirs.SmppMessage.parse_header(packet), "gsm0338")
    assert isinstance(python, theirs.SubmitSm)
    assert (python.short_message, python.destination.number) == (decode(octets, "ucs2"), number)


@given(DIGITS, st.binary(max_size=140), st.binary(max_size=300))
def test_a_delivery_written_by_another_implementation_is_read(
    number: str, octets: bytes, payload: bytes
) -> None:
    tlvs = [smpp34.Tlv(smpp34.TLV_MESSAGE_PAYLOAD, payload)] if payload else []
    packet = smpp34.DeliverSm(number, "10690001", octets, esm_class=4, data_coding=8, tlvs=tlvs).encode()
    read = delivery(packet[16:])
    assert (read.source, read.destination, read.is_receipt) == (number, "10690001", True)
    assert read.octets == (payload or octets)


@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 40))
def test_packets_are_found_whatever_pieces_the_network_makes(bodies: list[bytes], piece: int) -> None:
    stream = b"".join(frame(5, number, body) for number, body in enumerate(bodies))
    buffer, found = bytearray(), []
    for start in range(0, len(stream), piece):
        buffer += stream[start : start + piece]
        found += [packet.body for packet in frames(buffer)]
    assert found == bodies
    assert not buffer


@given(st.binary(max_size=200))
def test_garbage_is_refused_and_never_breaks_anything_else(octets: bytes) -> None:
    for read in (delivery, lambda body: list(frames(bytearray(struct.pack("!I", 4) + body)))):
        try:
            read(octets)
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("text", "state", "code"),
    [
        ("id:7 sub:001 dlvrd:001 done date:2611221031 stat:DELIVRD err:000 text:", "delivered", "DELIVRD"),
        ("id:7 sub:001 done date:261122103100 stat:UNDELIV err:MK:0012 text:x", "failed", "UNDELIV MK:0012"),
        ("id:7 stat:EXPIRED err:XA", "failed", "EXPIRED XA"),
        ("id:7 stat:ACCEPTD err:000", "", "ACCEPTD"),
        ("ID:7 STAT:delivrd DONE DATE:20261122103100", "delivered", "DELIVRD"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_receipts_are_read_as_smscs_write_them(text: str, state: str, code: str) -> None:
    told = read_receipt(Delivery("139", "1069", 4, 0, text.encode(), {}), UTC)
    assert (told.state, told.code) == (state, code)
    if "done date" in text.lower():
        assert told.at == datetime(2026, 11, 22, 10, 31, tzinfo=UTC)


def test_a_receipt_made_of_parameters_alone_is_read() -> None:
    told = read_receipt(
        Delivery("139", "1069", 4, 0, b"", {0x001E: b"abc\0", 0x0427: b"\5", 0x0204: b"\0\7"}), UTC
    )
    assert (told.vendor_id, told.state, told.code, told.reference) == ("abc", "failed", "UNDELIV", 7)


def reply_part(text: str, number: int, total: int) -> Delivery:
    header = bytes((5, 0, 3, 9, total, number))
    return Delivery("13900000001", "1069", UDH, 8, header + text.encode("utf-16-be"), {})


def test_a_long_reply_is_joined_in_whatever_order_its_parts_come() -> None:
    replies = Replies()
    assert replies.add(reply_part("再发了", 2, 2), NOW) == []
    assert replies.add(reply_part("请不要", 1, 2), NOW) == [Reply("13900000001", "请不要再发了", NOW, "1069")]


def test_a_reply_whose_part_is_lost_is_heard_as_far_as_it_came() -> None:
    replies = Replies()
    replies.add(reply_part("退订", 1, 2), NOW)
    assert list(replies.overdue(NOW)) == []
    assert [reply.text for reply in replies.overdue(NOW + PATIENCE + timedelta(seconds=1))] == ["退订"]
    assert list(replies.overdue(NOW + 2 * PATIENCE)) == []
