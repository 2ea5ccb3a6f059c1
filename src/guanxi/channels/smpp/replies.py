"""What customers write back (上行短信), joined when in parts. An opt-out must be heard even if a part is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guanxi.channels.face import Reply
from guanxi.channels.parts import decode
from guanxi.channels.smpp.pdu import UDH, Delivery

PATIENCE = timedelta(seconds=60)
UCS2, LATIN = {8}, {1, 3}
MOST_OPEN = 1000


@dataclass
class _Open:
    address: str
    to: str
    since: datetime
    parts: dict[int, str] = field(default_factory=dict)

    def reply(self) -> Reply:
        return Reply(
            self.address, "".join(text for _, text in sorted(self.parts.items())), self.since, self.to
        )


class Replies:
    """Joins the parts of long replies; what stays incomplete for a minute is passed on as it is."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, bytes], _Open] = {}

    def add(self, packet: Delivery, now: datetime) -> list[Reply]:
        """The replies this packet completes, none or one; the oldest open one goes when too many are open."""
        header, octets = _parted(packet)
        text = _text(octets, packet.data_coding)
        if header is None:
            return [Reply(packet.source, text, now, packet.destination)]
        reference, total, number = header
        key = (packet.source, reference)
        opened = self._open.setdefault(key, _Open(packet.source, packet.destination, now))
        opened.parts[number] = text
        if len(opened.parts) >= total:
            return [self._open.pop(key).reply()]
        if len(self._open) > MOST_OPEN:
            return [self._open.pop(next(iter(self._open))).reply()]
        return []

    def overdue(self, now: datetime) -> Iterator[Reply]:
        """Incomplete ones whose missing parts will not come any more."""
        for key, opened in list(self._open.items()):
            if now - opened.since > PATIENCE:
                del self._open[key]
                yield opened.reply()


def _parted(packet: Delivery) -> tuple[tuple[bytes, int, int] | None, bytes]:
    """The joining header (reference, parts, number), if there is one, and the text's octets without any header."""
    octets = packet.octets
    if not packet.esm_class & UDH or not octets or octets[0] >= len(octets):
        return None, octets
    header, text = octets[1 : octets[0] + 1], octets[octets[0] + 1 :]
    while len(header) >= 2:
        kind, length = header[0], header[1]
        value, header = header[2 : 2 + length], header[2 + length :]
        if (kind, len(value)) in ((0x00, 3), (0x08, 4)) and value[-2] > 1:
            return (value[:-2], value[-2], value[-1]), text
    return None, text


def _text(octets: bytes, data_coding: int) -> str:
    if data_coding in UCS2:
        return decode(octets, "ucs2")
    if data_coding in LATIN:
        return octets.decode("latin-1")
    return decode(octets, "gsm7")
