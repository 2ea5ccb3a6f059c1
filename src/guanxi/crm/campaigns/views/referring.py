"""Member gets member: a manager's page for one treated customer, and the door the customer's own link opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from guanxi.crm.audit import context
from guanxi.crm.campaigns import referring, selectors, words
from guanxi.crm.campaigns.forms import NewcomerForm
from guanxi.crm.campaigns.models import State
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.leads.acting import Acting
from guanxi.crm.organisation.access import open_door, requires
from guanxi.crm.organisation.knocks import may_knock
from guanxi.crm.organisation.middleware import ActingRequest, DatedRequest
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Right
from guanxi.web.codes import qr_svg
from guanxi.web.formats import is_chinese

KNOCKS_A_MINUTE = 20
View = Callable[..., HttpResponse]


@sensitive_post_parameters("contact", "name")
@require_http_methods(["GET", "POST"])
@requires(Right.SEE_CAMPAIGNS)
def refer(request: ActingRequest, uuid: UUID, number: int) -> HttpResponse:
    """A treated customer's own link and code, whom they have brought, and a form to hand a newcomer in for them."""
    campaign = selectors.campaign_or_404(request.reach, uuid)
    recipient = referring.referrer_within(request.reach, campaign, number)
    if recipient is None:
        raise Http404
    form = NewcomerForm(request.POST or None)
    if form.is_valid():
        acting = Acting(request.user, request.reach, request.today, request.now)
        try:
            made = referring.hand_in(acting, recipient, referring.Newcomer(**form.cleaned_data))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            _answer(request, counted=made is not None)
            return redirect("campaigns:refer", campaign.uuid, recipient.pk)
    running = campaign.state == State.RUNNING and request.reach.may(Right.HAND_IN_LEADS)
    link = request.build_absolute_uri(reverse("campaigns:open", args=[referring.link_of(recipient)]))
    told = {
        "campaign": campaign, "recipient": recipient, "form": form, "running": running,
        "hidden": request.reach.hides_names,
        "link": link if running else "", "code": qr_svg(link, label=_("The customer's own code")) if running else "",
        "brought": [(row, words.referral_state(row)) for row in referring.brought_by(recipient)],
        "reward": referring.reward_of(campaign), "consent": _consent(request),
    }  # fmt: skip
    return render(request, "campaigns/refer.html", told, status=422 if form.errors else 200)


def _answer(request: ActingRequest, *, counted: bool) -> None:
    if counted:
        messages.success(request, _("Handed in: the newcomer is a lead now, and this customer its referrer."))
    else:
        messages.warning(
            request, _("This number is a customer's or was handed in before: it does not count here.")
        )


def _door(view: View) -> View:
    """An open door that counts who knocks; beyond the limit it says so and nothing else."""

    @wraps(view)
    def guarded(request: DatedRequest, token: str) -> HttpResponse:
        if not may_knock("campaigns", context.current().ip, limit=KNOCKS_A_MINUTE, now=request.now):
            answer = _closed(request, _("Too many openings at once. Try again in a minute."), status=429)
            answer["Retry-After"] = "60"
            return answer
        return view(request, token)

    return open_door(guarded)


@sensitive_post_parameters("contact", "name")
@require_http_methods(["GET", "POST"])
@_door
def follow(request: DatedRequest, token: str) -> HttpResponse:
    """Somebody whom a customer sent here: a name, a number, consent. Whether it counts is not said here."""
    recipient = referring.referrer_by(token, request.today)
    if recipient is None:
        return _closed(request, _("This link does not count, or its day has passed."))
    form = NewcomerForm(request.POST or None)
    if form.is_valid():
        try:
            newcomer = referring.Newcomer(**form.cleaned_data)
            referring.follow(recipient, newcomer, today=request.today, now=request.now)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Thank you. Somebody of the bank will call you."))
            return redirect("campaigns:open", token)
    told = {
        "form": form, "token": token, "bank": _bank(), "by": referring.named(recipient.party),
        "campaign": recipient.campaign, "offer": recipient.campaign.plan.get("offer", ""), "consent": _consent(request),
    }  # fmt: skip
    return render(request, "campaigns/open.html", told, status=422 if form.errors else 200)


def _consent(request: DatedRequest) -> str:
    language = "zh" if is_chinese(get_language() or "zh") else "en"
    return campaign_policy(request.today).referral_consent(language)


def _closed(request: DatedRequest, why: str, *, status: int = 404) -> HttpResponse:
    told: dict[str, Any] = {"words": why, "bank": _bank()}
    return render(request, "campaigns/closed.html", told, status=status)


def _bank() -> str:
    name = Unit.objects.filter(parent=None).order_by("unit_no").values_list("name", flat=True).first()
    return name or ""
