"""A partner's list or a company's roster as a workbook: each line read, checked, matched (新 / 命中 / 重复 / 有误)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.arriving import Arrival, Draft, arrive, contact_kind
from guanxi.crm.leads.models import Kind, LeadList
from guanxi.crm.leads.rules import State
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Right
from guanxi.web.workbooks import Limits, cell_text, first_sheet, numbered

LIMITS = Limits(bytes=2_000_000, unpacked=50_000_000, lines=2_000)
LINES_KEPT, LONGEST_NAME, LONGEST_NOTE = 200, 200, 400
HEADS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "名称", "单位名称", "企业名称", "客户名称", "name"),
    "contact": ("手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "phone"),
    "kind": ("类型", "kind"),
    "note": ("备注", "说明", "note"),
    "amount": ("金额", "预计金额", "amount"),
}
COMPANY_WORDS = frozenset({"企业", "公司", "单位", "对公", "company"})


@dataclass(frozen=True)
class Line:
    """A line of the workbook: its number, and the lead it tells or None."""

    number: int
    draft: Draft | None


def read_lines(content: bytes) -> list[Line]:
    """The lines of the first sheet below its head; ValidationError for what is no workbook, too large, or headless."""
    found = list(_lines(first_sheet(content, LIMITS)))
    if not found:
        raise ValidationError(_("There is no line with a name and a number under the heads 姓名 and 手机."))
    numbered(len(found), LIMITS)
    return found


def _lines(rows: Sequence[Sequence[Any]]) -> Iterator[Line]:
    for at, row in enumerate(rows[:20]):
        heads = [str(cell).strip().lower() for cell in row]
        places = {
            field: heads.index(word) for field, words in HEADS.items() for word in words if word in heads
        }
        if {"name", "contact"} <= places.keys():
            for number, cells in enumerate(rows[at + 1 :], start=at + 2):
                told = {field: _text(cells[place]) for field, place in places.items() if place < len(cells)}
                if any(told.values()):
                    yield Line(number, _draft(told))
            return


def _draft(told: Mapping[str, str]) -> Draft | None:
    """The lead a line tells; None when name or number is missing or not one."""
    name, contact, amount = told.get("name", ""), told.get("contact", ""), told.get("amount", "")
    worth = _fen(amount)
    if not name or len(name) > LONGEST_NAME or contact_kind(contact) is None or (amount and worth is None):
        return None
    kind = Kind.COMPANY if told.get("kind", "").lower() in COMPANY_WORDS else Kind.PERSON
    return Draft(
        kind=kind, name=name, contact=contact, note=told.get("note", "")[:LONGEST_NOTE], worth_fen=worth
    )


def _fen(text: str) -> int | None:
    try:
        amount = Decimal(text.replace(",", ""))
        return int((amount * 100).quantize(Decimal(1))) if 0 < amount < 10**11 else None
    except InvalidOperation:
        return None


def _text(cell: Any) -> str:
    """A cell as it reads, on one line and without marks nobody sees."""
    clean = " ".join(cell_text(cell).split()).strip("'\ufeff ")
    return clean if clean.isprintable() else ""


@transaction.atomic
def bring(acting: Acting, *, name: str, origin: str, unit: Unit, lines: Sequence[Line]) -> LeadList:
    """Collect the leads of a list for one of one's units; the report counts lines and keeps their numbers only."""
    acting.need(Right.ALLOCATE_LEADS)
    if unit.pk not in acting.reach.unit_ids:
        raise ValidationError(_("Choose one of your outlets."))
    batch = LeadList.objects.create(
        name=name, origin=origin, unit=unit, brought_by=acting.by, brought_at=acting.now
    )
    sound = [(line.number, line.draft) for line in lines if line.draft is not None]
    how = Arrival(origin, unit, acting.by, acting.today, acting.now, batch=batch)
    leads = arrive([draft for _number, draft in sound], how)
    kinds: dict[str, list[int]] = {"new": [], "known": [], "twice": []}
    for line, lead in zip(sound, leads, strict=True):
        kinds["new" if lead.state == State.COLLECT else str(lead.state)].append(line[0])
    kinds["faulty"] = [line.number for line in lines if line.draft is None]
    batch.report = {
        "lines": len(lines),
        **{kind: len(found) for kind, found in kinds.items()},
        "where": {kind: found[:LINES_KEPT] for kind, found in kinds.items() if kind != "new"},
    }
    batch.save(update_fields=["report"])
    counts: dict[str, Any] = {kind: len(found) for kind, found in kinds.items()}
    audit.record(by=acting.by, verb="leads.list_brought", on=batch, unit=unit.unit_no, **counts)
    return batch
