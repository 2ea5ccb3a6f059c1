"""A bank's HTTP message platform (短信平台模拟器): idempotent, query-only with a visibility lag, or blind.

Modes after what real platforms promise: `idempotent` (an id is taken once), `query` (taken as often as submitted; a
query by our id answers, after a lag), `blind` (taken as often as submitted; no query).
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from guanxi.channels.simulators.afterlife import Afterlife, Customs, Sequel
from guanxi.channels.simulators.ledger import Ledger
from guanxi.channels.simulators.mischief import Mischief
from guanxi.channels.sms_http import is_signed

Mode = Literal["idempotent", "query", "blind"]
# A whole request meets one of these. "… after": the messages were taken before it went wrong.
REQUEST_FATES = (
    "429",
    "500",
    "500 after",
    "silence",
    "silence after",
    "half",
    "charset",
    "cut",
    "cut after",
    "partial",
)
MESSAGE_FATES = ("refuse", "throttle")


@dataclass
class GatewaySetting:
    """How the platform behaves. `silence_seconds` should outlast the client's patience."""

    mode: Mode = "query"
    account: str = "guanxi"
    key: str = "sandbox"
    port: int = 0
    lag_seconds: float = 0.0
    answer_seconds: float = 0.0
    silence_seconds: float = 30.0
    requests: Mischief = field(default_factory=Mischief)
    messages: Mischief = field(default_factory=Mischief)
    customs: Customs = field(default_factory=Customs)
    ledger: Path | None = None
    fsync: bool = False


@dataclass
class _Known:
    vendor_id: str
    seen_from: float
    state: str = "accepted"
    code: str = ""


class Gateway:
    """The platform on a port of this machine; `async with Gateway(setting) as gateway: gateway.url`."""

    def __init__(self, setting: GatewaySetting | None = None) -> None:
        self.setting = setting or GatewaySetting()
        self.ledger = Ledger(self.setting.ledger, self.setting.fsync)
        self.url = ""
        self._known: dict[str, _Known] = {}
        self._queue: deque[dict[str, Any]] = deque()
        self._pulled: dict[str, list[dict[str, Any]]] = {}
        self._accepts = self._requests = self._pulls = 0
        self._after = Afterlife(self.setting.customs, self.ledger, self._tell)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Gateway:
        """Listen on 127.0.0.1, on the port set or a free one."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/submit", self._submit)
        app.router.add_post("/query", self._query)
        app.router.add_post("/receipts", self._receipts)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.setting.port).start()
        self.port = int(self._runner.addresses[0][1])
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop at once."""
        self._after.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        self.ledger.close()

    @property
    def outstanding(self) -> int:
        """Receipts and replies not yet fetched and confirmed."""
        return self._after.outstanding + len(self._queue) + sum(map(len, self._pulled.values()))

    async def _body(self, request: web.Request) -> dict[str, Any]:
        body = await request.read()
        if not is_signed(self.setting.key, request.path, request.headers, body, datetime.now(UTC)):
            raise web.HTTPUnauthorized
        document = json.loads(body)
        assert isinstance(document, dict)
        return document

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        document = await self._body(request)
        self._requests += 1
        fate = self.setting.requests.fate("request", self._requests)
        if fate:
            self.ledger.count(fate)
        if fate in ("429", "500", "silence", "cut"):
            return await self._go_wrong(request, fate)
        results = [self._take(message) for message in document["messages"]]
        await asyncio.sleep(self.setting.answer_seconds)
        if fate.endswith(" after"):
            return await self._go_wrong(request, fate.removesuffix(" after"))
        return await _answer(request, results[: len(results) // 2] if fate == "partial" else results, fate)

    async def _go_wrong(self, request: web.Request, fate: str) -> web.Response:
        if fate == "silence":
            await asyncio.sleep(self.setting.silence_seconds)
        if fate == "cut" and request.transport is not None:
            request.transport.abort()
        return web.Response(status=int(fate) if fate.isdigit() else 500, text="<html>busy</html>")

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        out_id = str(message["id"])
        fate = self.setting.messages.fate("message", out_id)
        if fate in MESSAGE_FATES:
            # Throttled once, taken when it comes again; refused for good.
            seen = f"{fate} {out_id}"
            if fate == "refuse" or seen not in self._known:
                self._known.setdefault(seen, _Known("", float("inf")))
                self.ledger.write(fate, out_id=out_id)
                return {
                    "id": out_id,
                    "code": "throttled" if fate == "throttle" else "blocked",
                    "words": "黑名单",
                }
        known = self._known.get(out_id) if self.setting.mode == "idempotent" else None
        if known is None:
            known = self._accept(out_id, message)
        return {"id": out_id, "code": "0", "vendor_id": known.vendor_id}

    def _accept(self, out_id: str, message: dict[str, Any]) -> _Known:
        self._accepts += 1
        vendor_id = f"G{self._accepts:010d}"
        self.ledger.write(
            "accept", out_id=out_id, vendor_id=vendor_id, address=message["to"], text=message["text"]
        )
        seen_from = asyncio.get_running_loop().time() + self.setting.lag_seconds
        known = self._known[out_id] = _Known(vendor_id, seen_from)
        self._after.begin(out_id, vendor_id, message["to"], str(message.get("from", "")))
        return known

    async def _tell(self, sequel: Sequel) -> None:
        known = self._known.get(sequel.out_id)
        if sequel.kind == "receipt":
            self.ledger.write("receipt", out_id=sequel.out_id, vendor_id=sequel.vendor_id, state=sequel.state)
            if known is not None:
                known.state, known.code = sequel.state, sequel.code
            told = {
                "out_id": sequel.out_id,
                "vendor_id": sequel.vendor_id,
                "state": sequel.state,
                "code": sequel.code,
            }
        else:
            self.ledger.write("reply", address=sequel.address, text=sequel.text)
            told = {"address": sequel.address, "text": sequel.text, "to": sequel.sender}
        self._queue.append({"kind": sequel.kind, "at": sequel.at, **told})

    async def _query(self, request: web.Request) -> web.Response:
        if self.setting.mode == "blind":
            raise web.HTTPNotFound
        asked = (await self._body(request))["ids"]
        now = asyncio.get_running_loop().time()
        visible = {out_id: self._known[out_id] for out_id in asked if out_id in self._known}
        found = [
            {"id": out_id, "vendor_id": known.vendor_id, "state": known.state, "code": known.code}
            for out_id, known in visible.items()
            if known.seen_from <= now
        ]
        return web.json_response({"found": found})

    async def _receipts(self, request: web.Request) -> web.Response:
        """Hand out up to `max`; a batch stays until the client says it is done with it."""
        asked = await self._body(request)
        self._pulled.pop(str(asked.get("done", "")), None)
        for name, items in list(self._pulled.items()):
            return web.json_response({"batch": name, "items": items})
        self._pulls += 1
        items = [self._queue.popleft() for _ in range(min(len(self._queue), int(asked["max"])))]
        if items:
            self._pulled[f"B{self._pulls}"] = items
        return web.json_response({"batch": f"B{self._pulls}", "items": items})


async def _answer(request: web.Request, results: list[dict[str, Any]], fate: str) -> web.StreamResponse:
    """The answer, whole, cut in the middle of its promised length, or in GBK without saying so."""
    text = json.dumps({"results": results}, ensure_ascii=False)
    if fate == "charset":
        return web.Response(body=text.encode("gb18030"), content_type="application/json")
    body = text.encode()
    if fate != "half":
        return web.Response(body=body, content_type="application/json", charset="utf-8")
    half = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
