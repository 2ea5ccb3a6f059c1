"""Text that must stand in an address and must not be read there: part of a name in a list's filter.

Encrypted with a key made from the site's secret, the same text always to the same token, so that a saved view and the
browser's back button keep working while logs and history hold nothing personal.
"""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

_LABEL = [b"guanxi.desk.filter"]


def seal(text: str) -> str:
    """The token of a text; empty for an empty text."""
    if not text:
        return ""
    return base64.urlsafe_b64encode(_cipher().encrypt(text.encode(), _LABEL)).decode().rstrip("=")


def unseal(token: str) -> str:
    """The text of a token; empty for one that is not ours."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return _cipher().decrypt(raw, _LABEL).decode() if raw else ""
    except (InvalidTag, ValueError, binascii.Error):
        return ""


def _cipher() -> AESSIV:
    return AESSIV(hashlib.sha512(f"guanxi.desk.sealed:{settings.SECRET_KEY}".encode()).digest())
