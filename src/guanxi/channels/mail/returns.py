"""What comes back by mail: bounces (退信), automatic answers, and people. Nothing here is ever answered by a machine.

So no loop can begin: our mails say they are automatic, carry an envelope sender of their own, and whatever returns is
only read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr, parsedate_to_datetime

from guanxi.channels.face import Heard, Receipt, Reply

OPT_OUT = "退订"
_AUTOMATIC_SUBJECT = re.compile(
    r"^(自动回复|自动答复|auto(matic)?[ -]?reply|out of (the )?office)", re.IGNORECASE
)
_QUOTED = re.compile(
    r"^\s*(>|-{2,}\s*(原始邮件|Original Message)|.{0,80}写道[：:]\s*$|On .{0,120} wrote:\s*$)", re.IGNORECASE
)


def read_mail(octets: bytes, now: datetime) -> Heard | None:
    """A bounce as a receipt, a person's mail as a reply, None for machines and for what nobody can read."""
    try:
        message = message_from_bytes(octets, policy=policy.default)
        assert isinstance(message, EmailMessage)
        if message.get_content_type() == "multipart/report":
            return _bounce(message, now)
        out_id = _tagged(message, "unsubscribe")
        if out_id:
            return Reply(_from(message), OPT_OUT, _at(message, now), _to(message))
        return None if _is_automatic(message) else _reply(message, now)
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        return None  # a malformed mail must not stop the next one from being read


def _bounce(message: EmailMessage, now: datetime) -> Receipt | None:
    """A delivery status (RFC 3464): only the final words failed and delivered say something."""
    fields = dict(_status(message))
    action, code = fields.get("action", "").lower(), fields.get("status", "")
    if action not in ("failed", "delivered"):
        return None
    out_id = _tagged(message, "bounce") or _original(message)
    if not out_id:
        return None
    return Receipt(out_id, out_id, "failed" if action == "failed" else "delivered", code, _at(message, now))


def _status(message: Message) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in part.get_payload():
                if isinstance(block, Message):
                    yield from ((name.lower(), str(value).strip()) for name, value in block.items())


def _original(message: Message) -> str:
    """Our id out of the Message-ID of the mail that bounced, which the report carries in part or whole."""
    for part in message.walk():
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822"):
            found = re.search(rb"(?im)^message-id:\s*<([A-Za-z0-9_.-]{1,64})@", part.as_bytes())
            if found:
                return found.group(1).decode()
    return ""


def _tagged(message: Message, mailbox: str) -> str:
    """Our id after the plus of the address the mail came to: bounce+<id>@, unsubscribe+<id>@."""
    for header in ("Delivered-To", "X-Original-To", "To"):
        for value in message.get_all(header, ()):
            found = re.search(rf"{mailbox}\+([A-Za-z0-9_.-]{{1,64}})@", str(value), re.IGNORECASE)
            if found:
                return found.group(1)
    return ""


def _is_automatic(message: Message) -> bool:
    """Machines that say so (RFC 3834), and those that only show it."""
    if str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower() != "no":
        return True
    if str(message.get("Precedence", "")).strip().lower() in ("auto_reply", "bulk", "junk", "list"):
        return True
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    sender = _from(message).lower()
    return (
        any(message.get(mark) for mark in marks)
        or sender.startswith(("mailer-daemon@", "postmaster@"))
        or not sender
        or bool(_AUTOMATIC_SUBJECT.match(str(message.get("Subject", ""))))
    )


def _reply(message: EmailMessage, now: datetime) -> Reply:
    body = message.get_body(("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    if body is not None and body.get_content_subtype() == "html":
        text = re.sub(r"<[^>]*>", " ", text)
    own = _own_words(text) or str(message.get("Subject", ""))
    return Reply(_from(message), own, _at(message, now), _to(message))


def _own_words(text: str) -> str:
    """What the person wrote, without the mail it answers."""
    lines: list[str] = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            break
        lines.append(line)
    return "\n".join(lines).strip()


def _from(message: Message) -> str:
    return parseaddr(str(message.get("From", "")))[1]


def _to(message: Message) -> str:
    return parseaddr(str(message.get("To", "")))[1]


def _at(message: Message, now: datetime) -> datetime:
    """When it says it was written; never in the future, and now when it does not say."""
    try:
        at = parsedate_to_datetime(str(message.get("Date", "")))
    except ValueError:
        return now
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(at, now)
