"""PDF files that people hand in: looked through for what a paper never needs, before they are kept.

A PDF is kept as it was sent, since it may be signed. So what can act (scripts, started programs, sent forms, files
inside) is refused, plain or in packed object streams; so are locked files, which nobody could look through, and files
that are something else at the same time. This is no virus scanner.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

MIME = "application/pdf"
SIGNATURES = (b"%PDF-1.", b"%PDF-2.")
MOST_UNPACKED = 64 * 1024 * 1024
_ACTS = frozenset(
    (
        b"JavaScript",
        b"Launch",
        b"EmbeddedFile",
        b"EmbeddedFiles",
        b"RichMedia",
        b"SubmitForm",
        b"ImportData",
        b"GoToE",
    )
)
_NAME = re.compile(rb"/((?:[A-Za-z0-9]|#[0-9A-Fa-f]{2}){5,64})")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_BEFORE = 2_048  # the dictionary of a stream stands right before it


class PaperRefused(ValueError):
    """A file that is no paper to be kept; `code`: kind, damaged, active, locked, mixed or heavy."""

    def __init__(self, code: str) -> None:
        """Say why by code; the words are the room's."""
        super().__init__(code)
        self.code = code


def looked_through(content: bytes) -> None:
    """Refuse what is no plain PDF from its first byte to its last: PaperRefused."""
    if not content.startswith(SIGNATURES):
        raise PaperRefused("kind")
    tail = content[-2_048:].rstrip(b"\0\t\n\f\r ")
    if not tail.endswith(b"%%EOF") or b"startxref" not in tail:
        raise PaperRefused("damaged")
    if zipfile.is_zipfile(BytesIO(content)):
        raise PaperRefused("mixed")
    for part in (content, *_unpacked(content)):
        names = names_in(part)
        if names & _ACTS:
            raise PaperRefused("active")
        if b"Encrypt" in names:
            raise PaperRefused("locked")


def names_in(part: bytes) -> set[bytes]:
    """The names (/Launch) in a piece of a PDF, however their letters are written (/L#61unch); those of five or more.

    Shorter ones turn up by chance in packed bytes, and no act is named by a short one alone.
    """
    return {_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), name) for name in _NAME.findall(part)}


def _unpacked(content: bytes) -> Iterator[bytes]:
    """What stands in the packed streams that may hold objects; pictures are left out."""
    room = MOST_UNPACKED
    for found in _STREAM.finditer(content):
        names = names_in(content[max(0, found.start() - _BEFORE) : found.start()].rpartition(b"obj")[2])
        holds = b"ObjStm" in names
        if holds and names & {b"ASCII85Decode", b"ASCIIHexDecode", b"LZWDecode", b"RunLengthDecode"}:
            raise PaperRefused("active")  # nobody packs objects so, unless to hide them
        if not holds and (b"Image" in names or b"FlateDecode" not in names):
            continue
        part = _inflated(content[found.end() :], room)
        room -= len(part)
        if room <= 0:
            raise PaperRefused("heavy")
        yield part


def _inflated(packed: bytes, most: int) -> bytes:
    """The start of a packed stream up to `most` bytes, and as far as it is sound."""
    machine = zlib.decompressobj()
    try:
        return machine.decompress(packed, most)
    except zlib.error:
        return b""
