"""The list of cases, the offers that wait for a word, and the churn autopsy with its workbook."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.retention import autopsy, comparison, filters, pictures, selectors
from guanxi.crm.retention.filters import Asked
from guanxi.crm.retention.forms import SpanForm
from guanxi.crm.retention.models import CaseState
from guanxi.crm.retention.policy import retention_policy
from guanxi.crm.scores.exports import ExportRefused, hand_out, notes_of, refused, rows_to_take
from guanxi.crm.scores.reports.keyset import By, Page, page_of
from guanxi.crm.scores.tiers import tier_names
from guanxi.web.formats import day
from guanxi.web.sheets import Sheet


@require_GET
@requires(Right.KEEP_CASES, Right.SEE_STRUCTURE)
def cases(request: ActingRequest) -> HttpResponse:
    """Cases within reach: in hand with the earliest due first, late, or ended; a cell of the autopsy opens here."""
    policy = retention_policy(request.today)
    what = filters.asked(request.GET, request.today, policy)
    shown = _page(request, what)
    previous_url, next_url = shown.addresses(request.GET)
    told = {
        "what": what,
        "tabs": filters.tabs(selectors.counts(request.reach, request.today), what),
        "columns": pictures.columns(request.reach, ended=what.is_ended),
        "lines": pictures.lines(shown.rows, request.reach, tier_names(request.today), policy, request.today),
        "previous_url": previous_url,
        "next_url": next_url,
        "may_approve": request.reach.may(Right.APPROVE_OFFERS),
        "may_report": request.reach.may(Right.SEE_STRUCTURE),
    }
    return render(request, "retention/cases.html", told)


def _page(request: ActingRequest, what: Asked) -> Page:
    rows = filters.chosen(request.reach, what, request.today)
    if what.is_ended:
        return page_of(
            rows, (By("closed_on", descending=True, kind=date), By("pk", descending=True)), request.GET
        )
    order = (By("due_on", kind=date), By("amount_fen", descending=True), By("pk"))
    return page_of(rows, order, request.GET)


@require_GET
@requires(Right.APPROVE_OFFERS)
def approvals(request: ActingRequest) -> HttpResponse:
    """Offers above somebody's authority that wait for another person's word."""
    policy = retention_policy(request.today)
    waiting = list(selectors.offers_waiting(request.reach)[:100])
    told = {"lines": pictures.offer_lines(waiting, request.reach, policy)}
    return render(request, "retention/approvals.html", told)


@require_GET
@requires(Right.SEE_STRUCTURE)
def report(request: ActingRequest) -> HttpResponse:
    """Why and where to customers left, by money, tier and outlet; the rows open to their cases."""
    policy = retention_policy(request.today)
    span, ending = filters.span_of(request.GET, request.today, policy), filters.ending_of(request.GET)
    query = {"first": day(span.first), "last": day(span.last), "ending": ending}
    told = autopsy.report(request.reach, span, ending, policy, tier_names(request.today), query)
    told |= {
        "form": SpanForm(initial={"first": span.first, "last": span.last}),
        "ending": ending,
        "lost": ending == CaseState.LOST,
        "span": span,
        "file_query": f"?first={day(span.first)}&last={day(span.last)}&ending={ending}",
        "tier_columns": autopsy.group_columns(_("Tier")),
        "unit_columns": autopsy.group_columns(_("Outlet")),
        "compared": comparison.picture(request.reach, request.today),
    }
    return render(request, "retention/autopsy.html", told)


@require_GET
@requires(Right.SEE_STRUCTURE)
def report_file(request: ActingRequest) -> HttpResponse:
    """The same as a workbook: reason × destination, tiers, outlets, and the cases as far as the role may take them."""
    policy, names = retention_policy(request.today), tier_names(request.today)
    span, ending = filters.span_of(request.GET, request.today, policy), filters.ending_of(request.GET)
    rows = selectors.closed_between(request.reach, span).filter(state=ending)
    try:
        taken = rows_to_take(request, rows)
    except ExportRefused as refusal:
        return refused(
            request, refusal, "retention", f"{reverse('retention:autopsy')}?{request.GET.urlencode()}"
        )
    told = autopsy.report(request.reach, span, ending, policy, names, {})
    notes = notes_of(
        request, len(taken), [f"{day(span.first)} - {day(span.last)}", str(CaseState(ending).label)]
    )
    groups = (
        (_("Reason and destination"), autopsy.cell_columns(), told["cells"]),
        (_("Tiers"), autopsy.group_columns(_("Tier")), told["tiers"]),
        (_("Outlets"), autopsy.group_columns(_("Outlet")), told["units"]),
    )
    sheets = [
        Sheet(title, columns, [row["values"] for row in group], notes) for title, columns, group in groups
    ]
    columns = pictures.columns(request.reach, ended=True)
    lines = pictures.lines(taken, request.reach, names, policy, request.today)
    cells = [
        [line.sentence if column.id == "why" else line.values[column.id] for column in columns]
        for line in lines
    ]
    filters_told = {"first": span.first, "last": span.last, "ending": ending}
    return hand_out(
        request,
        "retention",
        [*sheets, Sheet(_("Cases"), columns, cells, notes)],
        rows=len(taken),
        filters=filters_told,
        customers=[row.party_id for row in taken],
    )
