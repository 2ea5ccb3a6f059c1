"""The customer list as a workbook: no more rows than the policy lets the role take, each file in the trail."""

import hashlib
import io

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit.services import exported
from guanxi.crm.desk import listing
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.selectors import current_business_date
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.policies.access import AccessPolicy
from guanxi.web import formats
from guanxi.web.sheets import Sheet, write_workbook

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


def workbook_of(
    request: ActingRequest,
    rows: QuerySet[PartyScore],
    wanted: list[str],
    names: TierNames,
    filters: list[str],
) -> HttpResponse:
    """The file, its row in the trail written before it leaves. Raises ExportRefused above the limit."""
    limit = export_limit(request)
    found = list(rows[: limit + 1])
    if len(found) > limit:
        told = {"limit": formats.count(limit)}
        raise ExportRefused(
            _("You may take at most %(limit)s rows in one file; narrow the filters.") % told
            if limit
            else _("Your role may not take this list as a file.")
        )
    lines = listing.lines(found, request.reach, names)
    columns = listing.shown_columns(wanted, request.reach, lines)
    cells = [[line.values[column.id] for column in columns] for line in lines]
    stream = io.BytesIO()
    write_workbook(stream, [Sheet(_("Customers"), columns, cells, _notes(request, len(found), filters))])
    content = stream.getvalue()
    exported(
        by=request.user,
        what="customers",
        rows=len(found),
        columns=[column.id for column in columns],
        filters={"shown": filters},
        content_hash=hashlib.sha256(content).hexdigest(),
    )
    name = f"customers-{request.today.isoformat()}.xlsx"
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=TYPE)  # type: ignore[return-value]


def _notes(request: ActingRequest, rows: int, filters: list[str]) -> list[str]:
    """Who took it, when, figures of which day, which filters: over the table and on every printed page."""
    moment = formats.moment(timezone.localtime(request.now))
    user = request.user
    return [
        _("Taken by %(name)s (%(number)s) on %(moment)s")
        % {"name": user.name, "number": user.staff_no, "moment": moment},
        _("Figures of %(day)s, %(rows)s rows") % {"day": formats.day(current_business_date()), "rows": rows},
        _("Filters: %(filters)s") % {"filters": "; ".join(filters) or _("none")},
    ]
