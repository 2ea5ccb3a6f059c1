"""Reads of campaigns. Whose unit is above or below one's own sees it; customers come row-secured, arms never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import Http404

from guanxi.crm.campaigns.models import (
    LAUNCHED,
    Campaign,
    CampaignEvent,
    CampaignVersion,
    Recipient,
    State,
    Step,
)
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.messaging.models import Heard, Message, TemplateVersion
from guanxi.crm.organisation.models import Unit, UnitScope
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.models import FigureProof
from guanxi.crm.worklist.models import STANDING, Origin, Task, TaskState

SHOWN = ("id", "uuid", "name", "kind", "state", "metric", "measure", "family", "horizon_days", "planned_n", "starts_on",
         "ends_on", "launched_on", "ended_on", "counts", "cost_fen", "owner", "unit", "changed_at")  # fmt: skip


def home_of(reach: Reach) -> Unit:
    """The unit a person's campaigns belong to: the highest one a post is held in."""
    posts = Unit.objects.filter(pk__in=sorted(reach.post_unit_ids))
    return posts.annotate(below=Count("scope")).order_by("-below", "pk")[0]


def campaigns(reach: Reach) -> QuerySet[Campaign]:
    """The campaigns a person may know of: the begun ones that take in the own unit, others if one makes or decides."""
    rows = Campaign.objects.select_related("owner", "unit").order_by("-changed_at", "-pk")
    if not (reach.may(Right.SEE_CAMPAIGNS) or reach.may(Right.MAKE_CAMPAIGNS)):
        return rows.none()
    if not reach.whole_bank:
        above = UnitScope.objects.filter(member__in=sorted(reach.post_unit_ids)).values("unit")
        rows = rows.filter(Q(unit__in=above) | Q(unit__in=sorted(reach.unit_ids)) | Q(owner=reach.staff_id))
    known = Q(state__in=LAUNCHED) | Q(owner=reach.staff_id)
    if reach.may(Right.APPROVE_CAMPAIGNS) or (reach.whole_bank and reach.may(Right.MAKE_CAMPAIGNS)):
        known |= Q(state__in=[State.SUBMITTED, State.APPROVED]) | Q(state=State.DRAFT, versions__isnull=False)
    return rows.filter(known).distinct()


