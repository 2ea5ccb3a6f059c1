"""App push (手机银行推送) as a webhook: one signed JSON a message to the bank's own push service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from guanxi.channels import wire
from guanxi.channels.face import Accepted, Answer, Doubtful, Found, Heard, Outgoing, Refused
from guanxi.channels.settings import host_of, read_settings, secret
from guanxi.channels.sms_http import signed_headers


@dataclass(frozen=True)
class WebhookSettings:
    """Where to post. `idempotent`: the service promises to push an id once."""

    url: str
    key: str = secret()
    account: str = "guanxi"
    seconds: float = 10.0
    at_once: int = 8
    idempotent: bool = False

    def problems(self) -> Iterator[str]:
        """What types cannot say."""
        if not self.url.startswith(("https://", "http://")) or not host_of(self.url):
            yield "url must be http(s)://host/…"
        if self.at_once < 1 or self.seconds <= 0:
            yield "at_once and seconds must be above 0"


class Webhook:
    """One push service."""

    can_ask = False

    def __init__(
        self,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.set = read_settings(WebhookSettings, "webhook", settings, secrets)
        self.hosts: Sequence[str] = [host_of(self.set.url)]
        self.takes_twice = not self.set.idempotent
        self._now = now
        self._gate = asyncio.Semaphore(self.set.at_once)
        self._line = wire.Line(self.set.seconds, self.set.at_once)

    async def open(self) -> None:
        """Ready."""
        await self._line.open()

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    def parts(self, text: str) -> int:
        """A push is one, however long."""
        del text
        return 1

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """One post a message."""
        return await asyncio.gather(*(self._one(out) for out in batch))

    async def _one(self, out: Outgoing) -> Answer:
        document = {
            "id": out.out_id, "to": out.address, "title": out.subject, "text": out.text, "fields": dict(out.fields),
        }  # fmt: skip
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        headers = signed_headers(self.set.account, self.set.key, "/push", body, self._now())
        async with self._gate:
            outcome = await self._line.post(self.set.url, body, headers)
        if isinstance(outcome, wire.NotTaken):
            return Refused(out.out_id, outcome.code, outcome.words, outcome.temporary)
        if isinstance(outcome, wire.Unknown):
            return Doubtful(out.out_id, outcome.words)
        code = str(outcome.document.get("code", "0"))
        if code != "0":
            return Refused(out.out_id, code, str(outcome.document.get("words", "")), temporary=False)
        return Accepted(out.out_id, str(outcome.document.get("vendor_id", "")), 1, 0)

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """A push service is not asked."""
        del out_ids
        return {}

    async def heard(self) -> Sequence[Heard]:
        """A push service tells nothing."""
        return ()
