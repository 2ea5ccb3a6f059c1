"""An operator's SMSC over SMPP 3.4 (短信中心模拟器), on another implementation's server so that two check each other.

It accepts, delays, keeps silent, throttles, refuses, sends receipts late, twice, never or before its answer, and lets
customers write back 退订 and its many spellings.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import smpp34

from guanxi.channels.parts import decode
from guanxi.channels.simulators.afterlife import Afterlife, Customs, Sequel
from guanxi.channels.simulators.ledger import Ledger
from guanxi.channels.simulators.mischief import Mischief
from guanxi.channels.simulators.ports import free_port
from guanxi.channels.smpp.pdu import Tag

# What meets one submit_sm. "silent": taken, but never answered. "delay": answered after `delay_seconds`.
FATES = {"throttle": 0x58, "full": 0x14, "refuse": 0x0B, "silent": 0, "delay": 0}
UDH, RECEIPT = 0x40, 0x04
UCS2 = 8
SILENT_KEPT = 10_000


@dataclass
class SmscSetting:
    """How the SMSC behaves; `most_a_second` throttles what comes faster (0: never)."""

    port: int = 0
    fates: Mischief = field(default_factory=Mischief)
    customs: Customs = field(default_factory=Customs)
    delay_seconds: float = 0.2
    most_a_second: int = 0
    ledger: Path | None = None
    fsync: bool = False
    lines: bool = True


class Smsc:
    """The SMSC on a port of this machine; `async with Smsc(setting) as smsc: smsc.port`."""

    def __init__(self, setting: SmscSetting | None = None) -> None:
        self.setting = setting or SmscSetting()
        self.ledger = Ledger(self.setting.ledger, self.setting.fsync)
        self.port = self.setting.port
        self.most_open = 0
        self._open = 0
        self._accepts = self._seen = 0
        self._again: set[tuple[str, bytes]] = set()
        self._parts: dict[tuple[str, int], dict[int, str]] = {}
        self._silent: deque[smpp34.SubmitSmEvent] = deque(maxlen=SILENT_KEPT)
        self._sessions: dict[str, smpp34.Esme] = {}
        self._bound = asyncio.Event()
        self._after = Afterlife(self.setting.customs, self.ledger, self._tell)
        self._bucket = _Bucket(self.setting.most_a_second)
        self._server: smpp34.Server | None = None
        self._loop: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Smsc:
        """Listen on 127.0.0.1, on the port set or a free one."""
        self.port = self.port or free_port()
        self._server = smpp34.Server("127.0.0.1", self.port, system_id="GUANXI-SMSC")
        await self._server.start()
        self._loop = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Unbind whoever is bound and stop."""
        self._after.stop()
        for session in list(self._sessions.values()):
            with contextlib.suppress(smpp34.SmppError, ConnectionError, RuntimeError, OSError, TimeoutError):
                await asyncio.wait_for(session.unbind(), 1.0)
        for task in (*self._answering, self._loop):
            if task is not None:
                task.cancel()
        if self._server is not None:
            await self._server.stop()
        self.ledger.close()

    @property
    def outstanding(self) -> int:
        """Receipts and replies not yet told."""
        return self._after.outstanding

    async def _serve(self) -> None:
        assert self._server is not None
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.SubmitSmEvent):
                self._on_submit(event)
            elif isinstance(event, smpp34.Esme):
                self.ledger.count("bind")
                self._sessions[event.session_id] = event
                self._bound.set()
                self._bound = (
                    asyncio.Event()
                )  # whoever waits looks again; who comes later waits for the next one
            else:
                self._sessions.pop(event.session_id, None)

    def _on_submit(self, event: smpp34.SubmitSmEvent) -> None:
        self._seen += 1
        key = (event.destination_addr, event.short_message)
        fate = "throttle" if self._bucket.is_empty() else self.setting.fates.fate("submit", *key)
        if fate in ("throttle", "full"):
            # What was put off once is taken when it comes again, as a real queue does.
            if key not in self._again:
                self._again.add(key)
                return self._reject(event, fate)
            self._again.discard(key)
            fate = ""
        if fate == "refuse":
            return self._reject(event, fate)
        vendor_id = self._accept(event)
        if fate == "silent":
            self.ledger.count("silent")
            self._silent.append(event)
        elif fate == "delay" or self._after.is_early(vendor_id):
            self._answer_later(event, vendor_id)
        else:
            event.accept(vendor_id)
        return None

    def _reject(self, event: smpp34.SubmitSmEvent, fate: str) -> None:
        self.ledger.count(fate)
        event.reject(FATES[fate])

    def _answer_later(self, event: smpp34.SubmitSmEvent, vendor_id: str) -> None:
        async def later() -> None:
            await asyncio.sleep(self.setting.delay_seconds)
            event.accept(vendor_id)

        task = asyncio.create_task(later())
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        self.ledger.count("answered late")

    def _accept(self, event: smpp34.SubmitSmEvent) -> str:
        self._accepts += 1
        vendor_id = f"S{self._accepts:010d}"
        reference = _reference(event)
        number, total, text = _part(event)
        facts = {"address": event.destination_addr, "vendor_id": vendor_id}
        if self.setting.lines:
            self.ledger.note("accept", **facts, reference=reference, part=number, parts=total, text=text)
        else:
            self.ledger.count("accept")
        self._joined(event, number, total, text)
        self.ledger.settle()
        session = self._sessions.get(event.session_id)
        self._after.begin(
            f"{reference}" if reference is not None else "",
            vendor_id,
            event.destination_addr,
            event.source_addr,
            wants_receipt=event.registered_delivery == 1,
            session=event.session_id,
            account=session.system_id if session else "",
        )
        return vendor_id

    def _joined(self, event: smpp34.SubmitSmEvent, number: int, total: int, text: str) -> None:
        """A long text becomes one message when all its parts are here."""
        if total > 1:
            key = (event.destination_addr, event.short_message[3])
            parts = self._parts.setdefault(key, {})
            parts[number] = text
            if len(parts) < total:
                return
            text = "".join(text for _, text in sorted(self._parts.pop(key).items()))
        if self.setting.lines:
            self.ledger.note("message", address=event.destination_addr, text=text)
        else:
            self.ledger.count("message")

    async def _tell(self, sequel: Sequel) -> None:
        """Deliver to a session of the account, again after a loss: receipts are kept until they are acknowledged."""
        while True:
            session = self._receiver(sequel)
            if session is None:
                await self._bound.wait()
                continue
            try:
                await self._deliver(session, sequel)
            except (smpp34.SmppError, ConnectionError, RuntimeError, OSError):
                self._sessions.pop(session.session_id, None)
                continue
            break
        facts = (
            {"text": sequel.text}
            if sequel.kind == "reply"
            else {"vendor_id": sequel.vendor_id, "state": sequel.state}
        )
        if self.setting.lines:
            self.ledger.write(sequel.kind, address=sequel.address, **facts)
        else:
            self.ledger.count(sequel.kind)

    def _receiver(self, sequel: Sequel) -> smpp34.Esme | None:
        """The session that submitted while it is bound and may receive, else any receiver of the same account."""
        able = [one for one in self._sessions.values() if one.can_receive]
        own = next((one for one in able if one.session_id == sequel.session), None)
        return own or next((one for one in able if one.system_id == sequel.account), None)

    async def _deliver(self, session: smpp34.Esme, sequel: Sequel) -> None:
        if sequel.kind == "reply":
            text, coding, shape = sequel.text.encode("utf-16-be"), UCS2, 0
        else:
            text, coding, shape = _receipt_text(sequel), 0, RECEIPT
        reference = int(sequel.out_id or 0).to_bytes(2, "big")
        tlvs = [smpp34.Tlv(Tag.USER_MESSAGE_REFERENCE, reference)] if shape and sequel.out_id else []
        await session.deliver_sm(
            sequel.sender,
            text,
            source_addr=sequel.address,
            esm_class=shape,
            data_coding=coding,
            tlvs=tlvs,
        )