def campaign_or_404(reach: Reach, uuid: UUID) -> Campaign:
    """The campaign with this key; one that is not for the reader answers as not there at all."""
    found = campaigns(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def may_decide(reach: Reach, campaign: Campaign) -> bool:
    """Whether the whole of the campaign lies within this person's sight."""
    return reach.whole_bank or campaign.unit_id in reach.unit_ids


def names_of(refs: Sequence[str]) -> dict[str, str]:
    """Names of begun campaigns by the reference their messages carry; one query."""
    told = Campaign.objects.filter(uuid__in=refs, state__in=LAUNCHED).values_list("uuid", "name")
    return {str(number): name for number, name in told}


def refs_with(versions: Sequence[int]) -> list[str]:
    """The references of begun campaigns that send one of these template versions; one query."""
    used = Q(pk__in=[])
    for version in versions:
        used |= Q(templates__contains=[version])
    return [str(one) for one in Step.objects.filter(used).values_list("campaign__uuid", flat=True).distinct()]


def waiting(reach: Reach) -> list[CampaignVersion]:
    """What waits for this person's decision, the oldest first: nobody decides the own."""
    if not reach.may(Right.APPROVE_CAMPAIGNS):
        return []
    rows = CampaignVersion.objects.filter(state="submitted", campaign__state=State.SUBMITTED)
    rows = rows.select_related("campaign__owner", "campaign__unit", "submitted_by").order_by("submitted_at")
    others = rows.exclude(submitted_by=reach.staff_id).exclude(campaign__owner=reach.staff_id)
    return [version for version in others if may_decide(reach, version.campaign)]


def published_baseline(metric: str) -> tuple[Decimal, date] | None:
    """The goal's figure as the current run published it, with its day; None where no run proved it."""
    proof = FigureProof.objects.filter(run__is_current=True, metric=metric).select_related("run").first()
    return (proof.figure, proof.run.business_date) if proof else None


@dataclass(frozen=True)
class Funnel:
    """How far the treated are, within the reader's reach; money in fen."""

    treated: int
    reached: int
    bought: int
    bought_fen: int


def funnel_of(reach: Reach, campaign: Campaign) -> Funnel:
    """Counts over the treated; one query."""
    rows = within(Recipient.objects.filter(campaign=campaign), reach)
    told = rows.aggregate(
        treated=Count("pk"), reached=Count("reached_on"), bought=Count("bought_on"),
        money=Sum("bought_fen", filter=Q(bought_on__isnull=False)),
    )  # fmt: skip
    return Funnel(told["treated"], told["reached"], told["bought"], told["money"] or 0)


def answered_of(reach: Reach, campaign: Campaign) -> tuple[int, int]:
    """How many of the treated within reach wrote back, and how many of them asked for no more messages; one query.

    As heard by now: the day of a reply is noted on the customer by the next night only.
    """
    said = Heard.objects.filter(party=OuterRef("party"), at__date__gte=OuterRef("entered_on"))
    sent = Message.objects.filter(origin="campaign", ref=str(campaign.uuid), party=OuterRef("party"))
    asked = sent.filter(channel=OuterRef("channel"), submitted_at__lte=OuterRef("at"))
    told = within(Recipient.objects.filter(campaign=campaign), reach).aggregate(
        answered=Count("pk", filter=Q(replied_on__isnull=False) | Q(Exists(said.filter(Exists(asked))))),
        refused=Count("pk", filter=Exists(said.filter(asks="stop"))),
    )
    return told["answered"], told["refused"]


@dataclass(frozen=True)
class Text:
    """How one text did: messages handed over and delivered, customers who replied and who took the product."""

    name: str
    step: int
    sent: int
    delivered: int
    replied: int
    bought: int


def texts_of(reach: Reach, campaign: Campaign) -> list[Text]:
    """The campaign's texts beside each other, within reach, in the order of their steps; two queries."""
    mine = Recipient.objects.filter(campaign=campaign, party=OuterRef("party"))
    about = {"party": OuterRef("party"), "channel": OuterRef("channel"), "at__gte": OuterRef("submitted_at")}
    heard = Heard.objects.filter(**about)
    rows = within(Message.objects.filter(origin="campaign", ref=str(campaign.uuid)), reach)
    told = rows.values("step", "template_version").annotate(
        sent=Count("pk", filter=Q(submitted_at__isnull=False)),
        delivered=Count("pk", filter=Q(state="delivered")),
        replied=Count("pk", filter=Q(Exists(mine.filter(replied_on__isnull=False))) | Q(Exists(heard))),
        bought=Count("pk", filter=Exists(mine.filter(bought_on__isnull=False))),
    )
    found = list(told.order_by("step", "template_version"))
    versions = TemplateVersion.objects.select_related("template").in_bulk(
        [row["template_version"] for row in found if row["template_version"]]
    )
    names = {key: version.template.name for key, version in versions.items()}
    return [
        Text(
            names.get(row["template_version"] or 0, ""), row["step"], row["sent"], row["delivered"], row["replied"],
            row["bought"],
        )
        for row in found
    ]  # fmt: skip


def arms_of(campaign: Campaign) -> dict[str, tuple[int, int]]:
    """Customers and contaminated ones by arm, for whoever sees the whole bank; empty for everybody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT arm, customers, contaminated FROM campaigns_arms(%s)", [campaign.pk])
        return {arm: (customers, contaminated) for arm, customers, contaminated in cursor.fetchall()}


def recipients(reach: Reach, campaign: Campaign) -> QuerySet[Recipient]:
    """The treated within reach, who has not bought yet first."""
    rows = within(Recipient.objects.filter(campaign=campaign), reach).select_related(
        "party", "unit", "keeper"
    )
    return rows.order_by("bought_on", "entered_on", "party_id")


def campaigns_of(reach: Reach, party: Party) -> list[Recipient]:
    """The campaigns in which this customer is treated, the latest first; of being held out nobody is told."""
    if nothing_in(party, Recipient) or not reach.covers(party.unit_id, party.keeper_id):
        return []
    rows = Recipient.objects.filter(party=party).select_related("campaign")
    return list(rows.order_by("-entered_on", "-pk")[:5])


def task_counts(reach: Reach, campaign: Campaign) -> dict[str, int]:
    """Tasks of the campaign within reach: standing, done, lapsed, and all."""
    rows = within(Task.objects.filter(origin=Origin.CAMPAIGN, subject__startswith=_subject(campaign)), reach)
    return rows.aggregate(
        all=Count("pk"), standing=Count("pk", filter=Q(state__in=STANDING)),
        done=Count("pk", filter=Q(state=TaskState.DONE)), lapsed=Count("pk", filter=Q(state=TaskState.LAPSED)),
    )  # fmt: skip


def by_keeper(reach: Reach, campaign: Campaign) -> list[dict[str, Any]]:
    """Tasks done and standing by whom they are given to, the most first."""
    rows = within(Task.objects.filter(origin=Origin.CAMPAIGN, subject__startswith=_subject(campaign)), reach)
    told = rows.values("assignee__name").annotate(
        tasks=Count("pk"), done=Count("pk", filter=Q(state=TaskState.DONE))
    )  # fmt: skip
    return [dict(row) for row in told.order_by("-tasks", "assignee__name")[:20]]


def treated_of(reach: Reach, campaigns: list[int]) -> dict[int, Funnel]:
    """The funnel of several campaigns at once, by campaign; one query."""
    rows = within(Recipient.objects.filter(campaign__in=campaigns), reach)
    told = rows.values("campaign").annotate(
        treated=Count("pk"), reached=Count("reached_on"), bought=Count("bought_on"),
        money=Sum("bought_fen", filter=Q(bought_on__isnull=False)),
    )  # fmt: skip
    return {
        row["campaign"]: Funnel(row["treated"], row["reached"], row["bought"], row["money"] or 0)
        for row in told
    }


def events_of(campaign: Campaign) -> QuerySet[CampaignEvent]:
    """What happened, the latest first."""
    return CampaignEvent.objects.filter(campaign=campaign).select_related("staff").order_by("-at", "-pk")


def _subject(campaign: Campaign) -> str:
    return f"campaign:{campaign.uuid}:"
