"""SMS over SMPP 3.4 (运营商短信): long texts in parts, receipts, replies, a window, throttling, reconnection.

SMPP has no query by our own id (query_sm asks by the id the SMSC gave, which is just what a lost answer keeps from
us), so the channel is blind: `can_ask` is False. A doubt ends only when a receipt, or an answer that came too late,
names the message; our reference in the packet (user_message_reference) tells whose it is.
"""

from __future__ import annotations

import asyncio
import secrets as randomness
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from guanxi.channels.face import (
    Accepted,
    Answer,
    ChannelClosed,
    Doubtful,
    Found,
    Heard,
    Outgoing,
    Receipt,
    Refused,
)
from guanxi.channels.inbox import Inbox
from guanxi.channels.parts import Dress, alphabet_of, count, split
from guanxi.channels.pricing import Price
from guanxi.channels.settings import read_settings, secret
from guanxi.channels.smpp.memory import Memory
from guanxi.channels.smpp.pace import Pace
from guanxi.channels.smpp.pdu import (
    LATER,
    UDH,
    WORDS,
    Command,
    Delivery,
    Pdu,
    Submission,
    delivery,
    message_id,
)
from guanxi.channels.smpp.receipts import read_receipt
from guanxi.channels.smpp.replies import Replies
from guanxi.channels.smpp.session import Door, Lost, NotSent, Session

CODINGS = {"ucs2": 8, "gsm7": 0}
RECEIPT_ALWAYS, RECEIPT_ON_FAILURE = 1, 2
PART_TRIES = 5
SYSTEM_ERROR = 0x08


@dataclass(frozen=True)
class SmppSettings:
    """An account at an SMSC. Window, pace and time zone are what the operator wrote into the contract."""

    host: str
    port: int
    system_id: str
    source: str
    password: str = secret()
    system_type: str = ""
    service_type: str = ""
    tls: bool = False
    signature: str = ""
    way_out: str = ""
    only_ucs2: bool = True
    window: int = 10
    a_second: int = 0
    seconds: float = 10.0
    pulse: float = 30.0
    patience: float = 5.0
    source_ton: int = 0
    source_npi: int = 1
    destination_ton: int = 0
    destination_npi: int = 1
    fen_a_part: str = ""
    time_zone: str = "Asia/Shanghai"
    later_codes: tuple[str, ...] = ()
    inbox: str = ""

    def problems(self) -> Iterator[str]:
        """What types cannot say."""
        if not 0 < self.port < 65536:
            yield "port must lie between 1 and 65535"
        if self.window < 1 or self.a_second < 0 or min(self.seconds, self.pulse, self.patience) <= 0:
            yield "window, seconds, pulse and patience must be above 0; a_second not below"
        if self.time_zone not in available_timezones():
            yield f"time_zone {self.time_zone} is not known"
        if any(not code.isdigit() for code in self.later_codes):
            yield "later_codes must be numbers as text"
        yield from Price.problems(self.fen_a_part)


