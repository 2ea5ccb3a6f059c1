"""The pages of runs: the list, one run, its progress while it runs, and the rows a rule found."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies.words import kind_name
from guanxi.crm.scores import selectors
from guanxi.crm.scores.models import Run, RunState, VolumeAcceptance
from guanxi.crm.scores.runs import accepting, columns, pictures, words
from guanxi.crm.scores.runs.forms import ReasonForm
from guanxi.crm.scores.words import COMPONENTS
from guanxi.web.htmx import is_htmx
from guanxi.web.paging import page_of

MOST_RUNS = 90  # about three months of nights; older ones are in the store


@require_GET
@requires(Right.SEE_RUNS)
def index(request: ActingRequest) -> HttpResponse:
    """The nights, newest business date first; a stopped one says why and which figures stand."""
    runs = list(selectors.runs()[:MOST_RUNS])
    told = {
        "columns": columns.of_runs(),
        "rows": pictures.listed(runs, request.now),
        "kinds": words.STATE_KINDS,
        "standing": selectors.current_run(),
        "latest": selectors.latest_run(),
        "going": next((run for run in runs if run.state == RunState.RUNNING), None),
        "most": MOST_RUNS,
    }
    return render(request, "runs/list.html", told)


@require_GET
@requires(Right.SEE_RUNS)
def detail(request: ActingRequest, run: str) -> HttpResponse:
    """One run: reconciliation first, then findings, files, policies and steps."""
    found = get_object_or_404(Run, pk=run)
    reconciled = pictures.reconciled(found, base_currency_of(found))
    told = {
        "run": found,
        "seconds": pictures.seconds_of(found, request.now),
        "read": pictures.rows_read(found),
        "reasons": pictures.reasons_of(found),
        "kind": words.STATE_KINDS.get(found.state, "grey"),
        "standing": selectors.current_run(),
        "months": pictures.months_of(found),
        "reconciled": reconciled,
        "findings": pictures.findings_of(found),
        "missing_files": pictures.missing_of(found),
        "inputs": pictures.inputs_of(found),
        "policies": pictures.policies_of(found),
        "stages": pictures.stages_of(found),
        "progress": pictures.progress_of(found) if found.state == RunState.RUNNING else None,
        "volumes": accepting.offered(found, by=request.user, rights=request.reach.rights),
        "stopped_otherwise": found.state == RunState.STOPPED and accepting.stopped_otherwise(found),
        "reason_form": ReasonForm(),
        "words": words,
        "kind_name": kind_name,
        "components": COMPONENTS,
        "columns": {
            "reconciliation": columns.of_reconciliation(reconciled),
            "findings": columns.of_findings(),
            "inputs": columns.of_inputs(),
            "policies": columns.of_policies(),
            "steps": columns.of_steps(),
            "volumes": columns.of_volumes(),
        },
    }
    return render(request, "runs/detail.html", told)


def base_currency_of(run: Run) -> str:
    """The currency the run's totals are in."""
    extract = run.manifest.get("extract") or {}
    return str(extract.get("base_currency", "CNY"))


@require_GET
@requires(Right.SEE_RUNS)
def progress(request: ActingRequest, run: str) -> HttpResponse:
    """The bar of a running run; when it has ended the page is asked to show itself anew."""
    found = get_object_or_404(Run, pk=run)
    if found.state != RunState.RUNNING and is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    told = {"run": found, "progress": pictures.progress_of(found)}
    return render(request, "runs/_progress.html", told)


@require_GET
@requires(Right.SEE_RUNS)
def violations(request: ActingRequest, run: str, rule: str) -> HttpResponse:
    """The rows that broke one rule: file, line, column, the value as far as it may be shown."""
    found = get_object_or_404(Run, pk=run)
    page = page_of(selectors.violations_of(found, rule), request.GET)
    newer, older = page.addresses(request.GET)
    counted = [one for one in pictures.findings_of(found) if one.rule == rule]
    told = {
        "run": found,
        "columns": columns.of_violations(),
        "rule": rule,
        "meaning": words.rule_meaning(rule),
        "outcome": words.rule_outcome(rule),
        "rows": page.rows,
        "newer": newer,
        "older": older,
        "listed": selectors.violations_of(found, rule).count(),
        "counted": sum(one.rows for one in counted),
        "severities": words.SEVERITIES,
    }
    return render(request, "runs/violations.html", told)


@require_POST
@requires(Right.PROPOSE_POLICY)
def ask_acceptance(request: ActingRequest, run: str, file: str) -> HttpResponse:
    """Ask that a file's changed number of rows be accepted, with the reason; somebody else decides."""
    found = get_object_or_404(Run, pk=run)
    reason = request.POST.get("reason", "")
    return _done(
        request,
        run,
        lambda: accepting.ask(
            by=request.user, today=request.today, now=request.now, run=found, file=file, reason=reason
        ),
        _("Asked. A second person now decides."),
    )


@require_POST
@requires(Right.APPROVE_POLICY)
def accept(request: ActingRequest, run: str, asked: int) -> HttpResponse:
    """Accept what another person asked for; the night may then be started again."""
    found = get_object_or_404(VolumeAcceptance, pk=asked, run=run)
    return _done(
        request,
        run,
        lambda: accepting.accept(by=request.user, today=request.today, now=request.now, asked=found),
        _("Accepted. Start the run again: it lets this file pass."),
    )


@require_POST
@requires(Right.APPROVE_POLICY)
def refuse(request: ActingRequest, run: str, asked: int) -> HttpResponse:
    """Turn a request down, with the reason."""
    found = get_object_or_404(VolumeAcceptance, pk=asked, run=run)
    note = request.POST.get("reason", "")
    return _done(
        request,
        run,
        lambda: accepting.refuse(
            by=request.user, today=request.today, now=request.now, asked=found, note=note
        ),
        _("Turned down; the run stays stopped."),
    )


def _done(request: ActingRequest, run: str, deed: Callable[[], object], sentence: str) -> HttpResponse:
    """Do it and say so on the run's page; what was refused is said there too."""
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except PermissionDenied:
        messages.error(request, _("Who asked, or stands in for that person, does not decide."))
    else:
        messages.success(request, sentence)
    return redirect("runs:detail", run)
