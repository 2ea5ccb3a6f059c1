"""One e-mail as octets: Chinese subject, one-click way out, no way to smuggle a header or an over-long line.

RFC 5322 (lines of at most 998 octets), 2047 (Chinese in headers), 8058 (one-click List-Unsubscribe), 3834 (say that we
are a machine, so that machines do not answer).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from guanxi.channels.face import Outgoing

LONGEST_LINE = 998
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class _Whole(EmailPolicy):
    """Breaks lines as RFC 5322 advises, save the ways out: the library would turn a long address into base64."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header's line or lines."""
        if name == "List-Unsubscribe":
            return f"{name}: {value}\r\n".replace(">, <", ">,\r\n <").encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Whole(linesep="\r\n")


@dataclass(frozen=True)
class Letterhead:
    """What every message of an account carries."""

    sender: str
    name: str
    domain: str
    reply_to: str = ""
    unsubscribe_mail: str = ""


def mailbox(address: str) -> str:
    """An address fit for the envelope, its domain in ASCII (IDN); raises ValueError for anything else."""
    local, at, domain = address.strip().rpartition("@")
    if not at or _CONTROL.search(address) or not _LOCAL.fullmatch(local) or len(local) > 64:
        raise ValueError("not an e-mail address we can write to")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("the address's domain is no domain") from None
    if (
        not re.fullmatch(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", ascii_domain)
        or len(ascii_domain) > 253
    ):
        raise ValueError("the address's domain is no domain")
    return f"{local}@{ascii_domain}"


def compose(out: Outgoing, head: Letterhead, now: datetime) -> bytes:
    """The message, ready for DATA. Its Message-ID is our own id; `fields` may hold `html` and `unsubscribe` (a URL).

    Raises ValueError where the address, the subject or the URL holds what could begin another header.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(head.name, addr_spec=head.sender)
    message["To"] = Address(addr_spec=mailbox(out.address))
    message["Subject"] = _line(out.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(out.out_id, head.domain)
    message["Auto-Submitted"] = "auto-generated"
    if head.reply_to:
        message["Reply-To"] = head.reply_to
    _way_out(message, out, head)
    message.set_content(out.text, cte="base64")
    if html := out.fields.get("html"):
        message.add_alternative(html, subtype="html", cte="base64")
    octets = message.as_bytes()
    if max(map(len, octets.split(b"\r\n"))) > LONGEST_LINE:
        raise ValueError("a header is too long for one line")
    return octets


def message_id(out_id: str, domain: str) -> str:
    """Our id as a Message-ID."""
    return f"<{out_id}@{domain}>"


def _way_out(message: EmailMessage, out: Outgoing, head: Letterhead) -> None:
    url = out.fields.get("unsubscribe", "")
    ways = [url] if url else []
    if url and not re.fullmatch(r"https?://[!-;=?-~]{1,700}", url):
        raise ValueError("the address for unsubscribing is no web address")
    if head.unsubscribe_mail:
        local, _, domain = head.unsubscribe_mail.partition("@")
        ways.append(f"mailto:{local}+{out.out_id}@{domain}")
    if ways:
        message["List-Unsubscribe"] = ", ".join(f"<{way}>" for way in ways)
    if url:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _line(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("a subject is one line")
    return value
