"""Writes on campaigns: drawn up, handed in, decided by a second person on the content's hash, paused, stopped.

Every decision holds the campaign's row: whoever comes second finds what the first one left. Launching and what
follows is the night's (guanxi.pipeline.campaigning).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as queue

from guanxi.crm.assessments.activities import CAMPAIGN
from guanxi.crm.assessments.services import need_assessment
from guanxi.crm.audit import services as audit
from guanxi.crm.campaigns.models import Campaign, CampaignEvent, CampaignVersion, State, VersionState
from guanxi.crm.campaigns.plan import Plan, problems
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.campaigns.selectors import home_of, may_decide, published_baseline
from guanxi.crm.messaging import services as messaging
from guanxi.crm.organisation.models import Post, Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.organisation.services import require
from guanxi.crm.worklist.models import STANDING, Origin, Task, TaskState

JOB = "campaigns.work"  # the worker's task, see guanxi.project.jobs
CHANGEABLE = (State.DRAFT, State.SUBMITTED, State.APPROVED)


@transaction.atomic
def draw_up(*, by: Staff, plan: Plan, today: date, now: datetime) -> Campaign:
    """A new draft of one's own; ValidationError without a name or for a name one has a draft of already."""
    require(by, Right.MAKE_CAMPAIGNS, today)
    if not plan.name.strip():
        raise ValidationError(_("Give the campaign a name."))
    unit = home_of(reach_of(by, today))
    campaign = Campaign(owner=by, unit=unit, made_at=now, changed_at=now)
    _copy(campaign, plan)
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
    except IntegrityError as taken:
        raise ValidationError(_("You already have a draft of this name.")) from taken
    _told(campaign, "made", by, today, now)
    return campaign


@transaction.atomic
def change(*, by: Staff, campaign: Campaign, plan: Plan, today: date, now: datetime) -> Campaign:
    """Another content. What was handed in or approved and has not begun goes back to draft: nobody approved this one.

    Only the owner may; ValidationError once it has been launched.
    """
    locked = _own(campaign, by, today)
    if locked.state not in CHANGEABLE:
        raise ValidationError(_("A campaign that has begun is not changed: stop it and make a new one."))
    if plan.content_hash() == locked.content_hash:
        return locked
    if locked.state != State.DRAFT:
        _withdraw_version(locked, by, now)
    locked.state, locked.changed_at = State.DRAFT, now
    _copy(locked, plan)
    locked.save()
    _told(locked, "changed", by, today, now, content_hash=locked.content_hash)
    return locked


@transaction.atomic
def submit(
    *, by: Staff, campaign: Campaign, outlook: Mapping[str, Any], today: date, now: datetime
) -> CampaignVersion:
    """Hand the draft in. The baseline is the goal's published figure of this moment and becomes part of the content.

    ValidationError with what lacks: no measurable goal, no baseline, no hold-out, nobody to reach; NotAssessed while an
    impact assessment of its channels is not in force.
    """
    locked = _own(campaign, by, today)
    if locked.state != State.DRAFT:
        raise ValidationError(_("Only a draft can be handed in."))
    policy, effect = campaign_policy(today), effect_policy(today)
    plan = Plan.read(locked.plan)
    need_assessment(activities_of(plan), today=today)
    baseline = published_baseline(plan.metric)
    if baseline is not None:
        plan = replace(plan, baseline=baseline[0], baseline_day=baseline[1].isoformat())
    plan = plan.with_defaults(policy, effect)
    lacking = problems(plan, policy, effect, today)
    if lacking:
        raise ValidationError(
            _("This campaign cannot be handed in yet: see what is still to be said."), params=lacking
        )
    if not outlook.get("eligible"):
        raise ValidationError(_("Nobody of this audience may be offered this."))
    _copy(locked, plan)
    locked.state, locked.changed_at = State.SUBMITTED, now
    locked.planned_n = int(outlook["eligible"])
    locked.cost_fen = int(outlook.get("cost_fen", 0))
    locked.save()
    version = CampaignVersion.objects.create(
        campaign=locked, number=_next_number(locked), plan=locked.plan, content_hash=locked.content_hash,
        outlook=dict(outlook), submitted_by=by, submitted_at=now,
    )  # fmt: skip
    _told(locked, "submitted", by, today, now, content_hash=locked.content_hash, version=version.number)
    return version


