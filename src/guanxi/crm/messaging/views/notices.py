"""Service notices (服务通知): the list, a new one, one with its audience, text and what became of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.messaging import audiences, filling, notices, pieces, selectors, words
from guanxi.crm.messaging.audiences import Whom
from guanxi.crm.messaging.forms import NoticeForm
from guanxi.crm.messaging.models import Notice, NoticeState, Origin, State
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.tiers import tier_names

LISTED, PREVIEWED = 100, 3
KINDS = {"proposed": "amber", "approved": "green", "rejected": "red", "stopped": "grey"}


@require_GET
@requires(Right.SEE_MESSAGES)
def page(request: ActingRequest) -> HttpResponse:
    """The notices, the latest first."""
    rows = Notice.objects.select_related("version__template", "written_by", "decided_by")[:LISTED]
    told = {"rows": [(row, KINDS[row.state]) for row in rows], "may_write": _writes(request)}
    return render(request, "messaging/notices.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.WRITE_MESSAGES)
def new(request: ActingRequest) -> HttpResponse:
    """Write a notice and hand it in; a piece of the library may be brought along, with its audience."""
    piece = pieces.brought(request.GET.get("piece", ""), request.today)
    begun = NoticeForm.told(Whom.of(piece)) | {"title": piece.title} if piece else {}
    begun |= {"version": request.GET.get("version", "")}
    form = NoticeForm(request.POST or None, initial=begun, today=request.today, reach=request.reach)
    if request.method == "POST" and form.is_valid():
        try:
            told = form.draft()
            made = notices.make(by=request.user, today=request.today, now=request.now, piece=piece, **told)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Handed in for approval."))
            return redirect("messaging:notice", made.uuid)
    return render(request, "messaging/notice_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Right.SEE_MESSAGES)
def notice(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One notice: before it is approved whom it would reach, afterwards what became of it."""
    found = _notice(uuid)
    waits = found.state == NoticeState.PROPOSED
    sees = request.reach.may(Right.SEE_CUSTOMERS)
    counts = selectors.progress(Origin.SERVICE, found.ref).counts
    told = {
        "notice": found, "kind": KINDS[found.state], "waits": waits, "sees": sees,
        "whom": audiences.said(Whom.of(found), request.today),
        "may_decide": waits and sees and request.reach.may(Right.APPROVE_MESSAGES),
        "may_stop": found.state == NoticeState.APPROVED and request.reach.may(Right.APPROVE_MESSAGES),
        "own": found.written_by_id == request.user.pk,
        "log": [(state.label, words.STATE_KINDS[state], counts[state]) for state in State if counts.get(state)],
    }  # fmt: skip
    if waits and sees:
        told |= _outlook(request, found)
    return render(request, "messaging/notice.html", told)


@require_POST
@requires(Right.APPROVE_MESSAGES)
def decide(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Approve exactly what was read, or turn it down."""
    told: dict[str, Any] = {
        "by": request.user,
        "notice": _notice(uuid),
        "today": request.today,
        "now": request.now,
    }
    try:
        if request.POST.get("word") == "approve":
            done = notices.approve(read=request.POST.get("hash", ""), **told)
            messages.success(request, _("Approved: %(count)s messages are queued.") % {"count": done.queued})
        else:
            notices.reject(note=request.POST.get("note", ""), **told)
            messages.success(request, _("Turned down."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("messaging:notice", uuid)


@require_POST
@requires(Right.APPROVE_MESSAGES)
def stop(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Stop what has not gone out yet."""
    try:
        count = notices.stop(by=request.user, notice=_notice(uuid), today=request.today, now=request.now)
        messages.success(request, _("Stopped: %(count)s messages will not go out.") % {"count": count})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("messaging:notice", uuid)


def _outlook(request: ActingRequest, found: Notice) -> dict[str, object]:
    """Who would be reached at the planned time, and the text as three of them would read it."""
    whom, author, today = Whom.of(found), found.written_by, request.today
    try:
        seen = audiences.counted(
            request.reach, found.version, whom, author, at=max(found.planned_at, request.now), today=today
        )
    except ValidationError as error:
        return {"seen": None, "lost": " ".join(error.messages)}
    rows = audiences.meant(request.reach, whom, author, today).order_by("pk")
    some = list(rows.values_list("pk", flat=True)[:PREVIEWED])
    names = tier_names(request.today)
    read = [
        filling.fill(
            found.version, one, {}, tiers=names, until=request.today, masked=request.reach.hides_names, shown=True
        ).text
        for one in filling.recipients(some).values()
    ]  # fmt: skip
    refused = [(words.why_not(code), count) for code, count in seen.refused]
    return {"seen": seen, "refused": refused, "previews": read}


def _notice(uuid: UUID) -> Notice:
    return get_object_or_404(
        Notice.objects.select_related("version__template", "written_by", "decided_by"), uuid=uuid
    )


def _writes(request: ActingRequest) -> bool:
    return request.reach.may(Right.WRITE_MESSAGES)
