"""Contacts with a customer: read, and written down once however often they are sent."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.params.functions import Query

from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.interactions.selectors import contacts_of
from guanxi.crm.interactions.services import log_contact
from guanxi.crm.openapi.door import ApiRequest, Needs
from guanxi.crm.openapi.routes.customers import ERRORS, viewed
from guanxi.crm.openapi.shapes import Interactions, Made, NewContact, Problem

router = Router(tags=["interactions"])
MOST = 200


@router.get(
    "/customers/{uuid:uuid}/interactions", auth=Needs("interactions:read"),
    response={200: Interactions, **ERRORS}, operation_id="listInteractions", summary="Contacts with a customer",
)  # fmt: skip
def listed(
    request: ApiRequest, uuid: UUID, before: int | None = Query(None, ge=1, lt=2**63),
    limit: int = Query(50, ge=1, le=MOST),
) -> dict[str, Any]:  # fmt: skip
    """The latest written down first; notes only for who sees names, as on the page."""
    party = party_or_404(request.reach, uuid)
    viewed(request, party, "api.interactions")
    rows = contacts_of(request.reach, party).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    hidden = request.reach.hides_names
    items = [
        {
            "id": one.pk, "channel": one.channel, "at": one.at, "outcome": one.outcome, "author": one.author_name,
            "note": "" if hidden else one.note, "intent_family": one.intent_family, "intent_fen": one.intent_fen,
        }
        for one in found[:limit]
    ]  # fmt: skip
    return {"items": items, "next": str(items[-1]["id"]) if len(found) > limit else None}


@router.post(
    "/customers/{uuid:uuid}/interactions", auth=Needs("interactions:write"),
    response={201: Made, 400: Problem, **ERRORS}, operation_id="logInteraction", summary="Write down a contact",
)  # fmt: skip
def log(request: ApiRequest, uuid: UUID, told: NewContact) -> Status[dict[str, str]]:
    """The same `client_key` again gives the contact kept first and writes nothing."""
    party = party_or_404(request.reach, uuid)
    if told.at.tzinfo is None:
        raise ValidationError({"at": _("The instant needs a zone.")})
    try:
        timezone.localtime(told.at)
    except (OverflowError, ValueError) as error:
        raise ValidationError({"at": _("There is no such instant.")}) from error
    try:
        made = log_contact(
            by=request.token.staff, party=party, channel=told.channel, at=told.at, outcome=told.outcome,
            note=told.note, intent_family=told.intent_family, intent_fen=told.intent_fen,
            client_key=told.client_key, today=request.today, now=request.now,
        )  # fmt: skip
    except PermissionDenied as refused:
        raise ValidationError({"client_key": _("This key was used before.")}) from refused
    return Status(201, {"id": str(made.pk)})
