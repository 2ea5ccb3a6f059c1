"""The customer list as a workbook: the screen's columns, masked and limited as the role demands, in the trail."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.crm.desk import listing
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.scores.exports import hand_out, notes_of, rows_to_take
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import TierNames
from guanxi.web.sheets import Sheet


def workbook_of(
    request: ActingRequest,
    rows: QuerySet[PartyScore],
    wanted: list[str],
    names: TierNames,
    filters: list[str],
) -> HttpResponse:
    """The file of these rows in their order. Raises ExportRefused when there are more than the role may take."""
    taken = rows_to_take(request, rows)
    lines = listing.lines(taken, request.reach, names)
    columns = listing.shown_columns(wanted, request.reach, lines)
    cells = [[line.values[column.id] for column in columns] for line in lines]
    sheet = Sheet(_("Customers"), columns, cells, notes_of(request, len(lines), filters))
    return hand_out(
        request,
        "customers",
        [sheet],
        rows=len(lines),
        filters={"shown": filters},
        customers=[row.pk for row in taken],
    )
