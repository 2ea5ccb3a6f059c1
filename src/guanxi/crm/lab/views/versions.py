"""What the lab says about versions: the simulation laid under a proposal, and what came of one that counts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.lab import effects, pictures, rules, selectors, services, words
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.models import State as VersionState
from guanxi.web.lists import address


@require_GET
@requires(Right.SEE_POLICIES)
def attached(request: ActingRequest, number: int) -> HttpResponse:
    """The panel on a version's page: the simulation it stands on, or how to get one."""
    version = get_object_or_404(PolicyVersion, pk=number)
    attachment = selectors.attachment_of(version)
    drafts = pictures.drafts_of(attachment.simulation) if attachment else []
    draft = drafts[attachment.draft] if attachment else None
    known = version.kind in rules.KINDS
    told = {
        "version": version,
        "known": known,
        "attachment": attachment,
        "draft": draft,
        "evidence": attachment.simulation.drafts[attachment.draft].get("evidence", []) if attachment else [],
        "verdict": pictures.verdict(attachment.simulation, draft) if attachment and draft else "",
        "rows": pictures.comparison(attachment.simulation, [draft]) if attachment and draft else [],
        "waiting": version.state in (VersionState.PROPOSED, VersionState.APPROVED),
        "counted": version.state in (VersionState.ACTIVE, VersionState.RETIRED),
        "finished": selectors.finished_with(version) if known and not attachment else None,
        "may_look": request.reach.may(Right.PROPOSE_POLICY) or request.reach.may(Right.APPROVE_POLICY),
        "may_propose": request.reach.may(Right.PROPOSE_POLICY),
    }
    return render(request, "lab/_attached.html", told)


@require_POST
@requires(Right.PROPOSE_POLICY)
def attach(request: ActingRequest, number: int) -> HttpResponse:
    """Lay the latest finished simulation of this very content under the version."""
    version = get_object_or_404(PolicyVersion, pk=number)
    simulation = selectors.finished_with(version)
    if simulation is None:
        messages.error(request, _("No finished simulation tried this version."))
    else:
        services.attach(
            by=request.user, today=request.today, now=request.now, version=version, simulation=simulation
        )
        messages.success(request, _("The simulation is attached."))
    return redirect("policies:detail", number)


@require_GET
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
def effect(request: ActingRequest, number: int) -> HttpResponse:
    """After a version counts: the same figures as simulated and as published, and the way back."""
    version = get_object_or_404(PolicyVersion.objects.select_related("proposed_by", "decided_by"), pk=number)
    attachment = selectors.attachment_of(version)
    effect = effects.effect_of(version, attachment, request.GET.get("scheme", ""))
    tabs = [(name, address(request.GET, scheme=code), code == effect.scheme) for code, name in effect.schemes]
    told = {
        "version": version,
        "attachment": attachment,
        "effect": effect,
        "scheme_tabs": tabs if len(tabs) > 1 else [],
        "counts": version.state == VersionState.ACTIVE,
        "may_propose": request.reach.may(Right.PROPOSE_POLICY),
        "words": words,
    }
    return render(request, "lab/effect.html", told)


@require_POST
@requires(Right.PROPOSE_POLICY)
def propose_return(request: ActingRequest, number: int) -> HttpResponse:
    """Propose again what counted before."""
    version = get_object_or_404(PolicyVersion, pk=number)
    try:
        made = services.propose_return(by=request.user, today=request.today, now=request.now, version=version)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("lab:effect", number)
    messages.success(request, _("Proposed. Somebody else now decides about it."))
    return redirect("policies:detail", made.pk)
