"""The bank's push service (推送服务模拟器): takes, throttles, refuses, keeps silent; an id once where promised."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from guanxi.channels.simulators.ledger import Ledger
from guanxi.channels.simulators.mischief import Mischief
from guanxi.channels.sms_http import is_signed

# "silence", "cut": taken, and never said so.
FATES = ("429", "500", "refuse", "silence", "cut")


@dataclass
class PushSetting:
    """How the service behaves."""

    port: int = 0
    key: str = "sandbox"
    idempotent: bool = True
    silence_seconds: float = 30.0
    fates: Mischief = field(default_factory=Mischief)
    ledger: Path | None = None
    fsync: bool = False


class PushService:
    """The service on a port of this machine; `async with PushService(setting) as push: push.url`."""

    def __init__(self, setting: PushSetting | None = None) -> None:
        self.setting = setting or PushSetting()
        self.ledger = Ledger(self.setting.ledger, self.setting.fsync)
        self.port = self.setting.port
        self._runner: web.AppRunner | None = None
        self._known: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self.port}/push"

    async def __aenter__(self) -> PushService:
        """Listen on 127.0.0.1, on the port set or a free one."""
        app = web.Application()
        app.router.add_post("/push", self._push)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop at once."""
        if self._runner is not None:
            await self._runner.cleanup()
        self.ledger.close()

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not is_signed(self.setting.key, "/push", request.headers, body, datetime.now(UTC)):
            raise web.HTTPUnauthorized
        message = json.loads(body)
        fate = self.setting.fates.fate("push", message["id"])
        if fate:
            self.ledger.count(fate)
        if fate in ("429", "500"):
            return web.Response(status=int(fate))
        if fate == "refuse":
            return web.json_response({"code": "no-device", "words": "未绑定设备"})
        vendor_id = self._take(message)
        if fate == "silence":
            await asyncio.sleep(self.setting.silence_seconds)
        if fate == "cut" and request.transport is not None:
            request.transport.abort()
        return web.json_response({"code": "0", "vendor_id": vendor_id})

    def _take(self, message: dict[str, str]) -> str:
        out_id = message["id"]
        if out_id in self._known and self.setting.idempotent:
            return self._known[out_id]
        vendor_id = self._known[out_id] = f"P{self.ledger.counts['accept'] + 1:010d}"
        self.ledger.write(
            "accept", out_id=out_id, vendor_id=vendor_id, address=message["to"], text=message["text"]
        )
        return vendor_id
