"""Impact assessments: what is covered until when, the list, a new one, one with its decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.assessments import activities, selectors, services, words
from guanxi.crm.assessments.forms import AssessmentForm
from guanxi.crm.assessments.models import Assessment, State
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

LISTED = 200


@require_GET
@requires(Right.SEE_ASSESSMENTS)
def page(request: ActingRequest) -> HttpResponse:
    """What may begin today and until when, then all assessments, the latest first."""
    told = {
        "standings": selectors.standings(request.today),
        "rows": selectors.assessments()[:LISTED],
        "writes": request.reach.may(Right.WRITE_ASSESSMENTS),
        "names": activities.NAMES,
        "in_words": activities.in_words,
        "words": words,
    }
    return render(request, "assessments/list.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.WRITE_ASSESSMENTS)
def new(request: ActingRequest) -> HttpResponse:
    """Write one; the page that asked for it brings its activities along."""
    form = AssessmentForm(request.POST or None, initial={"activities": request.GET.getlist("activity")})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.hand_in(by=request.user, draft=form.draft(), today=request.today, now=request.now)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Handed in. It counts once another person has approved it."))
            return redirect("assessments:detail", made.uuid)
    return render(request, "assessments/form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Right.SEE_ASSESSMENTS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One assessment with its decision."""
    found = get_object_or_404(selectors.assessments(), uuid=uuid)
    waits, own = found.state == State.PROPOSED, found.written_by_id == request.user.pk
    told = {
        "one": found,
        "may_decide": waits and not own and request.reach.may(Right.APPROVE_ASSESSMENTS),
        "own": waits and own,
        "may_end": found.state == State.APPROVED,
        "in_words": activities.in_words,
        "words": words,
    }
    return render(request, "assessments/detail.html", told)


@require_POST
@requires(Right.APPROVE_ASSESSMENTS)
def decide(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Approve exactly what was read, or turn it down."""
    told: dict[str, Any] = {
        "by": request.user,
        "assessment": get_object_or_404(Assessment, uuid=uuid),
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
    return redirect("assessments:detail", uuid)


@require_POST
@requires(Right.SEE_ASSESSMENTS)
def end(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Let it count no more."""
    found = get_object_or_404(Assessment, uuid=uuid)
    try:
        services.end(
            by=request.user, assessment=found, note=request.POST.get("note", ""), today=request.today
        )
        messages.success(
            request, _("Ended: what it covered does not begin again without another assessment.")
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("assessments:detail", uuid)
