"""Bringing contacts from before: a file in, a report out."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.crm.interactions.forms import ImportForm
from guanxi.crm.interactions.imports import LINES_KEPT, Report, import_contacts, read_lines
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right


@require_http_methods(["GET", "POST"])
@requires(Right.ASSIGN_WORK)
def bring(request: ActingRequest) -> HttpResponse:
    """The question for a file; what it sends is brought at once and reported line by line."""
    form = ImportForm(request.POST or None, request.FILES or None)
    told: dict[str, object] = {"form": form, "report": None}
    if request.method == "POST" and form.is_valid():
        try:
            lines = read_lines(form.cleaned_data["file"].read())
            report = import_contacts(
                by=request.user, reach=request.reach, lines=lines, today=request.today, now=request.now
            )
        except ValidationError as wrong:
            form.add_error("file", wrong)
        else:
            told = {"form": ImportForm(), "report": report.counts(), "where": _where(report)}
    return render(request, "interactions/import.html", told, status=422 if form.errors else 200)


def _where(report: Report) -> list[tuple[str, str]]:
    """The first lines of each kind that was not simply taken, in words."""
    kinds = (
        (_("Customer unknown or out of reach"), report.unknown_customer),
        (_("Author unknown: taken, the name kept as text"), report.unknown_author),
        (_("There already"), report.already),
    )
    said = [(label, ", ".join(map(str, found[:LINES_KEPT]))) for label, found in kinds if found]
    wrong = [f"{number} ({why})" for number, why in list(report.wrong.items())[:LINES_KEPT]]
    return [*said, *([(_("Not readable"), ", ".join(wrong))] if wrong else [])]
