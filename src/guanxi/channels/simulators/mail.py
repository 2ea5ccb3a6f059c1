"""A mail server (邮件服务器模拟器): takes, defers, refuses, keeps silent; bounces, automatic answers, people's answers.

What comes back is put into a Maildir folder, as the bank's own mail server would.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from guanxi.channels.simulators.ledger import Ledger
from guanxi.channels.simulators.mischief import Mischief, part_of_one

logging.getLogger("mail.log").setLevel(logging.WARNING)  # the library tells every command it hears

# While a mail is handed over. "silence", "cut": taken, and the last word never said.
FATES = ("defer", "refuse", "defer data", "refuse data", "silence", "cut")
# Of what was taken.
RETURNS = ("bounce", "late bounce", "auto reply", "reply", "opt out", "unsubscribe", "bounce of bounce")


@dataclass
class MailSetting:
    """How the server behaves; without a `maildir` nothing comes back."""

    port: int = 0
    fates: Mischief = field(default_factory=Mischief)
    returns: Mischief = field(default_factory=Mischief)
    silence_seconds: float = 30.0
    maildir: Path | None = None
    ledger: Path | None = None
    fsync: bool = False


class MailServer:
    """The server on a port of this machine; `async with MailServer(setting) as mail: mail.port`."""

    def __init__(self, setting: MailSetting | None = None) -> None:
        self.setting = setting or MailSetting()
        self.ledger = Ledger(self.setting.ledger, self.setting.fsync)
        self.port = self.setting.port
        self._server: asyncio.Server | None = None
        if self.setting.maildir is not None:
            for name in ("tmp", "new", "cur"):
                (self.setting.maildir / name).mkdir(parents=True, exist_ok=True)

    async def __aenter__(self) -> MailServer:
        """Listen on 127.0.0.1, on the port set or a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="mail.sandbox", enable_SMTPUTF8=True, timeout=60),
            "127.0.0.1",
            self.port,
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        self.ledger.close()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd: one recipient; deferred and refused ones are certain refusals."""
        del server, session, options
        fate = self.setting.fates.fate("mail", address)
        if fate in ("defer", "refuse"):
            self.ledger.count(fate)
            return "450 4.2.1 mailbox busy" if fate == "defer" else "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd: the whole mail has come."""
        del session
        address, octets = envelope.rcpt_tos[0], envelope.content
        assert isinstance(octets, bytes)
        fate = self.setting.fates.fate("mail", address)
        if fate in ("defer data", "refuse data"):
            self.ledger.count(fate)
            return "451 4.3.0 try later" if fate == "defer data" else "554 5.7.1 refused"
        self._take(str(envelope.mail_from), address, octets)
        if fate in ("silence", "cut"):
            self.ledger.count(fate)
        if fate == "silence":
            await asyncio.sleep(self.setting.silence_seconds)
        if fate == "cut" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 2.0.0 taken"

    def _take(self, sender: str, address: str, octets: bytes) -> None:
        message = message_from_bytes(octets, policy=policy.default)
        out_id = str(message["Message-ID"]).strip("<>").partition("@")[0]
        self.ledger.write("accept", out_id=out_id, address=address, subject=str(message["Subject"]))
        kind = self.setting.returns.fate("return", out_id)
        if kind and self.setting.maildir is not None:
            self.ledger.write(kind, out_id=out_id, address=address)
            for octets_back in _coming_back(kind, sender, address, out_id, message):
                self._deliver(octets_back)

    def _deliver(self, octets: bytes) -> None:
        """As Maildir asks: written aside, then moved in whole."""
        assert self.setting.maildir is not None
        name = uuid.uuid4().hex
        aside = self.setting.maildir / "tmp" / name
        aside.write_bytes(octets)
        aside.rename(self.setting.maildir / "new" / name)


def _coming_back(kind: str, sender: str, address: str, out_id: str, message: Any) -> Iterator[bytes]:
    if kind in ("bounce", "late bounce"):
        action = ("failed", "5.1.1") if kind == "bounce" else ("delayed", "4.4.1")
        yield _report(sender, address, message, *action)
    elif kind == "bounce of bounce":
        # A mail system that bounces what already was a bounce: must be read once and never answered.
        yield _report(sender, address, message, "failed", "5.4.6")
        yield _plain(
            "MAILER-DAEMON@far.sandbox",
            sender,
            "Undelivered: Undelivered",
            "loop",
            {"Auto-Submitted": "auto-replied"},
        )
    elif kind == "auto reply":
        marks: tuple[dict[str, str], ...] = (
            {"Auto-Submitted": "auto-replied"},
            {"X-Autoreply": "yes"},
            {"Precedence": "auto_reply"},
            {},
        )
        yield _plain(
            address, sender, "自动回复：休假中", "我正在休假。", marks[int(part_of_one(out_id) * len(marks))]
        )
    elif kind == "unsubscribe":
        ways = str(message.get("List-Unsubscribe", ""))
        if "mailto:" in ways:
            yield _plain(address, ways.partition("mailto:")[2].partition(">")[0], "unsubscribe", "", {})
    else:
        words = "退订" if kind == "opt out" else "请客户经理联系我"
        yield _plain(
            address, str(message["From"]), f"Re: {message['Subject']}", f"{words}\n\n> 原邮件\n> TD", {}
        )


def _plain(sender: str, to: str, subject: str, text: str, headers: dict[str, str]) -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text, cte="base64")
    return mail.as_bytes()


def _report(to: str, address: str, message: Any, action: str, status: str) -> bytes:
    """A delivery status as RFC 3464 writes it."""
    boundary = uuid.uuid4().hex
    lines = (
        "From: MAILER-DAEMON@far.sandbox", f"To: {to}", "Subject: Delivery Status", "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0", f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "", f"--{boundary}", "Content-Type: text/plain", "", "Your mail could not be delivered.",
        f"--{boundary}", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; far.sandbox", "",
        f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}", "",
        f"--{boundary}", "Content-Type: text/rfc822-headers", "", f"Message-ID: {message['Message-ID']}", "",
        f"--{boundary}--", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()
