"""A list of customers brought as a workbook: read, matched, and reported (命中 / 未命中 / 重复 / 无权) line by line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Identifier, Party
from guanxi.crm.customers.protected import tokens_of
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.segments.selectors import known_numbers
from guanxi.web.workbooks import Limits, cell_text, first_sheet, numbered

LIMITS = Limits(bytes=5_000_000, unpacked=200_000_000, lines=100_000)
LONGEST = 64  # of a number; a longer text is none
LINES_KEPT = 200  # line numbers kept of each kind, for the report
_HEADS = (
    "客户号",
    "客户编号",
    "客户代码",
    "证件号码",
    "证件号",
    "身份证号",
    "customer number",
    "customer_no",
    "id number",
)
_AT_ONCE = 10_000


@dataclass
class Match:
    """What became of the lines. Only line numbers are kept: a number that was not found is somebody's all the same."""

    parties: list[int] = field(default_factory=list)
    lines: int = 0
    matched: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    out_of_reach: list[int] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """The counts, and the first line numbers of what did not match, as the version keeps them."""
        kinds = {"missing": self.missing, "twice": self.twice, "out_of_reach": self.out_of_reach}
        return {
            "lines": self.lines,
            "matched": len(self.matched),
            **{name: len(found) for name, found in kinds.items()},
            "where": {name: found[:LINES_KEPT] for name, found in kinds.items()},
        }


def read_numbers(content: bytes) -> list[tuple[int, str]]:
    """Line number and number, from the first sheet of a workbook: the column headed so, else the first one.

    Raises ValidationError for anything that is no workbook, too large, or holds no numbers.
    """
    found = list(_numbers(first_sheet(content, LIMITS)))
    if not found:
        raise ValidationError(_("There is no customer number in the file."))
    numbered(len(found), LIMITS)
    return found


def _numbers(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[int, str]]:
    """The cells of the column that holds the numbers, below its head where there is one."""
    column, first = 0, 0
    for at, row in enumerate(rows[:20]):
        heads = [str(cell).strip().lower() for cell in row]
        place = next((heads.index(head) for head in _HEADS if head in heads), None)
        if place is not None:
            column, first = place, at + 1
            break
    for at, row in enumerate(rows[first:], start=first + 1):
        text = _text(row[column]) if column < len(row) else ""
        if text:
            yield at, text


def _text(cell: Any) -> str:
    """A cell as a number in writing, without blanks and marks nobody sees."""
    clean = "".join(cell_text(cell).split()).strip("'\ufeff")
    return clean if clean.isprintable() else ""


def match(reach: Reach, numbers: Sequence[tuple[int, str]]) -> Match:
    """Which customers within reach these numbers name, and what became of every line."""
    found = Match(lines=len(numbers))
    wanted = list(dict.fromkeys(text for _line, text in numbers if len(text) <= LONGEST))
    parties, known = _named(reach, wanted)
    seen: set[int] = set()
    for line, text in numbers:
        party = parties.get(text)
        if party is not None and party not in seen:
            seen.add(party)
            found.parties.append(party)
            found.matched.append(line)
        elif party is not None:
            found.twice.append(line)
        else:
            (found.out_of_reach if text in known else found.missing).append(line)
    return found


def _named(reach: Reach, wanted: Sequence[str]) -> tuple[dict[str, int], set[str]]:
    """Number → customer within reach; and those numbers that are a customer's, though not one within reach."""
    parties: dict[str, int] = {}
    known: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = visible_to(reach).filter(customer_no__in=some).values_list("customer_no", "pk")
        parties.update(rows)
        rest = [text for text in some if text not in parties]
        tokens = {token: text for text in rest for token in tokens_of(text)}
        held = Identifier.objects.filter(token__in=list(tokens), kind="id").values_list("token", "party_id")
        within = set(
            Party.objects.filter(pk__in=[party for _token, party in held]).values_list("pk", flat=True)
        )
        parties.update({tokens[token]: party for token, party in held if party in within})
        known.update(tokens.get(number, number) for number in known_numbers(rest, list(tokens)))
    return parties, known


def fingerprint(parties: Sequence[int]) -> str:
    """SHA-256 over the customers of a list, whatever their order."""
    return hashlib.sha256(",".join(map(str, sorted(parties))).encode()).hexdigest()
