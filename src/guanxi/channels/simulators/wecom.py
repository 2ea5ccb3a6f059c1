"""A fake of WeCom's interface (企业微信仿真), after its published documents: tokens, application and mass messages.

Managers confirm mass messages by seed; nothing here was compared with the real service.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from guanxi.channels.simulators.ledger import Ledger
from guanxi.channels.simulators.mischief import Mischief, part_of_one

# The platform's codes a call may meet before anything is taken.
CODES = {"busy": -1, "limit": 45009, "too many at once": 45033, "expired": 42001, "no person": 81013}
# Whom an application message does not reach although the call is "ok": user ids come back in small letters.
PERSON_FATES = ("invaliduser", "unlicenseduser")
# Whom a mass message cannot go to: named in the answer of the call that makes the task.
NOBODY = 41048
# What becomes of a mass message at one customer: not a friend any more, or other banks' messages came first.
MEMBER_FATES = {"not a friend": 2, "month is full": 3, "not confirmed": 0}


@dataclass
class WecomSetting:
    """How the platform and its managers behave."""

    port: int = 0
    corp_id: str = "corp"
    app_secret: str = "sandbox"  # noqa: S105 - opens nothing but this fake
    calls: Mischief = field(default_factory=Mischief)
    people: Mischief = field(default_factory=Mischief)
    members: Mischief = field(default_factory=Mischief)
    unknown: float = 0.0  # share of customers who are none of the manager's
    ledger: Path | None = None
    fsync: bool = False


class WecomFake:
    """The fake on a port of this machine; `async with WecomFake(setting) as wecom: wecom.url`."""

    def __init__(self, setting: WecomSetting | None = None) -> None:
        self.setting = setting or WecomSetting()
        self.ledger = Ledger(self.setting.ledger, self.setting.fsync)
        self.port = self.setting.port
        self.url = ""
        self._tokens: set[str] = set()
        self._given = ""  # asked again while it is good, the platform gives the same
        self._equal: dict[tuple[str, str], tuple[float, str]] = {}
        self._tasks: dict[str, list[str]] = {}
        self._calls = self._names = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> WecomFake:
        """Listen on 127.0.0.1, on the port set or a free one."""
        app = web.Application()
        app.router.add_get("/cgi-bin/gettoken", self._token)
        app.router.add_post("/cgi-bin/message/send", self._message)
        app.router.add_post("/cgi-bin/externalcontact/add_msg_template", self._mass)
        app.router.add_post("/cgi-bin/externalcontact/get_groupmsg_send_result", self._result)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = int(self._runner.addresses[0][1])
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop at once."""
        if self._runner is not None:
            await self._runner.cleanup()
        self.ledger.close()

    async def _token(self, request: web.Request) -> web.Response:
        asked = request.query
        if (asked.get("corpid"), asked.get("corpsecret")) != (self.setting.corp_id, self.setting.app_secret):
            return _said(40001, "invalid credential")
        if self._given not in self._tokens:
            self._given = secrets.token_hex(16)
            self._tokens.add(self._given)
        self.ledger.count("token")
        return _said(0, access_token=self._given, expires_in=7200)

    async def _begin(self, request: web.Request) -> tuple[dict[str, Any], web.Response | None]:
        """The call's document, and the refusal it meets, if any."""
        document = json.loads(await request.read())
        token = request.query.get("access_token", "")
        if token not in self._tokens:
            return document, _said(40014, "invalid access_token")
        self._calls += 1
        fate = self.setting.calls.fate("call", self._calls)
        if not fate:
            return document, None
        self.ledger.count(fate)
        if fate == "expired":
            self._tokens.discard(token)
        return document, _said(CODES[fate], fate)

    async def _message(self, request: web.Request) -> web.Response:
        message, refusal = await self._begin(request)
        if refusal is not None:
            return refusal
        fate = self.setting.people.fate("person", message["touser"])
        if fate:
            self.ledger.count(fate)
            return _said(0, msgid=self._name(), **{fate: message["touser"].lower()})
        key, now = (message["touser"], message["text"]["content"]), time.monotonic()
        seen_at, name = self._equal.get(key, (float("-inf"), ""))
        if message.get("enable_duplicate_check") and now - seen_at < message["duplicate_check_interval"]:
            return _said(0, msgid=name, invaliduser="")
        name = self._name()
        self._equal[key] = (now, name)
        self.ledger.write("accept", vendor_id=name, address=key[0], text=key[1])
        return _said(0, msgid=name, invaliduser="")

    async def _mass(self, request: web.Request) -> web.Response:
        task, refusal = await self._begin(request)
        if refusal is not None:
            return refusal
        asked = task["external_userid"]
        failed = [one for one in asked if part_of_one("unknown", one) < self.setting.unknown]
        known = [one for one in asked if one not in failed]
        if not known:
            return _said(NOBODY, "no customer to send to", fail_list=failed)
        name = self._name()
        self._tasks[name] = known
        for address in known:
            self.ledger.write("accept", vendor_id=name, address=address, text=task["text"]["content"])
        return _said(0, msgid=name, fail_list=failed)

    async def _result(self, request: web.Request) -> web.Response:
        asked, refusal = await self._begin(request)
        if refusal is not None:
            return refusal
        members, start = self._tasks[asked["msgid"]], int(asked["cursor"] or 0)
        end = start + asked["limit"]
        listed = [self._member(asked["msgid"], asked["userid"], address) for address in members[start:end]]
        return _said(0, send_list=listed, next_cursor=str(end) if end < len(members) else "")

    def _member(self, task: str, sender: str, address: str) -> dict[str, Any]:
        fate = self.setting.members.fate("member", task, address)
        status = MEMBER_FATES.get(fate, 1)
        return {
            "external_userid": address,
            "userid": sender,
            "status": status,
            "send_time": int(time.time()) if status else 0,
        }

    def _name(self) -> str:
        self._names += 1
        return f"W{self._names:010d}"


def _said(code: int, words: str = "ok", **more: Any) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": words, **more})
