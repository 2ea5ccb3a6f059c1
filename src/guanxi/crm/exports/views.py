"""Requests for files: asked for on the page that refused one, decided on the list, taken from it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit.words import file_name
from guanxi.crm.exports import asking, selectors, services
from guanxi.crm.exports.models import ExportRequest, State
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.insight.data_map.purposes import PURPOSE_NAMES, Purpose
from guanxi.web import formats

LISTED = 100
KINDS = {State.ASKED: "amber", State.APPROVED: "green", State.REFUSED: "red", State.TAKEN: "grey"}


@require_GET
@requires(Right.EXPORT_CUSTOMERS, Right.APPROVE_EXPORTS)
def page(request: ActingRequest) -> HttpResponse:
    """What waits for this person, then one's own and those of one's units, the latest first."""
    waiting = list(selectors.waiting_for(request.reach, request.today)[:LISTED])
    asked = {one.pk for one in waiting}
    rows = [one for one in selectors.visible_to(request.reach)[: LISTED * 2] if one.pk not in asked]
    told = {
        "waiting": [_line(request, one) for one in waiting],
        "rows": [_line(request, one) for one in rows],
        "approves": request.reach.may(Right.APPROVE_EXPORTS),
        "limit": selectors.approval_limit(request.reach, request.today),
    }
    return render(request, "exports/list.html", told)


def _line(request: ActingRequest, one: ExportRequest) -> dict[str, object]:
    over = one.state == State.APPROVED and one.expires_at is not None and one.expires_at <= request.now
    own = one.asked_by_id == request.user.pk
    zh, en = PURPOSE_NAMES[Purpose(one.purpose)]
    takes = own and one.state == State.APPROVED and not over
    return {
        "one": one,
        "what": file_name(one.what),
        "purpose": zh if formats.is_chinese(request.LANGUAGE_CODE) else en,
        "state": _("Run out") if over else one.get_state_display(),
        "colour": "grey" if over else KINDS[State(one.state)],
        "take": f"{one.address}{'&' if not one.address.endswith('?') else ''}{asking.APPROVAL}={one.uuid}"
        if takes
        else "",
    }


@require_POST
@requires(Right.EXPORT_CUSTOMERS)
def ask(request: ActingRequest) -> HttpResponse:
    """Ask for what was refused."""
    asked = asking.opened(request.POST.get("asked", ""), request.user.pk)
    if asked is None:
        messages.error(request, _("This page was open too long. Ask for the file again."))
        return redirect("exports:list")
    told: dict[str, Any] = {
        "by": request.user,
        "reach": request.reach,
        "today": request.today,
        "now": request.now,
    }
    return _done(
        request,
        lambda: services.ask(asked=asked, reason=request.POST.get("reason", ""), **told),
        _("Handed in. The file can be taken once somebody else has approved it."),
    )


@require_POST
@requires(Right.APPROVE_EXPORTS)
def decide(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Approve exactly what was read, or turn it down."""
    found = get_object_or_404(selectors.visible_to(request.reach), uuid=uuid)
    told: dict[str, Any] = {
        "by": request.user,
        "reach": request.reach,
        "request": found,
        "today": request.today,
        "now": request.now,
    }
    if request.POST.get("word") == "approve":
        return _done(
            request, lambda: services.approve(read=request.POST.get("hash", ""), **told), _("Approved.")
        )
    return _done(
        request, lambda: services.turn_down(note=request.POST.get("note", ""), **told), _("Turned down.")
    )


def _done(request: ActingRequest, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("exports:list")