class SmsOverSmpp:
    """One bind at one SMSC, kept alive in the background while the channel is open."""

    can_ask = False
    takes_twice = True

    def __init__(
        self,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.set = read_settings(SmppSettings, "sms_smpp", settings, secrets)
        self.hosts: Sequence[str] = [self.set.host]
        self._door = Door(
            self.set.host, self.set.port, self.set.system_id, self.set.password, self.set.system_type,
            self.set.tls, self.set.window, self.set.seconds, self.set.pulse,
        )  # fmt: skip
        self._dress = Dress(self.set.signature, self.set.way_out)
        self._price = Price(self.set.fen_a_part)
        self._later = LATER | {int(code) for code in self.set.later_codes}
        self._zone = ZoneInfo(self.set.time_zone)
        self._now = now
        self._inbox = Inbox(self.set.inbox)
        self._replies = Replies()
        self._by_vendor, self._by_reference = Memory(), Memory()
        # From a random start: a receipt of a former process must not fit a message of this one.
        self._reference = self._long = randomness.randbelow(0x10000)
        self._pace = Pace(self.set.a_second)
        self._session: Session | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.reconnects = 0
        self.widest = 0  # the most requests that were ever unanswered at once

    async def open(self) -> None:
        """Bind; raises `ChannelClosed` when the SMSC cannot be reached or refuses us now."""
        if self._keeper is not None:
            return
        self._inbox.open()
        try:
            await self._bind()
        except ConnectionError as error:
            self._inbox.close()
            raise ChannelClosed(str(error)) from error
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Unbind and stop coming back."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self._session is not None:
            await self._session.close()
        self._keeper = self._session = None
        self._ready.clear()
        self._inbox.close()

    def parts(self, text: str) -> int:
        """Billed parts, with the account's signature and way out."""
        return count(self._dress.over(text), self.set.only_ucs2)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Submit within the window; the answers come in the batch's order."""
        return await asyncio.gather(*(self._one(out) for out in batch))

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """SMPP cannot be asked by our own id: nothing is said about any."""
        del out_ids
        return {}

    async def heard(self) -> Sequence[Heard]:
        """Receipts and replies since; they were on disk before the SMSC was told so (setting `inbox`)."""
        for reply in self._replies.overdue(self._now()):
            self._inbox.put(reply)
        return self._inbox.take()

    async def _bind(self) -> None:
        session = Session(self._door, self._on_delivery, self._on_late, self._inbox.settle)
        await session.open()
        self._session = session
        self._ready.set()

    async def _keep(self) -> None:
        """Come back after every loss, waiting longer each time up to half a minute."""
        while self._session is not None:
            await self._session.lost
            self._ready.clear()
            wait = 0.2
            while not self._ready.is_set():
                await asyncio.sleep(wait)
                wait = min(wait * 2, 30.0)
                try:
                    await self._bind()
                    self.reconnects += 1
                except ConnectionError:
                    continue

    async def _one(self, out: Outgoing) -> Answer:
        try:
            submissions = self._submissions(out)
        except ValueError as error:
            return Refused(out.out_id, "unfit", str(error), temporary=False)
        vendor_id = ""
        for taken, submission in enumerate(submissions):
            answer = await self._submit(out.out_id, submission, first=taken == 0)
            if not isinstance(answer, Accepted):
                return self._after(out.out_id, taken, len(submissions), answer)
            vendor_id = answer.vendor_id
        return Accepted(out.out_id, vendor_id, len(submissions), self._price.fen(len(submissions)))

    @staticmethod
    def _after(out_id: str, taken: int, parts: int, answer: Answer) -> Answer:
        """Once a part was taken, nothing that happens to a later one makes the message surely not taken."""
        if taken == 0 or isinstance(answer, Doubtful):
            return answer
        words = answer.words if isinstance(answer, Refused) else ""
        return Doubtful(out_id, f"{taken} of {parts} parts taken, then refused: {words}")

    async def _submit(self, out_id: str, submission: Submission, first: bool) -> Answer:
        """One part; a throttled later part is tried again, since its message has already begun to go."""
        for _ in range(1 if first else PART_TRIES):
            answer = await self._submit_once(out_id, submission)
            if not isinstance(answer, Refused) or not answer.temporary:
                break
        return answer

    async def _submit_once(self, out_id: str, submission: Submission) -> Answer:
        key = (submission.destination, submission.reference)
        self._by_reference.put(key, out_id)
        try:
            if not self._ready.is_set():
                async with asyncio.timeout(self.set.patience):
                    await self._ready.wait()
            await self._pace.turn()
            session = self._session
            assert session is not None
            packet = await session.request(Command.SUBMIT_SM, submission.body(), out_id)
            self.widest = max(self.widest, session.widest)
        except (NotSent, TimeoutError):
            return Refused(out_id, "unreachable", "no session with the SMSC", temporary=True)
        except Lost as error:
            return Doubtful(out_id, str(error))
        return self._meaning(out_id, packet)

    def _meaning(self, out_id: str, packet: Pdu) -> Answer:
        if packet.status == 0 and packet.command != Command.GENERIC_NACK:
            vendor_id = message_id(packet.body)
            self._by_vendor.put(vendor_id, out_id)
            self._pace.faster()
            return Accepted(out_id, vendor_id, 1, None)
        if packet.status in self._later:
            self._pace.slower()
        if packet.status == SYSTEM_ERROR:
            return Doubtful(out_id, "system error at the SMSC")
        words = WORDS.get(packet.status, "refused by the SMSC")
        return Refused(out_id, str(packet.status), words, temporary=packet.status in self._later)

    def _submissions(self, out: Outgoing) -> list[Submission]:
        """The packets of a message; only the last asks for every receipt, the others for a failure's."""
        text = self._dress.over(out.text)
        parts = split(text, self.set.only_ucs2)
        if len(parts) > 255:
            raise ValueError("a text of more than 255 parts")
        self._long += len(parts) > 1
        submissions = [self._submission(out, text, parts, number) for number in range(1, len(parts) + 1)]
        submissions[0].body()  # an address that does not fit is found before anything has left
        return submissions

    def _submission(self, out: Outgoing, text: str, parts: Sequence[bytes], number: int) -> Submission:
        self._reference = (self._reference + 1) & 0xFFFF
        joined = len(parts) > 1
        header = bytes((5, 0, 3, self._long & 0xFF, len(parts), number)) if joined else b""
        return Submission(
            source=out.fields.get("source", self.set.source),
            destination=out.address,
            octets=header + parts[number - 1],
            data_coding=CODINGS[alphabet_of(text, self.set.only_ucs2)],
            esm_class=UDH if joined else 0,
            receipt=RECEIPT_ALWAYS if number == len(parts) else RECEIPT_ON_FAILURE,
            reference=self._reference,
            source_ton=self.set.source_ton,
            source_npi=self.set.source_npi,
            destination_ton=self.set.destination_ton,
            destination_npi=self.set.destination_npi,
            service_type=self.set.service_type,
        )

    def _on_late(self, token: object, packet: Pdu) -> None:
        """An answer after we gave up: remember whose id it is, so that the receipt ends the doubt."""
        if packet.status == 0 and isinstance(token, str):
            self._by_vendor.put(message_id(packet.body), token)

    def _on_delivery(self, packet: Pdu) -> int:
        """Keep a receipt or reply; the SMSC hears "received" after it is settled. What cannot be read is refused."""
        try:
            told = delivery(packet.body)
        except ValueError:
            return SYSTEM_ERROR
        if told.is_receipt:
            self._on_receipt(told)
        else:
            for reply in self._replies.add(told, self._now()):
                self._inbox.add(reply)
        return 0

    def _on_receipt(self, packet: Delivery) -> None:
        told = read_receipt(packet, self._zone)
        if not told.state:
            return
        out_id = self._by_vendor.kept.get(told.vendor_id)
        if out_id is None and told.reference is not None:
            out_id = self._by_reference.kept.get((packet.source, told.reference))
        self._inbox.add(
            Receipt(told.vendor_id or None, out_id, told.state, told.code, told.at or self._now())
        )
