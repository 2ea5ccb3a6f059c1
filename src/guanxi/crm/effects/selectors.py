"""Reads of read-outs: a person sees those of the campaigns the campaigns room shows; numbers only, never who."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from guanxi.crm.campaigns import selectors as campaigns
from guanxi.crm.campaigns.models import LAUNCHED, Campaign
from guanxi.crm.effects.models import EffectReadout, Evidence
from guanxi.crm.effects.rules import global_number, global_since
from guanxi.crm.organisation.rules import Reach

MOST = 200


@dataclass(frozen=True)
class Story:
    """A campaign with its latest look: the main measure for everybody, its subgroups, the other measures."""

    campaign: Campaign
    main: tuple[EffectReadout, ...]
    groups: tuple[EffectReadout, ...]
    others: tuple[EffectReadout, ...]


def stories(reach: Reach) -> list[Story]:
    """Launched campaigns within the reader's sight that were read out, the latest launched first; two queries."""
    known = list(campaigns.campaigns(reach).filter(state__in=LAUNCHED).order_by("-launched_on", "-pk")[:MOST])
    looks = _latest([campaign.uuid for campaign in known])
    return [_story(campaign, looks[campaign.uuid]) for campaign in known if looks.get(campaign.uuid)]


def story_or_404(reach: Reach, uuid: UUID) -> Story:
    """One campaign with its latest look, which may be empty; Http404 for one that is not for the reader."""
    campaign = campaigns.campaign_or_404(reach, uuid)
    return _story(campaign, _latest([campaign.uuid]).get(campaign.uuid, []))


def _latest(uuids: list[UUID]) -> dict[UUID, list[EffectReadout]]:
    rows = (
        EffectReadout.objects.filter(campaign__in=uuids)
        .order_by("campaign", "measure", "arm", "dimension", "subgroup", "-day")
        .distinct("campaign", "measure", "arm", "dimension", "subgroup")
    )
    found: dict[UUID, list[EffectReadout]] = defaultdict(list)
    for row in rows:
        found[row.campaign].append(row)
    newest = {uuid: max(row.day for row in held) for uuid, held in found.items()}
    return {uuid: [row for row in held if row.day == newest[uuid]] for uuid, held in found.items()}


def _story(campaign: Campaign, rows: list[EffectReadout]) -> Story:
    return Story(
        campaign,
        tuple(row for row in rows if row.is_main and not row.dimension),
        tuple(row for row in rows if row.is_main and row.dimension),
        tuple(row for row in rows if not row.is_main and not row.dimension),
    )


def looks(campaign: Campaign) -> QuerySet[EffectReadout]:
    """All looks at the main measure for everybody, in order of day."""
    return EffectReadout.objects.filter(campaign=campaign.uuid, is_main=True, dimension="").order_by(
        "day", "arm"
    )


def global_looks(today: date, months: int) -> list[EffectReadout]:
    """The latest look at the global control of today's epoch, the main measure first; empty before the first."""
    rows = EffectReadout.objects.filter(campaign=global_number(global_since(today, months)))
    latest = list(rows.order_by("-day", "-is_main", "measure")[:2])
    return [row for row in latest if row.day == latest[0].day]


def evidence_of(campaign: Campaign) -> QuerySet[Evidence]:
    """What was kept of this campaign, the latest first."""
    return Evidence.objects.filter(campaign=campaign.uuid).select_related("made_by").order_by("-made_at")
