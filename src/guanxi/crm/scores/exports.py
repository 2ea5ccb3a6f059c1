"""Taking figures away as a workbook: no more customers than the policy lets the role take, each file in the trail."""

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.audit.services import WrongPurpose, exported, record
from guanxi.crm.audit.words import file_name
from guanxi.crm.exports import asking
from guanxi.crm.exports.models import ExportRequest
from guanxi.crm.exports.selectors import access, usable
from guanxi.crm.exports.services import Asked, take
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.scores.selectors import current_business_date
from guanxi.insight.data_map.exports import exports
from guanxi.insight.data_map.purposes import PURPOSE_NAMES, Purpose
from guanxi.web import formats
from guanxi.web.lists import Column, address
from guanxi.web.sheets import Sheet, write_workbook

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Taken = TypeVar("Taken", bound=Model)


class ExportRefused(Exception):
    """More rows than this role may take; the message says how many, and what to do. `rows`: how many there are."""

    def __init__(self, message: str, rows: int | None = None) -> None:
        """`rows` is None where more cannot be asked for."""
        super().__init__(message)
        self.rows = rows


@dataclass(frozen=True)
class Offered:
    """A purpose a file may be taken for, in words; without an address where `forbidden` columns stand in it."""

    label: str
    href: str
    forbidden: str


def export_limit(request: ActingRequest) -> int:
    """Rows that this person may take in this file: by the policy in force (0 without one), or as approved for it."""
    approved = _approved(request)
    return max(_own_limit(request), approved.rows if approved else 0)


def _own_limit(request: ActingRequest) -> int:
    policy = access(request.today)
    return policy.export_limit(request.reach.roles) if policy else 0


def _approved(request: ActingRequest) -> ExportRequest | None:
    brought = request.GET.get(asking.APPROVAL)
    return usable(request.user, brought, asking.address_of(request), request.now) if brought else None


def more_than_allowed(request: ActingRequest, rows: Callable[[], int]) -> ExportRefused:
    """What to raise for a file above the limit; `rows` counts them all, asked only where more may be approved."""
    limit, policy = export_limit(request), access(request.today)
    if not limit:
        return ExportRefused(_("Your role may not take this list as a file."))
    said = _("You may take at most %(limit)s rows in one file; narrow the filters.") % {
        "limit": formats.count(limit)
    }
    return ExportRefused(said, rows() if policy and policy.approved_rows else None)


def refused(request: ActingRequest, refusal: ExportRefused, what: str, back: str) -> HttpResponse:
    """The answer to whom a file is refused: where more can be approved a page that asks for it, else back in words."""
    if refusal.rows is None:
        messages.error(request, str(refusal))
        return redirect(back)
    asked = Asked(what, asking.address_of(request), purpose_asked(request, what), refusal.rows)
    told = {
        "why": str(refusal), "what": file_name(what), "rows": asked.rows, "back": back,
        "purpose": purpose_name(Purpose(asked.purpose)), "asked": asking.sealed(asked, request.user.pk),
    }  # fmt: skip
    return render(request, "exports/above.html", told, status=403)


def rows_to_take(request: ActingRequest, rows: QuerySet[Taken]) -> list[Taken]:
    """All rows about customers, when there are no more than the role may take; else raises ExportRefused."""
    limit = export_limit(request)
    found = list(rows[: limit + 1])
    if len(found) > limit:
        raise more_than_allowed(request, rows.order_by().count)
    return found


def notes_of(
    request: ActingRequest, rows: int, filters: Sequence[str], *, as_of: date | None = None
) -> list[str]:
    """Who took it, when, figures of which day (the current run's, unless told), which filters: over the table."""
    moment = formats.moment(timezone.localtime(request.now))
    who = {"name": request.user.name, "number": request.user.staff_no, "moment": moment}
    told = {"day": formats.day(as_of or current_business_date()), "rows": rows}
    return [
        _("Taken by %(name)s (%(number)s) on %(moment)s") % who,
        _("Figures of %(day)s, %(rows)s rows") % told,
        _("Filters: %(filters)s") % {"filters": "; ".join(filters) or _("none")},
    ]


def purpose_name(purpose: Purpose) -> str:
    """The purpose in the reader's language."""
    zh, en = PURPOSE_NAMES[purpose]
    return zh if formats.is_chinese(get_language() or "") else en


def _listed(labels: Sequence[str]) -> str:
    return ("、" if formats.is_chinese(get_language() or "") else ", ").join(labels)


def purposes_offered(what: str, columns: Sequence[Column], url: str, query: QueryDict) -> list[Offered]:
    """The purposes the file may be taken for: the address of each, or the labels of the columns that forbid it."""
    declared = exports()[what]
    labels = {column.id: column.label for column in columns}
    offered = []
    for purpose in declared.purposes:
        wrong = [labels[column] for column in declared.wrong_fields(labels, purpose)]
        href = url + address(query, purpose=purpose)
        offered.append(Offered(purpose_name(purpose), "" if wrong else href, _listed(wrong)))
    return offered


def purpose_asked(request: ActingRequest, what: str) -> Purpose:
    """The purpose in the address, when the file has it; else its usual one."""
    declared = exports()[what]
    asked = request.GET.get("purpose", declared.usual)
    return next((purpose for purpose in declared.purposes if purpose == asked), declared.usual)


def hand_out(
    request: ActingRequest, what: str, sheets: Sequence[Sheet], *, rows: int, filters: Mapping[str, Any],
    customers: Iterable[int],
) -> HttpResponse:  # fmt: skip
    """The workbook called `what`, for the purpose asked; its row in the trail, with whom it is about, is written first.

    Columns whose data may not be used for it: a page that names both, status 403, and the refusal in the trail.
    """
    purpose = purpose_asked(request, what)
    labels = {column.id: column.label for sheet in sheets for column in sheet.columns}
    content = _written(sheets, purpose)
    approved = _approved(request) if rows > _own_limit(request) else None
    if approved is not None:
        filters = {**filters, asking.APPROVAL: str(approved.uuid)}
    try:
        exported(
            by=request.user,
            what=what,
            rows=rows,
            columns=list(labels),
            filters=filters,
            content_hash=hashlib.sha256(content).hexdigest(),
            purpose=purpose,
            customers=customers,
        )
    except WrongPurpose as wrong:
        return _refused(request, what, wrong, [labels.get(field, field) for field in wrong.fields])
    if approved is not None:
        take(by=request.user, request=approved, rows=rows, now=request.now)
    name = f"{what}-{request.today.isoformat()}.xlsx"
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=TYPE)  # type: ignore[return-value]


def _written(sheets: Sequence[Sheet], purpose: Purpose) -> bytes:
    line = _("Purpose: %(purpose)s") % {"purpose": purpose_name(purpose)}
    stream = io.BytesIO()
    write_workbook(stream, [replace(sheet, notes=[*sheet.notes, line]) for sheet in sheets])
    return stream.getvalue()


def _refused(request: ActingRequest, what: str, refused: WrongPurpose, labels: list[str]) -> HttpResponse:
    record(
        by=request.user, verb="audit.export_refused", on=request.user, what=what, purpose=refused.purpose,
        fields=refused.fields,
    )  # fmt: skip
    told = {"purpose": purpose_name(refused.purpose), "fields": _listed(labels)}
    return render(request, "scores/export_refused.html", told, status=403)
