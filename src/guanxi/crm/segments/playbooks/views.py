"""The list of playbooks, one playbook, and binding a segment to one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.segments.models import Segment
from guanxi.crm.segments.playbooks import pictures
from guanxi.crm.segments.playbooks.forms import BindForm
from guanxi.crm.segments.playbooks.selectors import playbooks
from guanxi.crm.segments.playbooks.services import bind_segment, bound_to
from guanxi.crm.segments.selectors import latest_of, segment_or_404
from guanxi.web.htmx import go_to, is_htmx


@require_GET
@requires(Right.SEE_CUSTOMERS)
def index(request: ActingRequest) -> HttpResponse:
    """Every playbook in plain words, with who is on it and how its steps go."""
    told = pictures.index(request.reach, request.today)
    told["may_propose"] = request.reach.may(Right.PROPOSE_POLICY)
    return render(request, "segments/playbooks.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def detail(request: ActingRequest, code: str) -> HttpResponse:
    """One playbook: its steps as a time line, whom it reaches, its figures."""
    told = pictures.one(request.reach, code, request.today)
    told |= {
        "may_propose": request.reach.may(Right.PROPOSE_POLICY),
        "may_segment": request.reach.may(Right.USE_SEGMENTS),
    }
    return render(request, "segments/playbook.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.PROPOSE_POLICY)
def bind(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Ask for name, steps and expectation; propose the playbook for the segment as it is today."""
    if not request.reach.may(Right.USE_SEGMENTS):
        raise PermissionDenied
    segment, policy = segment_or_404(request.reach, uuid), playbooks(request.today)
    if policy is None:
        raise Http404
    bound = bound_to(policy, segment)
    form = BindForm(request.POST or None, policy=policy, name=segment.name, bound=bound)
    if request.method == "POST" and form.is_valid():
        try:
            return _proposed(request, segment, form)
        except ValidationError as error:
            form.add_error(None, error)
    told = {"segment": segment, "form": form, "bound": bound}
    return render(request, "segments/_bind.html", told, status=422 if form.errors else 200)


def _proposed(request: ActingRequest, segment: Segment, form: BindForm) -> HttpResponse:
    said = form.cleaned_data
    version = bind_segment(
        by=request.user, segment=segment, version=latest_of([segment])[segment.pk], like=said.get("like", ""),
        name=said["name"], expect=said["expect"], note=said["note"], today=request.today, now=request.now,
    )  # fmt: skip
    messages.success(request, _("Proposed. Somebody else now decides about it."))
    address = reverse("policies:detail", args=[version.pk])
    return go_to(address) if is_htmx(request) else redirect(address)
