"""A counterpart that says exactly what a test tells it to: for what a well-behaved SMSC never does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from guanxi.channels.smpp.pdu import ANSWER, Command, Pdu, frame, frames

Say = Callable[[bytes], None]
React = Callable[[Pdu, asyncio.StreamWriter], Awaitable[None]]


class RawSmsc:
    """Binds whoever comes (unless `bind_status`), then hands every packet to `react`."""

    def __init__(self, react: React, bind_status: int = 0) -> None:
        self._react = react
        self._bind_status = bind_status
        self.submits = 0
        self.connections = 0

    async def __aenter__(self) -> RawSmsc:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        buffer = bytearray()
        while data := await reader.read(65536):
            buffer += data
            for packet in frames(buffer):
                await self._on(packet, writer)
        writer.close()

    async def _on(self, packet: Pdu, writer: asyncio.StreamWriter) -> None:
        if packet.command == Command.BIND_TRANSCEIVER:
            writer.write(frame(packet.command | ANSWER, packet.sequence, b"RAW\0", self._bind_status))
            return
        self.submits += packet.command == Command.SUBMIT_SM
        await self._react(packet, writer)


def answer(packet: Pdu, vendor_id: str = "X1", status: int = 0) -> bytes:
    """A submit_sm_resp."""
    return frame(packet.command | ANSWER, packet.sequence, vendor_id.encode() + b"\0", status)
