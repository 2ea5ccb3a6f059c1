"""Taking figures away as a workbook: no more customers than the policy lets the role take, each file in the trail."""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit.services import exported
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.selectors import current_business_date
from guanxi.insight.policies.access import AccessPolicy
from guanxi.web import formats
from guanxi.web.sheets import Sheet, write_workbook

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Taken = TypeVar("Taken", bound=Model)


class ExportRefused(Exception):
    """More rows than this role may take; the message says how many, and what to do."""


def export_limit(request: ActingRequest) -> int:
    """Rows that this person may take in one file, by the policy in force; 0 while the bank has set none."""
    try:
        policy = active("access", request.today)
    except KeyError:
        return 0
    assert isinstance(policy, AccessPolicy)
    return policy.export_limit(request.reach.roles)


def rows_to_take(request: ActingRequest, rows: QuerySet[Taken]) -> list[Taken]:
    """All rows about customers, when there are no more than the role may take; else raises ExportRefused."""
    limit = export_limit(request)
    found = list(rows[: limit + 1])
    if len(found) > limit:
        told = {"limit": formats.count(limit)}
        raise ExportRefused(
            _("You may take at most %(limit)s rows in one file; narrow the filters.") % told
            if limit
            else _("Your role may not take this list as a file.")
        )
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


def hand_out(
    request: ActingRequest, what: str, sheets: Sequence[Sheet], *, rows: int, filters: Mapping[str, Any],
    customers: Iterable[int],
) -> HttpResponse:  # fmt: skip
    """The workbook called `what`; its row in the trail, with whom it is about, is written before it leaves."""
    stream = io.BytesIO()
    write_workbook(stream, sheets)
    content = stream.getvalue()
    exported(
        by=request.user,
        what=what,
        rows=rows,
        columns=list(dict.fromkeys(column.id for sheet in sheets for column in sheet.columns)),
        filters=filters,
        content_hash=hashlib.sha256(content).hexdigest(),
        customers=customers,
    )
    name = f"{what}-{request.today.isoformat()}.xlsx"
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=TYPE)  # type: ignore[return-value]
