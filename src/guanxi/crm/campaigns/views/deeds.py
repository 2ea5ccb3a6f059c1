"""The wizard step by step, and the decisions: handed in, approved, turned down, paused, stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.campaigns import pictures, selectors, services, words
from guanxi.crm.campaigns.carrying import carrying
from guanxi.crm.campaigns.forms import FORMS, GoalForm, PlanForm
from guanxi.crm.campaigns.models import Campaign, State
from guanxi.crm.campaigns.outlook import Outlook, outlook_of
from guanxi.crm.campaigns.plan import SECTIONS, Plan, problems
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.messaging import pieces
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right


@require_http_methods(["GET", "POST"])
@requires(Right.MAKE_CAMPAIGNS)
def new(request: ActingRequest) -> HttpResponse:
    """Begin with the goal; a payroll group or a piece of the library may be brought along."""
    employer = request.GET.get("employer", "")
    begun = Plan(kind="employer" if employer else "standard", employer=employer)
    if piece := pieces.brought(request.GET.get("piece", ""), request.today):
        begun = carrying(piece, request.GET.get("version", ""))
    form = GoalForm(*_sent(request), initial=GoalForm.said(begun))
    if request.method == "POST" and form.is_valid():
        made = _tried(form, lambda: services.draw_up(
            by=request.user, plan=form.changed(begun), today=request.today, now=request.now
        ))  # fmt: skip
        if made is not None:
            return redirect("campaigns:section", made.uuid, "audience")
    told = {
        "form": form, "section": "goal", "steps": _steps(None, "goal", {}), "plan": begun, "campaign": None,
        "baseline": None, "pairs": [], "lacking": [],
    }  # fmt: skip
    return render(request, "campaigns/wizard.html", told, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.MAKE_CAMPAIGNS)
def section(request: ActingRequest, uuid: UUID, name: str) -> HttpResponse:
    """One step of the wizard; the side panel counts along."""
    campaign = _own(request, uuid)
    plan = Plan.read(campaign.plan)
    if name == "check":
        return _check(request, campaign, plan)
    if name not in FORMS:
        raise Http404
    form = _form(request, name, plan)
    if request.method == "POST" and form.is_valid():
        kept = _tried(form, lambda: services.change(
            by=request.user, campaign=campaign, plan=form.changed(plan), today=request.today, now=request.now
        ))  # fmt: skip
        if kept is not None:
            return redirect("campaigns:section", campaign.uuid, SECTIONS[SECTIONS.index(name) + 1])
    told = {
        **_common(request, campaign, plan, name),
        "form": form,
        "pairs": pictures.suggested_pairs(request.reach)
        if name == "audience" and plan.kind in ("pilot", "launch")
        else [],
    }
    return render(request, "campaigns/wizard.html", told, status=422 if form.errors else 200)


def _check(request: ActingRequest, campaign: Campaign, plan: Plan) -> HttpResponse:
    outlook = _outlook(request, campaign, plan)
    told = {
        **_common(request, campaign, plan, "check"),
        **_seen(outlook, plan),
        "samples": pictures.samples(plan, outlook.first, request.reach, request.today),
        "words": words,
    }
    return render(request, "campaigns/check.html", told)


@require_GET
@requires(Right.MAKE_CAMPAIGNS)
def outlook(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The side panel: how many, what shows, what it costs."""
    campaign = _own(request, uuid)
    plan = Plan.read(campaign.plan)
    return render(request, "campaigns/_outlook.html", _seen(_outlook(request, campaign, plan), plan))


