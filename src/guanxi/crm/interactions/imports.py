"""Contacts from before (历史跟进): a workbook or CSV file read line by line, each with its own author and time.

Every line has a key of its own content (or of its number in the old system): the same file twice brings nothing twice.
"""

from __future__ import annotations

import csv
import hashlib
import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.interactions.models import Contact, Source
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.interaction import CONTACT_CHANNELS, InteractionPolicy
from guanxi.web.formats import fen_of
from guanxi.web.workbooks import Limits, cell_text, first_sheet, measured, numbered

LIMITS = Limits(bytes=20_000_000, unpacked=400_000_000, lines=200_000)
AT_ONCE, LINES_KEPT = 2_000, 200
HEADS: Mapping[str, tuple[str, ...]] = {
    "customer": ("客户号", "客户编号", "customer_no", "customer number"),
    "at": ("联系时间", "跟进时间", "时间", "日期", "at", "date"),
    "channel": ("联系方式", "跟进方式", "方式", "channel"),
    "outcome": ("联系结果", "跟进结果", "结果", "outcome"),
    "note": ("备注", "说明", "跟进内容", "内容", "note"),
    "staff_no": ("工号", "员工号", "staff_no"),
    "author": ("登记人", "跟进人", "客户经理", "姓名", "author"),
    "family": ("意向产品", "产品大类", "intent_family"),
    "amount": ("意向金额", "意向金额（元）", "金额", "amount"),
    "number": ("原系统编号", "流水号", "编号", "number"),
}
NEEDED = ("customer", "at", "channel", "outcome")
_KEYS = uuid.UUID("6f6b1c3e-8d0b-5a43-9c8e-5b9c7d1c2a10")
Line = Mapping[str, str]


@dataclass
class Report:
    """What became of the lines, by line number; `unknown_author` were taken, with the name as text."""

    lines: int = 0
    taken: list[int] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    unknown_customer: list[int] = field(default_factory=list)
    unknown_author: list[int] = field(default_factory=list)
    wrong: dict[int, str] = field(default_factory=dict)

    def counts(self) -> dict[str, Any]:
        """How many of each kind."""
        return {
            "lines": self.lines, "taken": len(self.taken), "already": len(self.already),
            "unknown_customer": len(self.unknown_customer), "unknown_author": len(self.unknown_author),
            "wrong": len(self.wrong),
        }  # fmt: skip


def read_lines(content: bytes) -> list[tuple[int, Line]]:
    """Line number and named cells of the first sheet, or of a CSV file in UTF-8 or GB18030.

    Raises ValidationError for what cannot be read, is too large, or lacks a needed column.
    """
    measured(content, LIMITS)
    rows = first_sheet(content, LIMITS) if content[:2] == b"PK" else _csv(content)
    places = _places([str(cell).strip().lower() for cell in rows[0]]) if rows else {}
    lacking = [HEADS[name][0] for name in NEEDED if name not in places]
    if lacking:
        raise ValidationError(_("The file lacks the columns %(names)s.") % {"names": "、".join(lacking)})
    numbered(len(rows) - 1, LIMITS)
    return [
        (number, {name: _text(row[at]) if at < len(row) else "" for name, at in places.items()})
        for number, row in enumerate(rows[1:], start=2)
        if any(str(cell).strip() for cell in row)
    ]


