"""The parts of a protected value that linkage compares, so that two values one slip apart can be told from two others.

The lake never holds these texts: the door keeps a keyed token of each (see lake/door.py), and only the linkage step
reads them. A number is cut into three pieces and each part leaves one piece out: numbers that differ inside one piece
share exactly one part. An identity number leads with its 15-digit form (居民身份证 15 位), which both lengths have.
"""

from __future__ import annotations

import re
import unicodedata

from guanxi.insight.staging.identifiers import Protected

MOST_WORDS = 8
_MAIL_ENDS = 4
_LEVELS = "省|自治区|市|区|县|旗|镇|乡|街道|街|大道|道|路|巷|弄|村|组|号楼|号|栋|幢|座|楼|层|单元|室"
_UNITS = re.compile(rf"[^省市区县旗镇乡街道路巷弄村组号栋幢座楼层单元室]+(?:{_LEVELS})")


def linking_parts(kind: Protected, normal: str) -> tuple[str, ...]:
    """The texts whose tokens linkage needs of a normalised value, in a fixed order; () for kinds it does not compare.

    Identity numbers: the form that stands for the person, then three parts. Phones: three parts. E-mail: what stands
    before and behind the @, and the first and last letters of the former. Addresses: their units or words, at most
    `MOST_WORDS`, in the order written.
    """
    if not normal:
        return ()
    if kind in (Protected.RESIDENT_ID, Protected.RESIDENT_ID_15):
        short = short_resident_id(normal)
        return (short, *_two_of_three(short, 6, 12))
    if kind in (Protected.USCC, Protected.PASSPORT, Protected.OTHER_ID):
        return (normal, *_two_of_three(normal, len(normal) // 3, 2 * len(normal) // 3))
    if kind in (Protected.MOBILE, Protected.PHONE):
        return _two_of_three(normal, max(len(normal) - 8, 1), max(len(normal) - 4, 2))
    if kind is Protected.EMAIL:
        return _mail_parts(normal)
    return address_words(normal) if kind is Protected.ADDRESS else ()


def short_resident_id(normal: str) -> str:
    """A resident number as it was written in 15 digits: no century, no check digit; one of another length as it is."""
    return f"{normal[:6]}{normal[8:17]}" if len(normal) == 18 else normal


def address_words(address: str) -> tuple[str, ...]:
    """An address in its units (江城市 | 观前街道 | 120号), or in its words where it has none of these."""
    plain = unicodedata.normalize("NFKC", address).casefold()
    words = _UNITS.findall(plain.replace(" ", "")) if re.search(r"[\u4e00-\u9fff]", plain) else []
    words = words or re.findall(r"\w+", plain)
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def _mail_parts(mail: str) -> tuple[str, ...]:
    """(before the @, behind it, first letters, last letters): one slip leaves at least one end of either as it was."""
    local, at, domain = mail.rpartition("@")
    return (local, domain, local[:_MAIL_ENDS], local[-_MAIL_ENDS:]) if at and local and domain else ()


def _two_of_three(text: str, first: int, second: int) -> tuple[str, str, str]:
    head, middle, tail = text[:first], text[first:second], text[second:]
    return f"{head}{middle}|", f"|{middle}{tail}", f"{head}|{tail}"
