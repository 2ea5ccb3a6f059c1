"""SMS through a bank's own HTTP platform (短信平台): signed JSON, batches, queries by our id, receipts.

The conversation is the common denominator of such platforms. One whose words differ gets a module of its own with
this one as the example; the decisions about certainty stay in `wire.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets as randomness
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from aiohttp import web

from guanxi.channels import wire
from guanxi.channels.face import (
    Accepted,
    Answer,
    Doubtful,
    Found,
    Heard,
    NotFound,
    Outgoing,
    Receipt,
    Refused,
)
from guanxi.channels.inbox import Inbox, heard_of
from guanxi.channels.parts import Dress, count
from guanxi.channels.pricing import Price
from guanxi.channels.settings import host_of, read_settings, secret

FRESH_SECONDS = 300  # a pushed receipt whose time lies further off is a replay


@dataclass(frozen=True)
class HttpSettings:
    """An account of a bank's platform. Codes and limits are the platform's own: they are settings, never code."""

    url: str
    account: str
    key: str = secret()
    signature: str = ""
    way_out: str = ""
    sender: str = ""
    batch: int = 100
    at_once: int = 4
    seconds: float = 10.0
    queries: bool = True
    idempotent: bool = False
    fetch: int = 500
    taken_codes: tuple[str, ...] = ("0",)
    later_codes: tuple[str, ...] = ("throttled", "busy")
    fen_a_part: str = ""
    listen: str = ""
    inbox: str = ""

    def problems(self) -> Iterator[str]:
        """What types cannot say."""
        if not self.url.startswith(("https://", "http://")) or not host_of(self.url):
            yield "url must be http(s)://host/…"
        if self.batch < 1 or self.at_once < 1 or self.fetch < 1 or self.seconds <= 0:
            yield "batch, at_once, fetch and seconds must be above 0"
        if self.listen and not self.listen.rpartition(":")[2].isdigit():
            yield "listen must be host:port"
        yield from Price.problems(self.fen_a_part)


def sign(key: str, path: str, time: str, nonce: str, body: bytes) -> str:
    """The signature both sides put on a request: HMAC-SHA256 over what it is, when, and the body's hash."""
    told = "\n".join(("POST", path, time, nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()


def signed_headers(account: str, key: str, path: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a signed request at an instant."""
    time, nonce = str(int(now.timestamp())), randomness.token_hex(8)
    return {
        "X-Account": account,
        "X-Time": time,
        "X-Nonce": nonce,
        "X-Signature": sign(key, path, time, nonce, body),
    }


def is_signed(key: str, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a request is signed with our key and fresh."""
    time, nonce = headers.get("X-Time", ""), headers.get("X-Nonce", "")
    if not time.isdigit() or abs(now.timestamp() - int(time)) > FRESH_SECONDS:
        return False
    return hmac.compare_digest(sign(key, path, time, nonce, body), headers.get("X-Signature", ""))


class SmsOverHttp:
    """One account at the platform."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.set = read_settings(HttpSettings, "sms_http", settings, secrets)
        self.can_ask = self.set.queries
        self.takes_twice = not self.set.idempotent
        listens = [self.set.listen.rpartition(":")[0]] if self.set.listen else []
        self.hosts: Sequence[str] = [host_of(self.set.url), *listens]
        self._dress = Dress(self.set.signature, self.set.way_out)
        self._price = Price(self.set.fen_a_part)
        self._now = now
        self._inbox = Inbox(self.set.inbox)
        self._line = wire.Line(self.set.seconds, self.set.at_once)
        self._listener: web.AppRunner | None = None
        self._pulled = ""  # the pull whose content was handed over and is confirmed by the next

    async def open(self) -> None:
        """Ready to talk, and listening when `listen` is set; the platform itself is met at the first send."""
        if not self._line.is_open:
            self._inbox.open()
            await self._line.open()
            await self._listen()

    async def close(self) -> None:
        """Hang up."""
        if self._listener is not None:
            await self._listener.cleanup()
        self._listener = None
        await self._line.close()
        self._inbox.close()

    def parts(self, text: str) -> int:
        """Billed parts, with the account's signature and way out."""
        return count(self._dress.over(text), only_ucs2=True)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Submit in the platform's batches, some at once; each message gets its own certain or doubtful answer."""
        chunks = [batch[start : start + self.set.batch] for start in range(0, len(batch), self.set.batch)]
        gate = asyncio.Semaphore(self.set.at_once)
        answers = await asyncio.gather(*(self._submit(chunk, gate) for chunk in chunks))
        return [answer for chunk in answers for answer in chunk]

    async def _submit(self, chunk: Sequence[Outgoing], gate: asyncio.Semaphore) -> list[Answer]:
        messages = [
            {"id": out.out_id, "to": out.address, "text": self._dress.over(out.text), "from": self.set.sender}
            for out in chunk
        ]
        async with gate:
            outcome = await self._post("submit", {"messages": messages})
        if isinstance(outcome, wire.NotTaken):
            return [Refused(out.out_id, outcome.code, outcome.words, outcome.temporary) for out in chunk]
        if isinstance(outcome, wire.Unknown):
            return [Doubtful(out.out_id, outcome.words) for out in chunk]
        results = _by_id(outcome.document.get("results"))
        return [self._answer(out, results.get(out.out_id, ())) for out in chunk]

    def _answer(self, out: Outgoing, results: Sequence[Mapping[str, Any]]) -> Answer:
        """What one message's results say; none, or two that disagree, leave it in doubt."""
        codes = {str(result.get("code")) for result in results}
        if len(codes) != 1:
            return Doubtful(
                out.out_id,
                "the answer does not speak of it" if not codes else "the answer contradicts itself",
            )
        code, result = codes.pop(), results[0]
        if code in self.set.taken_codes:
            return self._accepted(out.out_id, result, self.parts(out.text))
        return Refused(out.out_id, code, str(result.get("words", "")), temporary=code in self.set.later_codes)

    def _accepted(self, out_id: str, result: Mapping[str, Any], expected: int) -> Accepted:
        told = result.get("parts")
        parts = told if isinstance(told, int) and told > 0 else expected
        return Accepted(out_id, str(result.get("vendor_id", "")), parts, self._price.fen(parts))

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """Query by our own ids; an unreachable platform or a strange answer says nothing about any of them."""
        found: dict[str, Found] = {}
        for start in range(0, len(out_ids) if self.can_ask else 0, self.set.batch):
            asked = list(out_ids[start : start + self.set.batch])
            outcome = await self._post("query", {"ids": asked})
            if isinstance(outcome, wire.Said) and isinstance(outcome.document.get("found"), list):
                known = _by_id(outcome.document["found"])
                found |= {out_id: self._known(out_id, known.get(out_id)) for out_id in asked}
        return found

    def _known(self, out_id: str, results: Sequence[Mapping[str, Any]] | None) -> Found:
        if not results:
            return NotFound(out_id)
        result = results[0]
        if result.get("state") in ("delivered", "failed"):
            return _receipt({**result, "out_id": out_id}, self._now())
        return self._accepted(out_id, result, 1)

    async def heard(self) -> Sequence[Heard]:
        """Pushed ones from the inbox, pulled ones from the platform; the pull before is confirmed by this one."""
        pushed = list(self._inbox.take())
        if self.set.listen:
            return pushed
        outcome = await self._post("receipts", {"max": self.set.fetch, "done": self._pulled})
        if not isinstance(outcome, wire.Said):
            return pushed
        self._pulled = str(outcome.document.get("batch", ""))
        return pushed + list(_readable(outcome.document.get("items"), self._now()))

    async def _post(self, what: str, document: Mapping[str, Any]) -> wire.Outcome:
        url = f"{self.set.url.rstrip('/')}/{what}"
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", errors="replace")
        headers = signed_headers(self.set.account, self.set.key, f"/{what}", body, self._now())
        return await self._line.post(url, body, headers)

    async def _listen(self) -> None:
        if not self.set.listen:
            return
        host, _, port = self.set.listen.rpartition(":")
        app = web.Application()
        app.router.add_post("/receipts", self._pushed)
        self._listener = web.AppRunner(app, access_log=None)
        await self._listener.setup()
        await web.TCPSite(self._listener, host, int(port)).start()

    async def _pushed(self, request: web.Request) -> web.Response:
        """A push is acknowledged when all of it is kept."""
        body = await request.read()
        if not is_signed(self.set.key, "/receipts", request.headers, body, self._now()):
            return web.Response(status=401)
        document = wire.read_json(body, request.charset)
        for heard in _readable((document or {}).get("items"), self._now()):
            self._inbox.put(heard)
        return web.json_response({"code": "0"}, status=200 if document is not None else 400)


def _by_id(results: Any) -> dict[str, list[Mapping[str, Any]]]:
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for result in results if isinstance(results, list) else ():
        if isinstance(result, dict):
            by_id.setdefault(str(result.get("id")), []).append(result)
    return by_id


def _readable(items: Any, now: datetime) -> Iterator[Heard]:
    """Every receipt and reply that can be read; one broken item does not lose the others."""
    for item in items if isinstance(items, list) else ():
        try:
            yield heard_of({"at": now.isoformat(), "code": "", **item})
        except (KeyError, TypeError, ValueError, AttributeError):
            continue


def _receipt(result: Mapping[str, Any], now: datetime) -> Receipt:
    """What became of a message by a query; a time that cannot be read is the time we asked."""
    named = (str(result["vendor_id"]) if result.get("vendor_id") else None, str(result["out_id"]))
    try:
        at = datetime.fromisoformat(str(result.get("at")))
    except ValueError:
        at = now
    state: Literal["delivered", "failed"] = "delivered" if result["state"] == "delivered" else "failed"
    return Receipt(*named, state, str(result.get("code", "")), at)
