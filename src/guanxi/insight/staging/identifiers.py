"""Identifiers of persons and firms: how they are written, whether their form holds, what a list may show.

Own code for the resident id (居民身份证) and the unified social credit code (统一社会信用代码): a library that ties the
county code to the year of birth rejects people who exist. A value that fails its check is marked, never changed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum

STARS = "******"  # of fixed length, so that a mask does not tell how long the value is


class Protected(StrEnum):
    """What a protected value is; tokens of different kinds never match each other."""

    RESIDENT_ID = "resident_id"
    RESIDENT_ID_15 = "resident_id_15"
    USCC = "uscc"
    PASSPORT = "passport"
    OTHER_ID = "other_id"
    MOBILE = "mobile"
    PHONE = "phone"
    EMAIL = "email"
    WECOM = "wecom"
    ADDRESS = "address"
    CARD = "card"
    NAME = "name"


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_FIRST_YEAR = 1850


def resident_id_check(first17: str) -> str:
    """The check letter of a resident id from its first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11]


def uscc_check(first17: str) -> str:
    """The check letter of a credit code from its first 17 letters; a remainder of 0 gives "0"."""
    total = sum(
        _USCC_LETTERS.index(letter) * weight for letter, weight in zip(first17, _USCC_WEIGHTS, strict=True)
    )
    return _USCC_LETTERS[(31 - total % 31) % 31]


def is_resident_id(value: str) -> bool:
    """Whether an 18-digit resident id has a real birth date and the right check letter; the area is not judged."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", value, re.ASCII):
        return False
    return _is_day(value[6:14]) and resident_id_check(value[:17]) == value[17]


def is_resident_id_15(value: str) -> bool:
    """Whether a legacy 15-digit resident id has a real birth date (of 19xx); it carries no check digit."""
    return bool(re.fullmatch(r"[1-9][0-9]{14}", value, re.ASCII)) and _is_day("19" + value[6:12])


def is_uscc(value: str) -> bool:
    """Whether a credit code has 18 allowed letters and the right check letter."""
    if len(value) != 18 or any(letter not in _USCC_LETTERS for letter in value):
        return False
    return uscc_check(value[:17]) == value[17]


def is_mobile(value: str) -> bool:
    """Whether this is a mainland mobile number in its bare form."""
    return bool(re.fullmatch(r"1[3-9][0-9]{9}", value, re.ASCII))


def is_card(value: str) -> bool:
    """Whether a card number has 13 to 19 digits and holds by Luhn; a failure is only ever a warning."""
    if not re.fullmatch(r"[0-9]{13,19}", value, re.ASCII):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(value))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def birth_date_of(resident_id: str) -> date | None:
    """The birth date a resident id of either length carries; None when it carries none."""
    digits = resident_id[6:14] if len(resident_id) == 18 else "19" + resident_id[6:12]
    return _day(digits) if len(digits) == 8 else None


def id_kind(id_type: str | None, value: str) -> Protected:
    """What an identity number is: by its stated type, else by its form."""
    stated = {
        "resident_id": Protected.RESIDENT_ID,
        "resident_id_15": Protected.RESIDENT_ID_15,
        "uscc": Protected.USCC,
        "passport": Protected.PASSPORT,
        "other": Protected.OTHER_ID,
    }
    if id_type in stated:
        return stated[id_type]
    plain = normalise(Protected.OTHER_ID, value)
    if is_resident_id(plain):
        return Protected.RESIDENT_ID
    return Protected.USCC if is_uscc(plain) else Protected.OTHER_ID


def normalise(kind: Protected, value: str) -> str:
    """The one way a value is written before it is compared: full-width letters narrow, separators gone."""
    if kind in _TEXTS:
        return " ".join(value.split())
    if value.isascii() and value.isalnum() and kind not in _NUMBERS:
        return value.upper()
    narrow = value if value.isascii() else unicodedata.normalize("NFKC", value)
    if kind is Protected.EMAIL:
        return narrow.strip().lower()
    bare = re.sub(r"[\s\-()]+", "", narrow)
    if kind in _NUMBERS:
        return re.sub(r"^(\+86|0086|86(?=1[3-9]\d{9}$))", "", bare)
    return bare.upper()


_TEXTS = frozenset({Protected.NAME, Protected.ADDRESS, Protected.WECOM})
_NUMBERS = frozenset({Protected.MOBILE, Protected.PHONE})


def is_valid(kind: Protected, normal: str) -> bool | None:
    """Whether a normalised value holds by its form and check digit; None where no form is known."""
    checks = {
        Protected.RESIDENT_ID: is_resident_id,
        Protected.RESIDENT_ID_15: is_resident_id_15,
        Protected.USCC: is_uscc,
        Protected.MOBILE: is_mobile,
        Protected.CARD: is_card,
        Protected.EMAIL: _is_email,
        Protected.PHONE: _is_phone,
    }
    check = checks.get(kind)
    return None if check is None else check(normal)


def mask(kind: Protected, normal: str) -> str:
    """What a list may show of a normalised value; never the value itself, whatever its form."""
    if kind is Protected.NAME:
        return _mask_name(normal)
    if kind is Protected.ADDRESS:
        return _mask_address(normal)
    if kind is Protected.EMAIL:
        head, at, host = normal.partition("@")
        return f"{head[:1]}{STARS}{at}{host}" if at else STARS
    if kind is Protected.MOBILE and is_mobile(normal):
        return f"{normal[:3]}****{normal[-4:]}"
    if kind is Protected.CARD and len(normal) >= 13:
        return f"{normal[:6]}{STARS}{normal[-4:]}"
    return f"{normal[0]}{STARS}{normal[-1]}" if len(normal) >= 6 else STARS


def _mask_name(name: str) -> str:
    if len(name) <= 1:
        return "*"
    return f"{name[0]}*" if len(name) == 2 else f"{name[0]}*{name[-1]}"


def _mask_address(address: str) -> str:
    districts = [found.end() for found in re.finditer(r"[区县旗]|(?<=.)市", address[:30])]
    return f"{address[: districts[-1]]}{STARS}" if districts and districts[-1] < len(address) else STARS


def _is_email(value: str) -> bool:
    return len(value) <= 254 and bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value))


def _is_phone(value: str) -> bool:
    return bool(re.fullmatch(r"\+?[0-9]{5,20}", value, re.ASCII))


def _is_day(digits: str) -> bool:
    return _day(digits) is not None


def _day(digits: str) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR else None
