"""Drafts, and starting a simulation."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.lab import rules, selectors, services, words
from guanxi.crm.lab.forms import StartForm
from guanxi.crm.lab.models import Draft
from guanxi.crm.lab.services import Tried
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies import drafts, pictures
from guanxi.crm.policies import words as policy_words
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.selectors import version_in_force
from guanxi.insight.policies import load_policy
from guanxi.web import paging


@require_GET
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
def index(request: ActingRequest) -> HttpResponse:
    """Drafts of each kind, and the simulations, the latest first."""
    page = paging.page_of(selectors.simulations(), request.GET, 20)
    newer, older = page.addresses(request.GET)
    told = {
        "kinds": [
            (kind, words.kind_name(kind), policy_words.kind_about(kind), list(selectors.drafts_of(kind)[:6]))
            for kind in rules.KINDS
        ],
        "simulations": page.rows,
        "newer": newer,
        "older": older,
        "may_propose": request.reach.may(Right.PROPOSE_POLICY),
        "words": words,
    }
    return render(request, "lab/index.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.PROPOSE_POLICY)
def new_draft(request: ActingRequest, kind: str) -> HttpResponse:
    """The form of a draft, starting from what counts, or (`from`) from another draft."""
    _known(kind)
    standing = version_in_force(kind, request.today)
    if standing is None:
        raise Http404(kind)
    if request.method == "GET":
        return _draft_form(request, drafts.draft_from(kind, _start(request, kind, standing)), standing)
    sent = drafts.draft_sent(kind, request.POST)
    if sent.sound and request.POST.get("deed") == "save":
        return _save(request, sent, standing)
    return _draft_form(request, sent, standing, 200 if sent.payload is None or sent.sound else 422)


def _start(request: ActingRequest, kind: str, standing: PolicyVersion) -> dict[str, object]:
    wanted = paging.key_in(request.GET, "from")
    draft = selectors.drafts_of(kind).filter(pk=wanted).first() if wanted is not None else None
    return load_policy(kind, (draft or standing).payload).to_payload()


def _evidence(request: ActingRequest, kind: str) -> list[dict[str, str]]:
    """What the draft this one comes from (`from`) carries: it goes on with the changed content."""
    sent = request.POST if request.method == "POST" else request.GET
    wanted = paging.key_in(sent, "from")
    draft = selectors.drafts_of(kind).filter(pk=wanted).first() if wanted is not None else None
    return list(draft.evidence) if draft else []


def _save(request: ActingRequest, sent: drafts.Draft, standing: PolicyVersion) -> HttpResponse:
    try:
        draft = services.save_draft(
            by=request.user,
            today=request.today,
            now=request.now,
            kind=sent.kind,
            name=request.POST.get("name", ""),
            payload=sent.payload or {},
            evidence=_evidence(request, sent.kind),
        )
    except ValidationError as error:
        sent.problems = list(error.messages)
        return _draft_form(request, sent, standing, 422)
    messages.success(request, _("Kept. Now see what it would change."))
    return redirect(f"{reverse('lab:start', args=(draft.kind,))}?chosen=d{draft.pk}")


def _draft_form(
    request: ActingRequest, sent: drafts.Draft, standing: PolicyVersion, status: int = 200
) -> HttpResponse:
    told = {
        "draft": sent,
        "kind": sent.kind,
        "name": request.POST.get("name", ""),
        "changes": drafts.changes_of(sent, standing),
        "columns": pictures.change_columns(),
        "words": words,
        "evidence": _evidence(request, sent.kind),
        "came_from": paging.key_in(request.POST if request.method == "POST" else request.GET, "from"),
    }
    return render(request, "lab/draft.html", told, status=status)


@require_POST
@requires(Right.PROPOSE_POLICY)
def drop_draft(request: ActingRequest, number: int) -> HttpResponse:
    """Take a draft off the list."""
    draft = get_object_or_404(Draft, pk=number)
    services.drop_draft(by=request.user, today=request.today, draft=draft)
    messages.success(request, _("The draft is off the list."))
    return redirect("lab:index")


@require_http_methods(["GET", "POST"])
@requires(Right.PROPOSE_POLICY)
def start(request: ActingRequest, kind: str) -> HttpResponse:
    """Choose drafts, month and span; `version` offers an older version too."""
    _known(kind)
    tried, months = _tried(request, kind), selectors.closed_months()
    data = request.POST if request.method == "POST" else None
    form = StartForm(data, tried=tried, months=months, chosen=request.GET.get("chosen", ""))
    if request.method == "POST" and form.is_valid():
        try:
            return _request(request, kind, form)
        except ValidationError as error:
            form.add_error(None, error)
    told = {"form": form, "kind": kind, "tried": tried, "months": months, "words": words}
    return render(request, "lab/start.html", told, status=422 if form.errors else 200)


def _request(request: ActingRequest, kind: str, form: StartForm) -> HttpResponse:
    month: date = form.asked_month()
    simulation = services.request_simulation(
        by=request.user,
        today=request.today,
        now=request.now,
        kind=kind,
        tried=form.tried(),
        month=month,
        months=form.cleaned_data["months"],
    )
    return redirect("lab:simulation", simulation.pk)


def _tried(request: ActingRequest, kind: str) -> list[Tried]:
    """What can be tried: drafts, proposals, and the version that the address names."""
    proposed = list(selectors.proposals_of(kind))
    wanted = paging.key_in(request.GET, "version")
    if wanted is not None and wanted not in [version.pk for version in proposed]:
        proposed += PolicyVersion.objects.filter(kind=kind, pk=wanted)
    versions = [Tried.of_version(version) for version in proposed]
    return [*versions, *(Tried.of_draft(draft) for draft in selectors.drafts_of(kind)[:20])]


def _known(kind: str) -> None:
    if kind not in rules.KINDS:
        raise Http404(kind)
