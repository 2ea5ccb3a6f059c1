"""The pages of policies: what counts, how it came to count, and the way of a new version."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies import drafts, pictures, selectors, services, words
from guanxi.crm.policies.forms import ActivateForm, ReasonForm
from guanxi.crm.policies.models import PolicyVersion
from guanxi.insight.policies import KINDS


@require_GET
@requires(Right.SEE_POLICIES)
def index(request: ActingRequest) -> HttpResponse:
    """Every kind with the version that counts today, and the versions that wait for somebody."""
    told = {
        "kinds": pictures.kinds_on(request.today),
        "waiting": [pictures.seen(version, request) for version in selectors.awaiting_decision()],
        "may_propose": request.reach.may(Right.PROPOSE_POLICY),
        "words": words,
    }
    return render(request, "policies/list.html", told)


@require_GET
@requires(Right.SEE_POLICIES)
def history(request: ActingRequest, kind: str) -> HttpResponse:
    """One kind: what counts today in plain words, and all its versions with the people and the days."""
    _known(kind)
    standing = selectors.version_in_force(kind, request.today)
    told = {
        "kind": kind,
        "standing": standing,
        "sentences": selectors.words_of(standing, words.language()) if standing else [],
        "filled": pictures.filled_in(standing),
        "versions": [pictures.seen(version, request) for version in selectors.versions_of(kind)],
        "columns": pictures.version_columns(),
        "may_propose": request.reach.may(Right.PROPOSE_POLICY),
        "words": words,
    }
    return render(request, "policies/history.html", told)


@require_GET
@requires(Right.SEE_POLICIES)
def detail(request: ActingRequest, number: int) -> HttpResponse:
    """One version: what it says, what it changes, who did what, and what may be done with it now."""
    version = get_object_or_404(PolicyVersion.objects.select_related("proposed_by", "decided_by"), pk=number)
    told = {
        "seen": pictures.seen(version, request),
        "version": version,
        "comparison": pictures.comparison(version, request.today),
        "filled": pictures.filled_in(version),
        "columns": pictures.change_columns(),
        "reason_form": ReasonForm(prefix="reason"),
        "day_form": ActivateForm(today=request.today),
        "words": words,
    }
    return render(request, "policies/detail.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.PROPOSE_POLICY)
def propose(request: ActingRequest, kind: str) -> HttpResponse:
    """The form of a new version, starting from what counts or (`from`) an older version; shown before it is sent."""
    _known(kind)
    standing = selectors.version_in_force(kind, request.today)
    if request.method == "GET":
        draft = drafts.draft_from(kind, pictures.starting_payload(kind, request.GET.get("from"), standing))
        return _form(request, draft, standing)
    draft = drafts.draft_sent(kind, request.POST)
    if draft.sound and request.POST.get("deed") == "propose":
        return _send(request, draft, standing)
    return _form(request, draft, standing, status=200 if draft.payload is None or draft.sound else 422)


def _send(request: ActingRequest, draft: drafts.Draft, standing: PolicyVersion | None) -> HttpResponse:
    assert draft.payload is not None
    try:
        version = services.propose(
            by=request.user,
            today=request.today,
            now=request.now,
            kind=draft.kind,
            payload=draft.payload,
            note=draft.note,
        )
    except ValidationError as error:
        draft.problems = list(error.messages)
        return _form(request, draft, standing, status=422)
    messages.success(request, _("Proposed. Somebody else now decides about it."))
    return redirect("policies:detail", version.pk)


def _form(
    request: ActingRequest, draft: drafts.Draft, standing: PolicyVersion | None, *, status: int = 200
) -> HttpResponse:
    told = {
        "draft": draft,
        "kind": draft.kind,
        "standing": standing,
        "changes": drafts.changes_of(draft, standing),
        "columns": pictures.change_columns(),
        "words": words,
    }
    return render(request, "policies/propose.html", told, status=status)


@require_POST
@requires(Right.APPROVE_POLICY)
def approve(request: ActingRequest, number: int) -> HttpResponse:
    """Approve exactly what was on the page: its hash came along."""
    version = get_object_or_404(PolicyVersion, pk=number)
    return _done(
        request,
        version,
        lambda: services.approve(
            by=request.user, today=request.today, now=request.now, version=version,
            content_hash=request.POST.get("content_hash", ""),
        ),
        _("Approved. Choose the day from which it counts."),
    )  # fmt: skip


@require_POST
@requires(Right.APPROVE_POLICY)
def reject(request: ActingRequest, number: int) -> HttpResponse:
    """Turn a version down, with the reason."""
    version = get_object_or_404(PolicyVersion, pk=number)
    note = request.POST.get("reason-note", "")
    return _done(
        request,
        version,
        lambda: services.reject(
            by=request.user, today=request.today, now=request.now, version=version, note=note
        ),
        _("Turned down. Its author can read your reason."),
    )


@require_POST
@requires(Right.APPROVE_POLICY)
def activate(request: ActingRequest, number: int) -> HttpResponse:
    """Let an approved version count from a day."""
    version = get_object_or_404(PolicyVersion, pk=number)
    form = ActivateForm(request.POST, today=request.today)
    if not form.is_valid():
        messages.error(request, _("Choose a day, today or later."))
        return redirect("policies:detail", version.pk)
    day = form.cleaned_data["valid_from"]
    return _done(
        request,
        version,
        lambda: services.activate(by=request.user, today=request.today, version=version, valid_from=day),
        _("It counts from %(day)s.") % {"day": day.isoformat()},
    )


@require_POST
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
def withdraw(request: ActingRequest, number: int) -> HttpResponse:
    """Take back a version that does not count yet, with the reason."""
    version = get_object_or_404(PolicyVersion, pk=number)
    note = request.POST.get("reason-note", "")
    return _done(
        request,
        version,
        lambda: services.withdraw(
            by=request.user, today=request.today, now=request.now, version=version, note=note
        ),
        _("Taken back; it will not count."),
    )


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise Http404(kind)


def _done(
    request: ActingRequest, version: PolicyVersion, deed: Callable[[], PolicyVersion], sentence: str
) -> HttpResponse:
    """Do it and say so on the version's page; what was refused is said there too."""
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except PermissionDenied:
        messages.error(
            request, _("Who proposed a version, or stands in for that person, does not decide about it.")
        )
    else:
        messages.success(request, sentence)
    return redirect("policies:detail", version.pk)