@require_POST
@requires(Right.MAKE_CAMPAIGNS)
def submit(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Hand the draft in, with what is foreseen for it."""
    campaign = _own(request, uuid)
    seen = _outlook(request, campaign, Plan.read(campaign.plan)).payload()
    return _said(request, campaign, lambda: services.submit(
        by=request.user, campaign=campaign, outlook=seen, today=request.today, now=request.now
    ))  # fmt: skip


@require_POST
@requires(Right.MAKE_CAMPAIGNS)
def withdraw(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Take it back."""
    return _deed(request, uuid, services.withdraw)


@require_POST
@requires(Right.APPROVE_CAMPAIGNS)
def approve(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Approve exactly the content whose hash the page showed."""
    return _deed(request, uuid, services.approve, content_hash=request.POST.get("content_hash", ""))


@require_POST
@requires(Right.APPROVE_CAMPAIGNS)
def reject(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Turn it down with a reason."""
    told = {name: request.POST.get(name, "") for name in ("content_hash", "note")}
    return _deed(request, uuid, services.reject, **told)


@require_POST
@requires(Right.MAKE_CAMPAIGNS, Right.APPROVE_CAMPAIGNS)
def pause(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """No further step for now."""
    return _deed(request, uuid, services.pause)


@require_POST
@requires(Right.MAKE_CAMPAIGNS, Right.APPROVE_CAMPAIGNS)
def resume(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Go on."""
    return _deed(request, uuid, services.resume)


@require_POST
@requires(Right.MAKE_CAMPAIGNS, Right.APPROVE_CAMPAIGNS)
def stop(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """End it for good."""
    return _deed(request, uuid, services.stop, note=request.POST.get("note", ""))


def _own(request: ActingRequest, uuid: UUID) -> Campaign:
    campaign = selectors.campaign_or_404(request.reach, uuid)
    if campaign.owner_id != request.user.pk:
        raise PermissionDenied("only its owner draws a campaign up")
    return campaign


def _form(request: ActingRequest, name: str, plan: Plan) -> PlanForm:
    kind = FORMS[name]
    planned = plan.with_defaults(campaign_policy(request.today), effect_policy(request.today))
    said = kind.said(planned if name == "measure" else plan)  # type: ignore[attr-defined]  # each form has it
    form = kind(*_sent(request), initial=said, choices=pictures.options(request.reach, name, request.today))
    form.fit(plan.kind)
    return form


def _common(request: ActingRequest, campaign: Campaign, plan: Plan, name: str) -> dict[str, Any]:
    baseline = selectors.published_baseline(plan.metric)
    known = plan
    if baseline and campaign.state == State.DRAFT:  # as it would be handed in now
        known = replace(plan, baseline=baseline[0], baseline_day=baseline[1].isoformat())
    lacking = problems(known, campaign_policy(request.today), effect_policy(request.today), request.today)
    return {
        "campaign": campaign, "plan": known, "section": name, "steps": _steps(campaign, name, lacking),
        "lacking": [str(words.LACKING[code]) for codes in lacking.values() for code in codes],
        "baseline": baseline,
    }  # fmt: skip


def _steps(campaign: Campaign | None, name: str, lacking: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {
            "id": one, "label": words.SECTIONS[one], "current": one == name, "number": number,
            "done": campaign is not None and one not in lacking and one != "check", "open": campaign is not None,
        }
        for number, one in enumerate(SECTIONS, 1)
    ]  # fmt: skip


def _outlook(request: ActingRequest, campaign: Campaign, plan: Plan) -> Outlook:
    return outlook_of(plan, request.reach, campaign=campaign.pk, today=request.today, now=request.now)


def _seen(outlook: Outlook, plan: Plan) -> dict[str, Any]:
    told = outlook.payload()
    return {
        "outlook": told,
        "sentences": pictures.outlook_sentences(told, plan),
        "dropped": pictures.dropped(told),
        "clash": pictures.reasons(told["clash"], words.VERDICTS),
    }


def _sent(request: ActingRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


def _tried(form: Any, deed: Callable[[], Any]) -> Any:
    """What the deed gives, or None with what it refused said in the form."""
    try:
        return deed()
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _deed(request: ActingRequest, uuid: UUID, deed: Callable[..., Any], **more: Any) -> HttpResponse:
    campaign = selectors.campaign_or_404(request.reach, uuid)
    return _said(request, campaign, lambda: deed(
        by=request.user, campaign=campaign, today=request.today, now=request.now, **more
    ))  # fmt: skip


def _said(request: ActingRequest, campaign: Campaign, deed: Callable[[], Any]) -> HttpResponse:
    """Do it and go back to the campaign's page; what stands against it is said there."""
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("campaigns:detail", campaign.uuid)