@transaction.atomic
def approve(
    *, by: Staff, campaign: Campaign, content_hash: str, today: date, now: datetime, note: str = ""
) -> CampaignVersion:
    """Let exactly this content run from its first day on.

    ValidationError when it is no longer what was looked at; NotAssessed while a channel of it is not assessed.
    """
    version = _decide(by, campaign, content_hash, VersionState.APPROVED, today, now, note)
    need_assessment(activities_of(Plan.read(version.plan)), today=today)
    Campaign.objects.filter(pk=version.campaign_id).update(state=State.APPROVED, changed_at=now)
    _told(version.campaign, "approved", by, today, now, content_hash=content_hash, version=version.number)
    begin_soon()
    return version


@transaction.atomic
def reject(
    *, by: Staff, campaign: Campaign, content_hash: str, today: date, now: datetime, note: str
) -> CampaignVersion:
    """Turn it down with a reason; it is a draft again."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    version = _decide(by, campaign, content_hash, VersionState.REJECTED, today, now, note)
    Campaign.objects.filter(pk=version.campaign_id).update(state=State.DRAFT, changed_at=now)
    _told(version.campaign, "rejected", by, today, now, content_hash=content_hash, note=note.strip()[:200])
    return version


@transaction.atomic
def withdraw(*, by: Staff, campaign: Campaign, today: date, now: datetime) -> Campaign:
    """Take back what one handed in and nobody has begun yet."""
    locked = _own(campaign, by, today)
    if locked.state not in (State.SUBMITTED, State.APPROVED):
        raise ValidationError(_("There is nothing to take back."))
    _withdraw_version(locked, by, now)
    locked.state, locked.changed_at = State.DRAFT, now
    locked.save(update_fields=["state", "changed_at"])
    _told(locked, "withdrawn", by, today, now)
    return locked


@transaction.atomic
def pause(*, by: Staff, campaign: Campaign, today: date, now: datetime) -> Campaign:
    """No further step until it goes on; what is not yet being sent is stopped."""
    locked = _running(campaign, by, today, State.RUNNING)
    locked.state, locked.changed_at = State.PAUSED, now
    locked.save(update_fields=["state", "changed_at"])
    stopped = messaging.stop(origin="campaign", ref=str(locked.uuid), by=by, now=now)
    _told(locked, "paused", by, today, now, messages=stopped)
    return locked


@transaction.atomic
def resume(*, by: Staff, campaign: Campaign, today: date, now: datetime) -> Campaign:
    """Go on with the steps that are due; messages stopped by the pause are not sent later."""
    locked = _running(campaign, by, today, State.PAUSED)
    locked.state, locked.changed_at = State.RUNNING, now
    locked.save(update_fields=["state", "changed_at"])
    _told(locked, "resumed", by, today, now)
    begin_soon()
    return locked


@transaction.atomic
def stop(*, by: Staff, campaign: Campaign, today: date, now: datetime, note: str) -> Campaign:
    """End it for good: messages not yet being sent are stopped, standing tasks lapse. What was done stays measured."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = _running(campaign, by, today, State.RUNNING, State.PAUSED)
    locked.state, locked.ended_on, locked.changed_at = State.STOPPED, today, now
    locked.save(update_fields=["state", "ended_on", "changed_at"])
    stopped = messaging.stop(origin="campaign", ref=str(locked.uuid), by=by, now=now)
    tasks = Task.objects.filter(
        origin=Origin.CAMPAIGN, subject__startswith=f"campaign:{locked.uuid}:", state__in=STANDING
    ).update(state=TaskState.LAPSED, outcome="stopped", closed_at=now, closed_on=today, closed_by=by)
    _told(locked, "stopped", by, today, now, note=note.strip()[:200], messages=stopped, tasks=tasks)
    return locked


def activities_of(plan: Plan) -> list[str]:
    """What of the plan an impact assessment must cover: each channel it sends through, and what people carry out."""
    return [f"{CAMPAIGN}.{step.channel if step.kind == 'message' else 'people'}" for step in plan.steps]


