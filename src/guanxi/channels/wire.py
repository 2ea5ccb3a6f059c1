"""One HTTPS JSON request and what it surely means: said, surely not taken, or nobody knows.

Mistaking the third for the second is how customers get the same message twice (a time-out treated as a failure),
so every way a request can end is decided here, once, for all channels that speak HTTP.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

TOO_MANY = 429
# Wrong key, wrong clock, wrong address: surely not taken, and the same message may go once the account is put right.
ACCOUNT_WRONG = {401, 403, 404, 405, 407}
# The server says it is still, or was, busy with the request: that it did nothing is not certain.
NOT_CERTAIN = {408, 409, 425}


@dataclass(frozen=True, slots=True)
class Said:
    """The counterpart answered in full: the JSON document it sent."""

    document: Any


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Surely not taken; `temporary` when the same request may be made later."""

    code: str
    words: str
    temporary: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken."""

    words: str


Outcome = Said | NotTaken | Unknown
CLOSED = NotTaken("closed", "the channel is not open", temporary=True)


class Line:
    """The connections of one account, between `open` and `close`; a call outside of that surely did nothing."""

    def __init__(self, seconds: float, at_once: int) -> None:
        """At most so many seconds for a whole request, and so many requests at once."""
        self._seconds, self._at_once = seconds, at_once
        self._http: aiohttp.ClientSession | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls can be made."""
        return self._http is not None

    async def open(self) -> None:
        """Ready to call; nobody is called yet. No proxy, cookie or redirect is used."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._seconds, connect=min(self._seconds, 10.0)),
                connector=aiohttp.TCPConnector(limit=self._at_once),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )

    async def close(self) -> None:
        """Hang up."""
        if self._http is not None:
            await self._http.close()
        self._http = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Outcome:
        """POST JSON and say what is certain. Never raises for the network, the server or what it answers."""
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return await self._call("POST", url, body, {**kind, **(headers or {})})

    async def get(self, url: str) -> Outcome:
        """GET JSON, with the same certainty."""
        return await self._call("GET", url, None, {})

    async def _call(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Outcome:
        if self._http is None:
            return CLOSED
        return await _request(self._http, method, url, body, headers)


async def _request(
    http: aiohttp.ClientSession, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> Outcome:
    try:
        async with http.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
            return _meaning(answer.status, await answer.read(), answer.charset)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        return NotTaken("unreachable", f"not reached: {_words(error)}", temporary=True)
    except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError, ValueError) as error:
        return Unknown(_words(error))


def _words(error: BaseException) -> str:
    """What went wrong, without anything after a question mark: keys travel there."""
    return re.sub(r"\?\S*", "?…", f"{type(error).__name__}: {error}".strip(": "))[:200]


def _meaning(status: int, body: bytes, charset: str | None) -> Outcome:
    if status == TOO_MANY:
        return NotTaken("429", "too many requests", temporary=True)
    if status in NOT_CERTAIN or status >= 500:
        return Unknown(f"answered {status}")
    if status in ACCOUNT_WRONG or 300 <= status < 400:
        return NotTaken(str(status), f"answered {status}: the account's address or key", temporary=True)
    if status >= 400:
        return NotTaken(str(status), f"answered {status}", temporary=False)
    document = read_json(body, charset)
    return Unknown("the answer is no complete JSON") if document is None else Said(document)


def read_json(body: bytes, charset: str | None) -> Any | None:
    """The JSON object in a body; None when it is cut or none. Platforms that answer in GBK are understood.

    Ids and codes are ASCII, so a wrongly guessed charset can spoil words, never the meaning.
    """
    for encoding in ("utf-8-sig", charset or "utf-8", "gb18030", "latin-1"):
        try:
            document = json.loads(body.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
        except ValueError:
            return None
        return document if isinstance(document, dict) else None
    return None
