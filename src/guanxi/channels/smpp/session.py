"""One bound SMPP session: a window of unanswered requests, a pulse, and certainty about what was surely not sent.

A request ends in one of three ways: it is answered, it was never written (`NotSent`), or nobody knows (`Lost`).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from guanxi.channels.smpp.pdu import ANSWER, WORDS, Command, Pdu, bind_body, frame, frames

LAST_SEQUENCE = 0x7FFFFFFF
REMEMBERED_LATE = 100_000
QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux only


class NotSent(Exception):
    """The request never left: the counterpart surely does not have it."""


class Lost(Exception):
    """The request had left when the connection broke or the answer did not come in time."""


@dataclass(frozen=True)
class Door:
    """Where to knock and as whom."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    tls: bool = False
    window: int = 10
    seconds: float = 10.0
    pulse: float = 30.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that waits for its answer, until when, and whose it is."""

    answer: asyncio.Future[Pdu]
    until: float
    token: object


class Session(asyncio.Protocol):
    """Open it once; when it is lost, make another."""

    def __init__(
        self, door: Door, on_delivery: Callable[[Pdu], int], on_late: Callable[[object, Pdu], None],
        settle: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """`on_delivery` returns the status of our answer, 0 for a packet that is safely kept after the next `settle`,
        which comes before any answer leaves.

        `on_late` is told an answer that came after its request was given up, with the request's token.
        """
        self._door = door
        self._on_delivery = on_delivery
        self._on_late = on_late
        self._settle = settle
        self._window = asyncio.Semaphore(door.window)
        self._pending: dict[int, _Asked] = {}  # in the order of their deadlines
        self._deadline: asyncio.TimerHandle | None = None
        self._late: dict[int, object] = {}
        self._sequence = 0
        self._inward = bytearray()
        self._outward = bytearray()
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._heard_at = 0.0
        self._pulse: asyncio.Task[None] | None = None
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.bound = False
        self.widest = 0

    async def open(self) -> None:
        """Connect and bind as transceiver; raises ConnectionError in plain words."""
        loop = asyncio.get_running_loop()
        tls = ssl.create_default_context() if self._door.tls else None
        try:
            async with asyncio.timeout(self._door.seconds):
                await loop.create_connection(lambda: self, self._door.host, self._door.port, ssl=tls)
                body = bind_body(self._door.system_id, self._door.password, self._door.system_type)
                answer = await self._ask(Command.BIND_TRANSCEIVER, body)
        except (OSError, NotSent, Lost, TimeoutError) as error:
            self._drop()
            raise ConnectionError(
                f"no SMPP session with {self._door.host}:{self._door.port}: {error}"
            ) from error
        if answer.status:
            self._drop()
            raise ConnectionError(f"bind refused: {WORDS.get(answer.status, 'status')} ({answer.status})")
        self.bound = True
        self._pulse = asyncio.create_task(self._keep_pulse())

    async def request(self, command: Command, body: bytes, token: object = None) -> Pdu:
        """One request within the window; raises `NotSent` or `Lost`."""
        async with self._window:
            await self._writable.wait()
            if not self.bound:
                raise NotSent("the session is not bound")
            self.widest = max(self.widest, len(self._pending) + 1)
            return await self._ask(command, body, token)

    async def close(self) -> None:
        """Unbind if that is possible, then hang up."""
        if self.bound:
            with contextlib.suppress(NotSent, Lost):
                await self._ask(Command.UNBIND, b"")
        self._drop()

    async def _ask(self, command: Command, body: bytes, token: object = None) -> Pdu:
        if self._transport is None or self._transport.is_closing():
            raise NotSent("the connection is closed")
        sequence = self._sequence = self._sequence % LAST_SEQUENCE + 1
        loop = asyncio.get_running_loop()
        asked = _Asked(loop.create_future(), loop.time() + self._door.seconds, token)
        self._pending[sequence] = asked
        if self._deadline is None:
            self._deadline = loop.call_at(asked.until, self._give_up)
        self._write(frame(command, sequence, body))
        try:
            return await asked.answer
        except asyncio.CancelledError:
            self._remember(sequence, token)
            raise
        finally:
            self._pending.pop(sequence, None)

    # One timer for all requests: the oldest is the first to be given up.
    def _give_up(self) -> None:
        loop, self._deadline = asyncio.get_running_loop(), None
        for sequence, asked in list(self._pending.items()):
            if asked.until > loop.time():
                self._deadline = loop.call_at(asked.until, self._give_up)
                return
            del self._pending[sequence]
            self._remember(sequence, asked.token)
            if not asked.answer.done():
                asked.answer.set_exception(Lost(f"no answer within {self._door.seconds:g} s"))

    def _remember(self, sequence: int, token: object) -> None:
        self._late[sequence] = token
        if len(self._late) > REMEMBERED_LATE:
            del self._late[next(iter(self._late))]

    # Packets of one turn of the loop leave in one write.
    def _write(self, packet: bytes) -> None:
        if not self._outward:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outward += packet

    def _flush(self) -> None:
        try:
            self._settle()
        except OSError as error:  # nothing is acknowledged that is not kept: the SMSC tells it again
            self._outward.clear()
            return self._break(f"what came in cannot be kept: {error}")
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(bytes(self._outward))
        self._outward.clear()
        return None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def pause_writing(self) -> None:
        """asyncio: the counterpart reads too slowly; nothing more is submitted."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """asyncio: it reads again."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """asyncio: octets came in. A stream that is no SMPP ends the session."""
        self._heard_at = asyncio.get_running_loop().time()
        self._inward += data
        try:
            for packet in frames(self._inward):
                self._on_packet(packet)
        except ValueError as error:
            self._break(str(error))
        if not self._outward and not self._window.locked():
            self._acknowledge()

    # With nothing more to say our system waits 40 ms with its acknowledgement, and a counterpart under Nagle's
    # algorithm holds its next answers back for it: the end of every batch would stand still for so long.
    def _acknowledge(self) -> None:
        told = self._transport.get_extra_info("socket") if self._transport is not None else None
        if told is not None and QUICKACK is not None:
            with contextlib.suppress(OSError):
                told.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio: the connection is gone; what was unanswered is in doubt."""
        self._break(str(error or "the connection was closed"))

    def _on_packet(self, packet: Pdu) -> None:
        if packet.command & ANSWER:
            self._on_answer(packet)
        elif packet.command == Command.DELIVER_SM:
            status = self._on_delivery(packet)
            self._write(frame(Command.DELIVER_SM | ANSWER, packet.sequence, b"\0", status))
        elif packet.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            self._write(frame(packet.command | ANSWER, packet.sequence))
            if packet.command == Command.UNBIND:
                self.bound = False
                asyncio.get_running_loop().call_soon(self._break, "the counterpart unbound us")
        else:
            self._write(frame(Command.GENERIC_NACK, packet.sequence, status=3))

    def _on_answer(self, packet: Pdu) -> None:
        waiting = self._pending.pop(packet.sequence, None)
        if waiting is not None and not waiting.answer.done():
            waiting.answer.set_result(packet)
        elif packet.sequence in self._late:
            self._on_late(self._late.pop(packet.sequence), packet)

    async def _keep_pulse(self) -> None:
        """After a silence ask whether the counterpart is there; no answer ends the session."""
        loop = asyncio.get_running_loop()
        while self.bound:
            await asyncio.sleep(max(0.01, self._heard_at + self._door.pulse - loop.time()))
            if loop.time() - self._heard_at < self._door.pulse:
                continue
            try:
                await self._ask(Command.ENQUIRE_LINK, b"")
            except (NotSent, Lost):
                self._break("no answer to enquire_link")

    def _break(self, words: str) -> None:
        self.bound = False
        pending, self._pending = self._pending, {}
        for waiting in pending.values():
            if not waiting.answer.done():
                waiting.answer.set_exception(Lost(words))
        self._writable.set()
        if not self.lost.done():
            self.lost.set_result(words)
        self._drop()

    def _drop(self) -> None:
        self.bound = False
        if self._pulse is not None and self._pulse is not asyncio.current_task():
            self._pulse.cancel()
        if self._deadline is not None and not self._pending:
            self._deadline.cancel()
            self._deadline = None
        if self._transport is not None:
            self._transport.close()
        if not self.lost.done():
            self.lost.set_result("closed by us")
