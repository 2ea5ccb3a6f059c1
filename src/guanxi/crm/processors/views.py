"""The register of processors: the list with what ends, a new entry, one with its decision and its supervision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.processors import selectors, services, words
from guanxi.crm.processors.forms import ProcessorForm, SupervisionForm
from guanxi.crm.processors.models import Processor, State

LISTED = 200


@require_GET
@requires(Right.SEE_PROCESSORS)
def page(request: ActingRequest) -> HttpResponse:
    """All entries, the latest first, and those that end soon."""
    told = {
        "lines": selectors.lines(selectors.register()[:LISTED], request.today),
        "ending": selectors.ending(request.today),
        "keeps": request.reach.may(Right.KEEP_PROCESSORS),
        "words": words,
    }
    return render(request, "processors/list.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.KEEP_PROCESSORS)
def new(request: ActingRequest) -> HttpResponse:
    """Enter one; a channel's page brings its code along."""
    begun = {"connectors": request.GET.get("connector", "")[:32], "contract_from": request.today}
    form = ProcessorForm(request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.enter(by=request.user, draft=form.draft(), today=request.today, now=request.now)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Entered. It counts once another person has approved it."))
            return redirect("processors:detail", made.uuid)
    return render(request, "processors/form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Right.SEE_PROCESSORS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One entry: contract, data, decision, supervision."""
    (line,) = selectors.lines([get_object_or_404(selectors.register(), uuid=uuid)], request.today)
    found, keeps = line.entry, request.reach.may(Right.KEEP_PROCESSORS)
    waits = found.state == State.PROPOSED
    own = found.written_by_id == request.user.pk
    told = {
        "line": line,
        "processor": found,
        "may_decide": waits and not own and request.reach.may(Right.APPROVE_PROCESSORS),
        "own": waits and own,
        "may_end": keeps and found.state in (State.APPROVED, State.TO_CONFIRM),
        "may_enter": keeps and found.state == State.TO_CONFIRM,
        "may_supervise": found.state == State.APPROVED and (keeps or found.supervisor_id == request.user.pk),
        "supervision_form": SupervisionForm(today=request.today),
        "supervisions": found.supervisions.select_related("by"),
        "words": words,
    }
    return render(request, "processors/detail.html", told)


@require_POST
@requires(Right.APPROVE_PROCESSORS)
def decide(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Approve exactly what was read, or turn it down."""
    told: dict[str, Any] = {
        "by": request.user,
        "processor": _entry(uuid),
        "today": request.today,
        "now": request.now,
    }
    try:
        if request.POST.get("word") == "approve":
            services.approve(read=request.POST.get("hash", ""), **told)
            messages.success(request, _("Approved."))
        else:
            services.reject(note=request.POST.get("note", ""), **told)
            messages.success(request, _("Turned down."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("processors:detail", uuid)


@require_POST
@requires(Right.KEEP_PROCESSORS)
def end(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Let it count no more."""
    try:
        services.end(
            by=request.user, processor=_entry(uuid), note=request.POST.get("note", ""), today=request.today
        )
        messages.success(request, _("Ended: nothing leaves by this contract any more."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("processors:detail", uuid)


@require_POST
@requires(Right.SEE_PROCESSORS)
def supervise(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Keep what a look found."""
    entry, form = _entry(uuid), SupervisionForm(request.POST, today=request.today)
    if not form.is_valid():
        messages.error(request, _("Give a day and what was found."))
        return redirect("processors:detail", uuid)
    try:
        services.supervise(
            by=request.user, processor=entry, today=request.today, now=request.now, **form.cleaned_data
        )
        messages.success(request, _("Kept."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("processors:detail", uuid)


def _entry(uuid: UUID) -> Processor:
    return get_object_or_404(Processor, uuid=uuid)
