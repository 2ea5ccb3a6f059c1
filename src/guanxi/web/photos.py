"""Pictures that people hand in: told by their first bytes, decoded, and written anew without what a camera adds.

What is kept is never what was sent: the picture is decoded and encoded again, so that neither the place and the camera
in its tags (EXIF) nor anything hidden behind its last byte is stored or handed out.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

SIGNATURES = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
"""First bytes of each kind that can be taken."""
MIME = "image/jpeg"
SMALL_EDGE = 320
_QUALITY, _SMALL_QUALITY = 85, 75
_DAMAGED = (OSError, SyntaxError, ValueError, MemoryError)


class PhotoRefused(ValueError):
    """A file that is no picture to be kept; `code`: empty, kind, size, pixels or damaged."""

    def __init__(self, code: str) -> None:
        """Say why by code; the words are the room's."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Photo:
    """A picture as it is kept: JPEG bytes without tags, a small copy, its measures in pixels, the fingerprint."""

    content: bytes
    small: bytes
    width: int
    height: int
    sha256: str


def kind_of(content: bytes) -> str:
    """The kind by the first bytes, whatever its name says; empty for anything else."""
    return next((kind for kind, sign in SIGNATURES.items() if content.startswith(sign)), "")


def taken(
    content: bytes, *, kinds: Collection[str], most_bytes: int, most_pixels: int, longest_edge: int
) -> Photo:
    """The picture to keep of what was sent: upright, at most `longest_edge` pixels on either side, without tags.

    The same bytes always give the same picture. PhotoRefused when it is empty, larger than `most_bytes`, of no kind of
    `kinds`, of more than `most_pixels`, or cannot be decoded whole.
    """
    if not content:
        raise PhotoRefused("empty")
    if len(content) > most_bytes:
        raise PhotoRefused("size")
    kind = kind_of(content)
    if kind not in kinds:
        raise PhotoRefused("kind")
    picture = _decoded(content, kind, most_pixels, longest_edge)
    kept = _encoded(picture, _QUALITY)
    picture.thumbnail((SMALL_EDGE, SMALL_EDGE))
    width, height = Image.open(BytesIO(kept), formats=["JPEG"]).size
    return Photo(kept, _encoded(picture, _SMALL_QUALITY), width, height, hashlib.sha256(kept).hexdigest())


def _decoded(content: bytes, kind: str, most_pixels: int, longest_edge: int) -> Image.Image:
    """Its pixels, upright and small enough; only this kind's decoder is tried, and the size is asked first."""
    try:
        opened = _opened(content, kind, most_pixels)
        opened.draft("RGB", (longest_edge, longest_edge))  # a JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(opened)
        plain = _on_white(upright)
    except PhotoRefused:
        raise
    except _DAMAGED as error:
        raise PhotoRefused("damaged") from error
    plain.thumbnail((longest_edge, longest_edge))
    return plain


def _opened(content: bytes, kind: str, most_pixels: int) -> Image.Image:
    """The picture before any pixel of it is decoded; PhotoRefused `pixels` when it says that it has too many."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # measured on the next line
        try:
            opened = Image.open(BytesIO(content), formats=[kind.upper()])
        except Image.DecompressionBombError as error:
            raise PhotoRefused("pixels") from error
    if opened.width * opened.height > most_pixels:
        raise PhotoRefused("pixels")
    return opened


def _on_white(picture: Image.Image) -> Image.Image:
    """Red, green and blue alone, in a new picture that has no tags; what is transparent becomes white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    plain = Image.new("RGB", picture.size)
    plain.paste(picture.convert("RGB"))
    return plain


def _encoded(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