class _Bucket:
    """So many a second, counted in whole seconds."""

    def __init__(self, most: int) -> None:
        self._most, self._second, self._used = most, 0, 0

    def is_empty(self) -> bool:
        second = int(asyncio.get_running_loop().time())
        if second != self._second:
            self._second, self._used = second, 0
        self._used += 1
        return 0 < self._most < self._used


def _reference(event: smpp34.SubmitSmEvent) -> int | None:
    for tlv in event.tlvs:
        if tlv.tag == Tag.USER_MESSAGE_REFERENCE:
            return int.from_bytes(tlv.value, "big")
    return None


def _part(event: smpp34.SubmitSmEvent) -> tuple[int, int, str]:
    octets, number, total = event.short_message, 1, 1
    if event.esm_class & UDH:
        total, number = octets[4], octets[5]
        octets = octets[octets[0] + 1 :]
    return number, total, decode(octets, "ucs2" if event.data_coding == UCS2 else "gsm7")


def _receipt_text(sequel: Sequel) -> bytes:
    at = datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%y%m%d%H%M")
    delivered = "001" if sequel.state == "delivered" else "000"
    return (
        f"id:{sequel.vendor_id} sub:001 dlvrd:{delivered} submit date:{at} done date:{at} "
        f"stat:{sequel.code} err:000 text:"
    ).encode()
