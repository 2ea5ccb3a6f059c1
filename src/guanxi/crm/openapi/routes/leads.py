"""Leads: handed in as by a colleague, and those the person may open."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.params.functions import Query

from guanxi.crm.leads import services
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.arriving import Draft
from guanxi.crm.leads.models import Lead
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.selectors import leads_seen, outlets
from guanxi.crm.openapi.door import ApiRequest, Needs
from guanxi.crm.openapi.routes.customers import ERRORS
from guanxi.crm.openapi.shapes import Leads, Made, NewLead, Problem

router = Router(tags=["leads"])
MOST = 200


@router.post(
    "/leads", auth=Needs("leads:write"), response={201: Made, 400: Problem, **ERRORS}, operation_id="handInLead",
    summary="Hand in a lead",
)  # fmt: skip
def hand_in(request: ApiRequest, told: NewLead) -> Status[dict[str, str]]:
    """A lead for an outlet. Whether the number is a customer's already is not told."""
    unit = next((one for one in outlets() if one.unit_no == told.unit_no), None)
    if unit is None:
        raise ValidationError({"unit_no": _("There is no such outlet.")})
    known = {one.code for one in lead_policy(request.today).industries}
    if told.industry and told.industry not in known:
        raise ValidationError({"industry": _("There is no such industry.")})
    acting = Acting(request.token.staff, request.reach, request.today, request.now)
    draft = Draft(
        kind=told.kind, name=told.name, contact=told.contact, industry=told.industry, note=told.note,
        worth_fen=told.worth_fen, agreed=told.agreed,
    )  # fmt: skip
    return Status(201, {"id": str(services.hand_in(acting, draft, unit=unit).uuid)})


@router.get(
    "/leads", auth=Needs("leads:read"), response={200: Leads, **ERRORS}, operation_id="listLeads", summary="Leads"
)  # fmt: skip
def listed(
    request: ApiRequest, after: UUID | None = None, limit: int = Query(50, ge=1, le=MOST)
) -> dict[str, Any]:
    """What the person may open: handed in, held, of the own units, published."""
    rows = leads_seen(request.reach)
    if after is not None:
        rows = rows.filter(uuid__gt=after)
    found = list(rows.order_by("uuid")[: limit + 1])
    shown = [_told(lead) for lead in found[:limit]]
    return {"items": shown, "next": str(shown[-1]["uuid"]) if len(found) > limit else None}


def _told(lead: Lead) -> dict[str, Any]:
    return {
        "uuid": lead.uuid, "kind": lead.kind, "name": lead.name, "contact_masked": lead.contact_masked,
        "unit_no": lead.unit.unit_no, "state": lead.state, "made_on": lead.made_on,
        "owner": lead.owner.name if lead.owner else None,
    }  # fmt: skip
