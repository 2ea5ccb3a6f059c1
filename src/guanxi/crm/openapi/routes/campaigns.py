"""Campaigns and how far they are. Who is held out is told to nobody."""

from typing import Any
from uuid import UUID

from ninja import Router

from guanxi.crm.campaigns.models import Campaign
from guanxi.crm.campaigns.selectors import campaign_or_404, campaigns, task_counts
from guanxi.crm.openapi.door import ApiRequest, Needs
from guanxi.crm.openapi.routes.customers import ERRORS
from guanxi.crm.openapi.shapes import Campaign as CampaignShape
from guanxi.crm.openapi.shapes import Campaigns, Progress

router = Router(tags=["campaigns"])
MOST = 200


@router.get(
    "/campaigns", auth=Needs("campaigns:read"), response={200: Campaigns, **ERRORS}, operation_id="listCampaigns",
    summary="Campaigns",
)  # fmt: skip
def listed(request: ApiRequest) -> dict[str, Any]:
    """Those the person may know of, the latest changed first, at most 200."""
    return {"items": [_told(one) for one in campaigns(request.reach)[:MOST]]}


@router.get(
    "/campaigns/{uuid:uuid}", auth=Needs("campaigns:read"), response={200: CampaignShape, **ERRORS},
    operation_id="getCampaign", summary="One campaign",
)  # fmt: skip
def opened(request: ApiRequest, uuid: UUID) -> dict[str, Any]:
    """One campaign; one that is not for this person answers as not there at all."""
    return _told(campaign_or_404(request.reach, uuid))


@router.get(
    "/campaigns/{uuid:uuid}/progress", auth=Needs("campaigns:read"), response={200: Progress, **ERRORS},
    operation_id="getCampaignProgress", summary="How far a campaign is",
)  # fmt: skip
def progress(request: ApiRequest, uuid: UUID) -> dict[str, Any]:
    """Tasks of the campaign within reach, by state."""
    campaign = campaign_or_404(request.reach, uuid)
    counts = task_counts(request.reach, campaign)
    return {"uuid": campaign.uuid, "treated": sum(counts.values()), "by_state": counts}


def _told(one: Campaign) -> dict[str, Any]:
    return {
        "uuid": one.uuid, "name": one.name, "kind": one.kind, "state": one.state, "owner": one.owner.name,
        "unit_no": one.unit.unit_no, "metric": one.metric, "starts_on": one.starts_on, "ends_on": one.ends_on,
    }  # fmt: skip
