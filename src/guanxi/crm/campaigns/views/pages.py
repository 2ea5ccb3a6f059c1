"""The list, a campaign with its funnel, payroll groups, and what waits for a second person."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.campaigns import pictures, referring, selectors, words
from guanxi.crm.campaigns.forms import NoteForm
from guanxi.crm.campaigns.groups import payroll_groups
from guanxi.crm.campaigns.models import LAUNCHED, Campaign, State
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.messaging import selectors as messaging
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Reach, Right

MOST = 100
STANDS = {
    "all": None,
    "going": (State.RUNNING, State.PAUSED),
    "before": (State.DRAFT, State.SUBMITTED, State.APPROVED),
    "over": (State.STOPPED, State.ENDED),
}


@require_GET
@requires(Right.SEE_CAMPAIGNS, Right.MAKE_CAMPAIGNS)
def listed(request: ActingRequest) -> HttpResponse:
    """Campaigns one may know of, with where they stand and how far they are."""
    asked = request.GET.get("state", "all")
    asked = asked if asked in STANDS else "all"
    rows = list(selectors.campaigns(request.reach).only(*selectors.SHOWN, "owner__name", "unit__name")[:MOST])
    counts = Counter(
        name for name, states in STANDS.items() for row in rows if states is None or row.state in states
    )
    shown = [row for row in rows if STANDS[asked] is None or row.state in (STANDS[asked] or ())]
    treated = selectors.treated_of(request.reach, [row.pk for row in shown if row.state in LAUNCHED])
    names = {"all": _("All"), "going": _("Under way"), "before": _("In preparation"), "over": _("Over")}
    told = {
        "rows": [
            (row, words.STATES[row.state], words.KINDS.get(row.kind), treated.get(row.pk)) for row in shown
        ],
        "tabs": [(names[name], f"?state={name}", name == asked, counts[name]) for name in STANDS],
        "metrics": words.METRICS,
        "waiting": selectors.waiting(request.reach),
        "may_make": request.reach.may(Right.MAKE_CAMPAIGNS),
    }
    return render(request, "campaigns/list.html", told)


@require_GET
@requires(Right.SEE_CAMPAIGNS, Right.MAKE_CAMPAIGNS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One campaign: what it is about, how far it is, who is treated within reach."""
    campaign = selectors.campaign_or_404(request.reach, uuid)
    plan = Plan.read(campaign.plan)
    told = {
        "campaign": campaign,
        "plan": plan,
        "kind": words.STATES[campaign.state],
        "full": request.reach.may(Right.MAKE_CAMPAIGNS),
        "words": words,
        "launched": campaign.state in LAUNCHED,
        "deeds": _deeds(request.reach, campaign),
        "note_form": NoteForm(auto_id="stop_%s"),
        "lacking": [],
        **_within(request.reach, campaign, plan),
    }
    return render(request, "campaigns/detail.html", told)


def _within(reach: Reach, campaign: Campaign, plan: Plan) -> dict[str, Any]:
    """What a reader sees of a begun campaign: the funnel, own recipients, keepers for a head."""
    if campaign.state not in LAUNCHED:
        return {
            "recipients": [],
            "texts": [],
            "keepers": [],
            "events": list(selectors.events_of(campaign)[:12]),
        }
    wide = reach.may(Right.ASSIGN_WORK) or reach.may(Right.MAKE_CAMPAIGNS)
    return {
        **_progress(reach, campaign),
        "recipients": list(selectors.recipients(reach, campaign)[:30]),
        "texts": selectors.texts_of(reach, campaign) if wide and plan.sends else [],
        "keepers": selectors.by_keeper(reach, campaign) if wide and plan.visits else [],
        "events": list(selectors.events_of(campaign)[:12]) if reach.may(Right.MAKE_CAMPAIGNS) else [],
        "hidden": reach.hides_names,
        "may_refer": campaign.kind == "referral" and reach.may(Right.HAND_IN_LEADS),
    }


