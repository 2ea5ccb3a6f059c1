"""Pages of incidents, for compliance alone."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.compliance.incidents import pictures, services
from guanxi.crm.compliance.incidents.forms import CauseForm, IncidentForm, NoteForm, NoticeForm, ReportForm
from guanxi.crm.compliance.incidents.models import Incident
from guanxi.crm.compliance.sight import for_compliance
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.scores.exports import hand_out, notes_of
from guanxi.web.pdf import mark_of, pdf_answer, pdf_bytes
from guanxi.web.sheets import Sheet

BAD = 422


@require_GET
@for_compliance
def overview(request: ActingRequest) -> HttpResponse:
    """Incidents with how long there is to report each."""
    return render(request, "compliance/incidents.html", pictures.overview(request.today, request.now))


@require_http_methods(["GET", "POST"])
@for_compliance
def new(request: ActingRequest) -> HttpResponse:
    """Record an incident: whom it affected is counted at once."""
    sent = (request.POST,) if request.method == "POST" else ()
    form = IncidentForm(*sent, today=request.today, now=request.now)
    if form.is_bound and form.is_valid():
        try:
            made = services.record(by=request.user, draft=form.draft(), today=request.today, now=request.now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("compliance:incident", made.pk)
    told = {"form": form, "tabs": pictures.tabs("incidents")}
    return render(request, "compliance/incident_new.html", told, status=BAD if form.errors else 200)


@require_GET
@for_compliance
def detail(request: ActingRequest, number: int) -> HttpResponse:
    """One incident: whom it affected, what is still to do, what was done."""
    row = _found(number)
    wording = {name: getattr(row, name) for name in ("harm", "measures", "advice", "contact")}
    told = {
        "note_form": NoteForm(),
        "report_form": ReportForm(),
        "notice_form": NoticeForm(initial=wording),
        "cause_form": CauseForm(),
        **pictures.one(row, request.today, request.now),
    }
    return render(request, "compliance/incident.html", told)


@require_POST
@for_compliance
def count(request: ActingRequest, number: int) -> HttpResponse:
    """Count anew."""
    return _done(request, number, None, lambda row, _told: services.count(
        by=request.user, incident=row, today=request.today, now=request.now
    ))  # fmt: skip


@require_POST
@for_compliance
def note(request: ActingRequest, number: int) -> HttpResponse:
    """A line of the time line."""
    return _done(request, number, NoteForm(request.POST), lambda row, told: services.note(
        by=request.user, incident=row, text=told["text"], today=request.today
    ))  # fmt: skip


@require_POST
@for_compliance
def report(request: ActingRequest, number: int) -> HttpResponse:
    """It was reported."""
    return _done(request, number, ReportForm(request.POST), lambda row, told: services.report(
        by=request.user, incident=row, to=told["to"], today=request.today, now=request.now
    ))  # fmt: skip


@require_POST
@for_compliance
def word_notice(request: ActingRequest, number: int) -> HttpResponse:
    """Word the notice to the people affected."""
    form = NoticeForm(request.POST)
    return _done(request, number, form, lambda row, _told: services.word_notice(
        by=request.user, incident=row, draft=form.draft(), today=request.today
    ))  # fmt: skip


@require_POST
@for_compliance
def close(request: ActingRequest, number: int) -> HttpResponse:
    """Close it with its root cause."""
    return _done(request, number, CauseForm(request.POST), lambda row, told: services.close(
        by=request.user, incident=row, root_cause=told["root_cause"], today=request.today, now=request.now
    ))  # fmt: skip


@require_GET
@for_compliance
def notice(request: ActingRequest, number: int) -> HttpResponse:
    """The notice on paper; none before it is worded."""
    row = _found(number)
    if not row.harm:
        raise Http404
    mark = mark_of(request.user.name, request.user.staff_no, request.now)
    told = pictures.letter_of(row) | {"today": request.today}
    content = pdf_bytes("compliance/notice_print.html", told, mark=mark)
    audit.exported(
        by=request.user, what="incident_notice", rows=1, columns=[], filters={"incident": row.pk},
        content_hash=hashlib.sha256(content).hexdigest(), customers=(),
    )  # fmt: skip
    return pdf_answer(content, _("Notice of incident %(n)s") % {"n": row.pk})


@require_GET
@for_compliance
def file(request: ActingRequest, number: int) -> HttpResponse:
    """The customers affected as a workbook, whom to tell."""
    row = _found(number)
    customers = list(row.customers.select_related("party__unit").order_by("party__customer_no", "pk"))
    cells = [pictures.cells_of(one) for one in customers]
    notes = notes_of(request, len(cells), [row.title])
    sheet = Sheet(_("Customers affected"), pictures.affected_columns(), cells, notes)
    return hand_out(
        request, "incident", [sheet], rows=len(cells), filters={"incident": row.pk},
        customers=[one.party_id for one in customers],
    )  # fmt: skip


def _found(number: int) -> Incident:
    rows = Incident.objects.select_related("recorded_by", "reported_by", "closed_by")
    found = rows.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _done(
    request: ActingRequest, number: int, form: Form | None, deed: Callable[[Incident, dict[str, Any]], object]
) -> HttpResponse:
    """Do what a form of the page asks, or say what it lacks; back to the page."""
    row = _found(number)
    if form is not None and not form.is_valid():
        messages.error(request, _("Fill in every field."))
        return redirect("compliance:incident", row.pk)
    try:
        deed(row, form.cleaned_data if form is not None else {})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Kept in the trail."))
    return redirect("compliance:incident", row.pk)
