"""One SMTP connection and what each stage of it means. Blocking: the channel runs it in threads.

Up to the first octet of the message nothing was taken. After it only the server's last word counts; a connection lost
before that word leaves doubt (RFC 5321, section 4.5.3.2.6, warns of just these duplicates).
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from typing import Literal

from guanxi.channels.face import Accepted, Answer, Doubtful, Refused


@dataclass(frozen=True)
class Server:
    """Where to knock, how safely, and as whom."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] | str
    user: str
    password: str
    seconds: float


class Conversation:
    """A connection that is made when needed and used again; one thread at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, out_id: str, envelope_from: str, to: str, octets: bytes) -> Answer:
        """One message; never raises for the network or the server."""
        try:
            smtp = self._connected()
            refusal = _envelope(smtp, out_id, envelope_from, to)
        except (smtplib.SMTPException, OSError) as error:
            self.hang_up()
            return Refused(out_id, "unreachable", str(error)[:200], temporary=True)
        if refusal is not None:
            self._reset(smtp)
            return refusal
        try:
            smtp.send(_dotted(octets))
            code, words = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.hang_up()
            return Doubtful(out_id, f"no last word after the message: {error}"[:200])
        return _answer(out_id, code, words)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = self._connect()
        elif not _is_alive(self._smtp):
            self.hang_up()
            self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.seconds, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
        return smtp

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.hang_up()

    def hang_up(self) -> None:
        """Close without ceremony; the next message makes a new connection."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _is_alive(smtp: smtplib.SMTP) -> bool:
    try:
        return bool(smtp.noop()[0] == 250)
    except (smtplib.SMTPException, OSError):
        return False


def _envelope(smtp: smtplib.SMTP, out_id: str, envelope_from: str, to: str) -> Refused | None:
    """MAIL, RCPT and DATA up to the server's "go ahead"; a refusal at any of them is certain."""
    for code, words in (smtp.mail(envelope_from), smtp.rcpt(to)):
        if code not in (250, 251):
            return _refused(out_id, code, words)
    code, words = smtp.docmd("DATA")
    return None if code == 354 else _refused(out_id, code, words)


def _answer(out_id: str, code: int, words: bytes) -> Answer:
    if code == 250:
        return Accepted(out_id, out_id, 1, None)
    if 400 <= code < 600:
        return _refused(out_id, code, words)
    return Doubtful(out_id, f"answered {code}")


def _refused(out_id: str, code: int, words: bytes) -> Refused:
    return Refused(out_id, str(code), words.decode("utf-8", "replace")[:200], temporary=400 <= code < 500)


def _dotted(octets: bytes) -> bytes:
    """Transparency of section 4.5.2: a leading dot is doubled; the message ends with one dot."""
    lines = octets.removesuffix(b"\r\n").split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"