def _progress(reach: Reach, campaign: Campaign) -> dict[str, Any]:
    whole = selectors.may_decide(reach, campaign) and reach.may(Right.MAKE_CAMPAIGNS)
    sent = messaging.progress("campaign", str(campaign.uuid))
    funnel = selectors.funnel_of(reach, campaign)
    answered = selectors.answered_of(reach, campaign) if sent.total else (0, 0)
    return {
        "bars": pictures.funnel(
            campaign, funnel, sent.counts if sent.total else {}, whole=whole, answered=answered
        ),
        "sent": sent if sent.total else None,
        "credited": pictures.credited(campaign, funnel) if whole else [],
        "referred": pictures.brought(referring.brought_in(reach, campaign))
        if campaign.kind == "referral"
        else [],
        "sending": pictures.sending(sent.counts),
        "tasks": selectors.task_counts(reach, campaign),
        "dropped": pictures.dropped(campaign.counts) if whole else [],
        "arms": selectors.arms_of(campaign) if reach.whole_bank and whole else {},
        "alive": campaign.state == State.RUNNING,
    }


@require_GET
@requires(Right.SEE_CAMPAIGNS, Right.MAKE_CAMPAIGNS)
def progress(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The funnel by itself, asked for again and again while the campaign runs."""
    campaign = selectors.campaign_or_404(request.reach, uuid)
    if campaign.state not in LAUNCHED:
        raise PermissionDenied("not begun yet")
    told = {"campaign": campaign, **_progress(request.reach, campaign)}
    return render(request, "campaigns/_progress.html", told)


@require_GET
@requires(Right.MAKE_CAMPAIGNS)
def groups(request: ActingRequest) -> HttpResponse:
    """Payroll groups within reach, the least served first, each a step from a campaign of its own."""
    found = payroll_groups(pictures.GROUP_FAMILIES, campaign_policy(request.today))
    told = {"groups": found, "hidden": request.reach.hides_names, "policy": campaign_policy(request.today)}
    return render(request, "campaigns/groups.html", told)


@require_GET
@requires(Right.APPROVE_CAMPAIGNS)
def approval(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What a second person looks at before deciding: the frozen content, what was foreseen, the hash."""
    campaign = selectors.campaign_or_404(request.reach, uuid)
    version = campaign.versions.order_by("-number").select_related("submitted_by").first()
    if version is None:
        raise PermissionDenied("never handed in")
    plan = Plan.read(version.plan)
    told = {
        "campaign": campaign,
        "version": version,
        "plan": plan,
        "words": words,
        "outlook": version.outlook,
        "sentences": pictures.outlook_sentences(version.outlook, plan),
        "wordings": pictures.wordings(plan),
        "dropped": pictures.dropped(version.outlook),
        "clash": pictures.reasons(version.outlook.get("clash", {}), words.VERDICTS),
        "may": version.state == "submitted"
        and version.submitted_by_id != request.user.pk
        and selectors.may_decide(request.reach, campaign),
        "note_form": NoteForm(),
    }
    return render(request, "campaigns/approval.html", told)


def _deeds(reach: Reach, campaign: Campaign) -> dict[str, bool]:
    """What this person may do to the campaign now."""
    own = campaign.owner_id == reach.staff_id and reach.may(Right.MAKE_CAMPAIGNS)
    runs = own or (reach.may(Right.APPROVE_CAMPAIGNS) and selectors.may_decide(reach, campaign))
    return {
        "edit": own and campaign.state in (State.DRAFT, State.SUBMITTED, State.APPROVED),
        "withdraw": own and campaign.state in (State.SUBMITTED, State.APPROVED),
        "decide": reach.may(Right.APPROVE_CAMPAIGNS) and campaign.state == State.SUBMITTED and not own,
        "pause": runs and campaign.state == State.RUNNING,
        "resume": runs and campaign.state == State.PAUSED,
        "stop": runs and campaign.state in (State.RUNNING, State.PAUSED),
    }
