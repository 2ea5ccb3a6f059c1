"""E-mail over SMTP (电子邮件): a few connections in threads; bounces and answers are read from a Maildir folder.

The bank's mail server delivers what comes to the bounce, reply and unsubscribe mailboxes into that folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from guanxi.channels.face import Answer, Doubtful, Found, Heard, Outgoing, Refused
from guanxi.channels.mail.compose import Letterhead, compose, mailbox
from guanxi.channels.mail.conversation import Conversation, Server
from guanxi.channels.mail.returns import read_mail
from guanxi.channels.settings import read_settings, secret

MOST_AT_ONCE = 500
SECURITY = ("none", "starttls", "tls")


@dataclass(frozen=True)
class EmailSettings:
    """An account at a mail server. Addresses: `sender` shows, `bounces` is the mailbox failures come back to."""

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = secret(default="")
    name: str = ""
    bounces: str = ""
    reply_to: str = ""
    unsubscribe_mail: str = ""
    at_once: int = 4
    seconds: float = 30.0
    maildir: str = ""

    def problems(self) -> Iterator[str]:
        """What types cannot say."""
        for name in ("sender", "bounces", "reply_to", "unsubscribe_mail"):
            try:
                if getattr(self, name):
                    mailbox(getattr(self, name))
            except ValueError as error:
                yield f"{name}: {error}"
        if self.security not in SECURITY:
            yield f"security must be one of {', '.join(SECURITY)}"
        if not 0 < self.port < 65536 or self.at_once < 1 or self.seconds <= 0:
            yield "port, at_once and seconds must be above 0"
        if self.user and self.security == "none":
            yield "a password is not sent over an open line: security must be starttls or tls"


class EmailOverSmtp:
    """One account; a mail accepted by the server is on its way, failures come back as bounces."""

    can_ask = False
    takes_twice = True

    def __init__(
        self,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.set = read_settings(EmailSettings, "email_smtp", settings, secrets)
        self.hosts: Sequence[str] = [self.set.host]
        sender = mailbox(self.set.sender)
        self._head = Letterhead(
            sender, self.set.name, sender.rpartition("@")[2], self.set.reply_to, self.set.unsubscribe_mail
        )
        self._server = Server(
            self.set.host,
            self.set.port,
            self.set.security,
            self.set.user,
            self.set.password,
            self.set.seconds,
        )
        self._now = now
        self._free: SimpleQueue[Conversation] = SimpleQueue()
        self._gate = asyncio.Semaphore(self.set.at_once)
        self._handed: list[Path] = []

    async def open(self) -> None:
        """Ready; a connection is made at the first message."""
        if self._free.empty():
            for _ in range(self.set.at_once):
                self._free.put(Conversation(self._server))

    async def close(self) -> None:
        """Hang up all connections."""
        while not self._free.empty():
            self._free.get().hang_up()

    def parts(self, text: str) -> int:
        """A mail is one, however long."""
        del text
        return 1

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """One conversation a message, `at_once` of them in parallel."""
        return await asyncio.gather(*(self._one(out) for out in batch))

    async def _one(self, out: Outgoing) -> Answer:
        try:
            to, octets = mailbox(out.address), compose(out, self._head, self._now())
        except (ValueError, UnicodeError) as error:
            return Refused(out.out_id, "unfit", str(error), temporary=False)
        async with self._gate:
            if self._free.empty():
                return Refused(out.out_id, "closed", "the channel is not open", temporary=True)
            conversation = self._free.get()
            try:
                return await asyncio.to_thread(conversation.send, out.out_id, self._envelope(out), to, octets)
            except (ValueError, UnicodeError) as error:
                conversation.hang_up()
                return Doubtful(out.out_id, str(error))
            finally:
                self._free.put(conversation)

    def _envelope(self, out: Outgoing) -> str:
        """The address failures return to names the message: bounce+<our id>@… ."""
        local, _, domain = mailbox(self.set.bounces or self.set.sender).rpartition("@")
        return f"{local}+{out.out_id}@{domain}" if self.set.bounces else f"{local}@{domain}"

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """A mail server answers no questions about single mails."""
        del out_ids
        return {}

    async def heard(self) -> Sequence[Heard]:
        """New mails in the folder; those handed over before are now safely kept and move to `cur`."""
        if not self.set.maildir:
            return ()
        return await asyncio.to_thread(self._read)

    def _read(self) -> Sequence[Heard]:
        folder = Path(self.set.maildir)
        for path in self._handed:
            path.rename(folder / "cur" / f"{path.name}:2,S")
        (folder / "cur").mkdir(parents=True, exist_ok=True)
        self._handed = sorted((folder / "new").glob("*"))[:MOST_AT_ONCE]
        found = (read_mail(path.read_bytes(), self._now()) for path in self._handed)
        return [heard for heard in found if heard is not None]
