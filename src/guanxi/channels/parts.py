"""Text messages in parts (短信条数): 70 or 67 UCS-2 units a part, 160 or 153 septets where the text fits GSM 03.38.

Sizes from 3GPP TS 23.038 (alphabet) and TS 23.040 (140 octets a part, 6 of them the joining header of a long message).
A unit is 16 bits: an emoji or 𠮷 takes two and is never cut in half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["ucs2", "gsm7"]
ALONE = {"ucs2": 70, "gsm7": 160}
JOINED = {"ucs2": 67, "gsm7": 153}

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENDED = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_SEPTETS = {char: bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE} | {
    char: bytes([_ESCAPE, code]) for char, code in _EXTENDED.items()
}


@dataclass(frozen=True, slots=True)
class Dress:
    """What an account puts around its texts: signature before (【××银行】), the way out behind (拒收请回复R)."""

    signature: str = ""
    way_out: str = ""

    def over(self, text: str) -> str:
        """The text as the customer reads it; a text that already carries either keeps one only."""
        before = "" if self.signature and text.startswith(self.signature) else self.signature
        after = "" if self.way_out and text.rstrip().endswith(self.way_out) else self.way_out
        return f"{before}{text}{after}"


def alphabet_of(text: str, only_ucs2: bool = False) -> Alphabet:
    """The smaller alphabet that holds the text; Chinese operators often take UCS-2 only."""
    fits = not only_ucs2 and all(char in _SEPTETS for char in text)
    return "gsm7" if fits else "ucs2"


def count(text: str, only_ucs2: bool = False) -> int:
    """Billed parts of a text as it leaves (dress it first); an empty text still costs one."""
    return len(split(text, only_ucs2))


def split(text: str, only_ucs2: bool = False) -> list[bytes]:
    """The text's encoded parts in order, without joining headers; no character is cut.

    >>> [len(part) for part in split("关" * 71)]
    [134, 8]
    """
    if alphabet_of(text, only_ucs2) == "ucs2":
        octets = _utf16(text)
        return [octets] if len(octets) <= 2 * ALONE["ucs2"] else list(_cut(octets, 2 * JOINED["ucs2"]))
    septets = [_SEPTETS[char] for char in text]
    return [b"".join(septets)] if sum(map(len, septets)) <= ALONE["gsm7"] else _fill(septets, JOINED["gsm7"])


def _utf16(text: str) -> bytes:
    """A lone surrogate, which no handset can show, becomes U+FFFD."""
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError:
        return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace").encode("utf-16-be")


def _cut(octets: bytes, room: int) -> Iterator[bytes]:
    start = 0
    while start < len(octets):
        end = min(start + room, len(octets))
        if end < len(octets) and 0xD8 <= octets[end - 2] <= 0xDB:
            end -= 2  # the first half of a pair goes with its second
        yield octets[start:end]
        start = end


def _fill(characters: list[bytes], room: int) -> list[bytes]:
    parts = [bytearray()]
    for character in characters:
        if len(parts[-1]) + len(character) > room:
            parts.append(bytearray())
        parts[-1] += character
    return [bytes(part) for part in parts]


def decode(octets: bytes, alphabet: Alphabet) -> str:
    """What an incoming part says; anything unreadable becomes U+FFFD, never an error."""
    if alphabet == "ucs2":
        return octets.decode("utf-16-be", errors="replace")
    return _decode_septets(octets)


def _decode_septets(octets: bytes) -> str:
    back = {code: char for char, code in _SEPTETS.items()}
    out, index = [], 0
    while index < len(octets):
        width = 2 if octets[index] == _ESCAPE else 1
        out.append(back.get(octets[index : index + width], "\ufffd"))
        index += width
    return "".join(out)
