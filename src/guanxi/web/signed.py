"""Signed short links (签名链接): a number and its last day, put into an address that nobody can make up.

A link is no secret store: it names one row and says until when. What it may be used for is its `purpose`: a link made
for one purpose opens nothing else. The signature is keyed with the program's secret; a new secret ends every link.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from re import compile as pattern

from django.utils.crypto import salted_hmac

BEGIN = date(2020, 1, 1)
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
SIGNATURE_BYTES = 12
"""96 bits: a guess that succeeds once in 10^28."""
_FORM = pattern(r"([0-9a-z]{1,13})\.([0-9a-z]{1,5})\.([A-Za-z0-9_-]{16})")


@dataclass(frozen=True)
class Signed:
    """What a link names, and the last day on which it counts."""

    number: int
    until: date

    def expired_on(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.until


def seal(purpose: str, number: int, until: date) -> str:
    """The link's token: letters, digits, dots, dashes. Raises ValueError for a number or a day that cannot be told."""
    days = (until - BEGIN).days
    if number < 0 or days < 0:
        raise ValueError(f"{number} until {until}")
    told = f"{_letters(number)}.{_letters(days)}"
    return f"{told}.{_signature(purpose, told)}"


def unseal(purpose: str, token: str) -> Signed | None:
    """What the token says; None for one not made here for this purpose. Its last day is the caller's to ask."""
    found = _FORM.fullmatch(token)
    if found is None:
        return None
    number, days, signature = found.groups()
    if not hmac.compare_digest(signature, _signature(purpose, f"{number}.{days}")):
        return None
    return Signed(int(number, 36), BEGIN + timedelta(days=int(days, 36)))


def _signature(purpose: str, told: str) -> str:
    digest = salted_hmac(f"guanxi.web.signed:{purpose}", told, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:SIGNATURE_BYTES]).decode()


def _letters(number: int) -> str:
    told = ""
    while number:
        number, rest = divmod(number, len(LETTERS))
        told = LETTERS[rest] + told
    return told or "0"