def _csv(content: bytes) -> list[list[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return [list(row) for row in csv.reader(io.StringIO(content.decode(encoding)))]
        except (UnicodeDecodeError, csv.Error):
            continue
    raise ValidationError(_("This is neither an Excel workbook (xlsx) nor a CSV file."))


def _places(heads: Sequence[str]) -> dict[str, int]:
    return {
        name: heads.index(head)
        for name, words in HEADS.items()
        for head in (next((word for word in words if word in heads), None),)
        if head is not None
    }


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell_text(cell).strip()


@dataclass(frozen=True)
class Day:
    """The bank's today and the instant."""

    today: date
    now: datetime


@dataclass(frozen=True)
class Known:
    """What the lines are matched against."""

    customers: Mapping[str, Party]
    staff: Mapping[str, Staff]
    by_name: Mapping[str, Staff]
    channels: Mapping[str, str]
    outcomes: Mapping[str, str]
    families: Mapping[str, str]


@transaction.atomic
def import_contacts(
    *, by: Staff, reach: Reach, lines: Sequence[tuple[int, Line]], today: date, now: datetime
) -> Report:
    """Bring contacts of customers within reach, each with its author and time; what is there already stays.

    An author nobody knows is kept as text. One row of the trail says what the file brought. PermissionDenied for who
    may not assign work.
    """
    if not reach.may(Right.ASSIGN_WORK):
        raise PermissionDenied(f"{by.staff_no} may not bring contacts")
    known = _known(reach, lines, interaction_policy(today))
    report, made = Report(lines=len(lines)), dict[uuid.UUID, Contact]()
    there = _there([_key(line) for _number, line in lines])
    for number, line in lines:
        _take(number, line, known, report, made, there, Day(today, now))
    Contact.objects.bulk_create(made.values(), batch_size=AT_ONCE, ignore_conflicts=True)
    digest = hashlib.sha256(repr(lines).encode()).hexdigest()
    audit.record(by=by, verb="interactions.contacts_imported", on=by, content_hash=digest, **report.counts())
    return report


def _there(keys: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    found: set[uuid.UUID] = set()
    for start in range(0, len(keys), AT_ONCE):
        some = Contact.objects.filter(client_key__in=keys[start : start + AT_ONCE])
        found.update(some.values_list("client_key", flat=True))
    return found


def _known(reach: Reach, lines: Iterable[tuple[int, Line]], policy: InteractionPolicy) -> Known:
    numbers = list({line["customer"] for _number, line in lines})
    customers: dict[str, Party] = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = visible_to(reach).filter(customer_no__in=numbers[start : start + AT_ONCE])
        customers.update({party.customer_no: party for party in some})
    people = list(Staff.objects.all())
    names = [person.name for person in people]
    return Known(
        customers,
        {person.staff_no: person for person in people},
        {person.name: person for person in people if names.count(person.name) == 1},
        {word: code for code, zh in CONTACT_CHANNELS.items() for word in (code, zh)},
        {word: one.outcome for one in policy.outcomes for word in (one.outcome, one.label_zh, one.label_en)},
        {word: code for code in policy.intent_families for word in (code, FAMILY_LABELS[code])},
    )


def _take(
    number: int, line: Line, known: Known, report: Report, made: dict[uuid.UUID, Contact], there: set[uuid.UUID],
    when: Day,
) -> None:  # fmt: skip
    """One line: into `made`, or into the report with why not."""
    party = known.customers.get(line["customer"])
    if party is None:
        report.unknown_customer.append(number)
        return
    try:
        contact = _contact(line, party, known, when)
    except ValueError as wrong:
        report.wrong[number] = str(wrong)
        return
    if contact.client_key in made or contact.client_key in there:
        report.already.append(number)
        return
    made[contact.client_key] = contact
    report.taken.append(number)
    if contact.staff is None:
        report.unknown_author.append(number)


def _contact(line: Line, party: Party, known: Known, when: Day) -> Contact:
    """The contact a line tells of; ValueError says in words what is wrong with it."""
    at = _moment(line["at"])
    if at is None or timezone.localtime(at).date() > when.today:
        raise ValueError(_("no time, or one ahead"))
    channel, outcome = known.channels.get(line["channel"]), known.outcomes.get(line["outcome"])
    if channel is None or outcome is None:
        raise ValueError(_("unknown channel or outcome"))
    family = known.families.get(line.get("family", ""), "")
    staff = known.staff.get(line.get("staff_no", "")) or known.by_name.get(line.get("author", ""))
    author = line.get("author") or (staff.name if staff else line.get("staff_no", ""))
    return Contact(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=staff, author_name=author[:100],
        channel=channel, at=at, day=timezone.localtime(at).date(), outcome=outcome, intent_family=family,
        intent_fen=_fen(line.get("amount", "")) if family else None, note=line.get("note", "")[:1000],
        source=Source.IMPORT, client_key=_key(line), logged_at=when.now,
    )  # fmt: skip


def _key(line: Line) -> uuid.UUID:
    told = line.get("number") or "\x1f".join(f"{name}={line[name]}" for name in sorted(line))
    return uuid.uuid5(_KEYS, f"{line['customer']}\x1f{told}")


def _moment(text: str) -> datetime | None:
    plain = text.replace("/", "-").replace("年", "-").replace("月", "-").replace("日", "")
    try:
        at = parse_datetime(plain)
        day = parse_date(plain) if at is None else None
    except ValueError:
        return None
    if at is None and day is not None:
        at = datetime.combine(day, time(12))
    if at is None:
        return None
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def _fen(text: str) -> int | None:
    try:
        fen = fen_of(Decimal(text.replace(",", "")))
    except InvalidOperation:
        return None
    return fen if fen > 0 else None