def begin_soon() -> None:
    """Ask the worker to take the steps that are due once this transaction is kept; the night does it anyway."""
    queue.configure_task(JOB, queue="campaigns", lock="campaigns").defer()


def _decide(
    by: Staff,
    campaign: Campaign,
    content_hash: str,
    state: VersionState,
    today: date,
    now: datetime,
    note: str,
) -> CampaignVersion:
    """The waiting version, decided; the person's posts are held so that who loses the right cannot decide after it."""
    locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    list(Post.objects.select_for_update(of=("self",)).filter(staff=by).order_by("pk"))
    require(by, Right.APPROVE_CAMPAIGNS, today)
    if not may_decide(reach_of(by, today), locked):
        raise PermissionDenied(f"{by.staff_no} does not see the whole of campaign {locked.pk}")
    version = CampaignVersion.objects.filter(campaign=locked, state=VersionState.SUBMITTED).first()
    if locked.state != State.SUBMITTED or version is None:
        raise ValidationError(_("This campaign is not waiting for approval any more."))
    if by.pk in (version.submitted_by_id, locked.owner_id):
        raise PermissionDenied("nobody approves the own campaign")
    check_second_person(by, (version.submitted_by_id, locked.owner_id), today)
    if (
        not content_hash
        == version.content_hash
        == locked.content_hash
        == Plan.read(locked.plan).content_hash()
    ):
        raise ValidationError(_("The campaign was changed since you opened it: look at it again."))
    version.state, version.decided_by, version.decided_at = state, by, now
    version.note = note.strip()[:200]
    version.save(update_fields=["state", "decided_by", "decided_at", "note"])
    version.campaign = locked
    return version


def _own(campaign: Campaign, by: Staff, today: date) -> Campaign:
    """The campaign, held; PermissionDenied for anybody but its owner, who must still have the right."""
    require(by, Right.MAKE_CAMPAIGNS, today)
    locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if locked.owner_id != by.pk:
        raise PermissionDenied("only its owner changes a campaign")
    return locked


def _running(campaign: Campaign, by: Staff, today: date, *states: State) -> Campaign:
    """A begun campaign, held, for its owner or who may approve it."""
    locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    reach = reach_of(by, today)
    own = locked.owner_id == by.pk and reach.may(Right.MAKE_CAMPAIGNS)
    if not own and not (reach.may(Right.APPROVE_CAMPAIGNS) and may_decide(reach, locked)):
        raise PermissionDenied(f"{by.staff_no} may not run campaign {locked.pk}")
    if locked.state not in states:
        raise ValidationError(_("The campaign is not in a state in which this can be done."))
    return locked


def _withdraw_version(campaign: Campaign, by: Staff, now: datetime) -> None:
    waiting = campaign.versions.filter(state__in=[VersionState.SUBMITTED, VersionState.APPROVED])
    waiting.update(state=VersionState.WITHDRAWN, decided_by=by, decided_at=now)


def _copy(campaign: Campaign, plan: Plan) -> None:
    """The plan and the columns that lists and the lake read."""
    days = plan.days() if plan.starts_on and plan.ends_on else None
    campaign.plan, campaign.content_hash = plan.payload(), plan.content_hash()
    campaign.name, campaign.kind = plan.name.strip()[:60], plan.kind
    campaign.metric, campaign.measure = plan.metric, plan.measure
    campaign.family = plan.family or (plan.families[0] if plan.families else "")
    campaign.cluster, campaign.horizon_days = plan.cluster, plan.horizon_days or campaign.horizon_days
    campaign.starts_on, campaign.ends_on = days or (None, None)


def _next_number(campaign: Campaign) -> int:
    return (campaign.versions.aggregate(most=Max("number"))["most"] or 0) + 1


def _told(campaign: Campaign, verb: str, by: Staff, today: date, now: datetime, **details: Any) -> None:
    CampaignEvent.objects.create(campaign=campaign, at=now, on=today, staff=by, verb=verb, details=details)
    audit.record(by=by, verb=f"campaigns.{verb}", on=campaign, **details)
