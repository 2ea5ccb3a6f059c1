"""Customers and their scores: found by number, opened by key, listed by key."""

from typing import Any
from uuid import UUID

from django.http import Http404
from ninja import Router
from ninja.params.functions import Query

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import age_on, shown_name
from guanxi.crm.customers.search import find_exactly
from guanxi.crm.customers.selectors import contact_points_of, party_or_404, within
from guanxi.crm.openapi.door import ApiRequest, Needs
from guanxi.crm.openapi.shapes import CustomerDetail, Customers, Number, Problem, Scores
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.selectors import current_business_date, score_of
from guanxi.crm.scores.tiers import tier_names

router = Router(tags=["customers"])
ERRORS = {401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}
MOST = 200
LISTED = [
    "uuid", "customer_no", "kind", "name", "state", "sex", "age", "since", "unit_no", "unit", "keeper", "risk_grade",
    "risk_expires_on", "id_masked",
]  # fmt: skip


@router.post(
    "/customers/find", auth=Needs("customers:read"), response={200: CustomerDetail, 400: Problem, **ERRORS},
    operation_id="findCustomer", summary="The customer with this number",
)  # fmt: skip
def find(request: ApiRequest, told: Number) -> dict[str, Any]:
    """Exactly one customer within reach has this customer, phone, card or identity number; otherwise 404."""
    hits = find_exactly(request.reach, told.number)
    if len(hits) != 1:
        raise Http404
    return _opened(request, party_or_404(request.reach, hits[0].uuid))


@router.get(
    "/customers", auth=Needs("customers:list"), response={200: Customers, **ERRORS}, operation_id="listCustomers",
    summary="Customers within reach",
)  # fmt: skip
def listed(
    request: ApiRequest, after: UUID | None = None, limit: int = Query(50, ge=1, le=MOST)
) -> dict[str, Any]:
    """A page of customers by key. Each page is an export in the trail."""
    rows = within(Party.objects.filter(merged_into=None), request.reach).select_related("unit", "keeper")
    if after is not None:
        rows = rows.filter(uuid__gt=after)
    found = list(rows.order_by("uuid")[: limit + 1])
    shown = [told_of(request.reach, party, request) for party in found[:limit]]
    audit.exported(
        by=request.token.staff, what="api.customers", rows=len(shown), columns=LISTED,
        filters={"token": request.token.name, "after": str(after or "")},
        customers=[party.pk for party in found[:limit]],
    )  # fmt: skip
    return {"items": shown, "next": str(shown[-1]["uuid"]) if len(found) > limit else None}


@router.get(
    "/customers/{uuid:uuid}", auth=Needs("customers:read"), response={200: CustomerDetail, **ERRORS},
    operation_id="getCustomer", summary="One customer",
)  # fmt: skip
def opened(request: ApiRequest, uuid: UUID) -> dict[str, Any]:
    """One customer; out of reach answers exactly as not there at all."""
    return _opened(request, party_or_404(request.reach, uuid))


@router.get(
    "/customers/{uuid:uuid}/scores", auth=Needs("scores:read"), response={200: Scores, **ERRORS},
    operation_id="getScores", summary="A customer's scores",
)  # fmt: skip
def scores(request: ApiRequest, uuid: UUID) -> dict[str, Any]:
    """Tier, stage, wealth, contribution and value as the last run published them."""
    party = party_or_404(request.reach, uuid)
    viewed(request, party, "api.scores")
    row = score_of(request.reach, party)
    names = tier_names(request.today)
    band = names.band(row.tier_scheme, row.tier_rank) if row else None
    return {
        "customer": party.uuid,
        "business_date": current_business_date(),
        "tier": band.code if band else None,
        "tier_label": str(names.label(row.tier_scheme, row.tier_rank)) if row else None,
        **{
            name: getattr(row, name) if row else None
            for name in ("stage", "aum_fen", "daily_average_fen", "contribution_12m_fen")
        },
        "value_score": row.composite_score if row else None,
    }


def viewed(request: ApiRequest, party: Party, what: str) -> None:
    """The look at a customer in the trail, as a page's is, with the token it came by."""
    audit.viewed(
        by=request.token.staff, party_key=party.pk, what=what, reason=f"token {request.token.name}"[:200]
    )


def told_of(reach: Reach, party: Party, request: ApiRequest) -> dict[str, Any]:
    """A customer as lists show it: without names and numbers where the page shows none."""
    hidden = reach.hides_names
    return {
        "uuid": party.uuid, "customer_no": None if hidden else party.customer_no, "kind": party.kind,
        "name": shown_name(party.name, hidden=hidden), "state": party.state, "sex": party.sex,
        "age": age_on(party.birth_date, request.today), "since": party.since, "unit_no": party.unit.unit_no,
        "unit": party.unit.name, "keeper": party.keeper.name if party.keeper else None,
        "risk_grade": party.risk_grade, "risk_expires_on": party.risk_expires_on,
        "id_masked": None if hidden else party.id_masked,
    }  # fmt: skip


def _opened(request: ApiRequest, party: Party) -> dict[str, Any]:
    viewed(request, party, "api")
    points = contact_points_of(request.reach, party)
    contacts = [{"kind": one.kind, "masked": one.masked, "is_primary": one.is_primary} for one in points]
    return {**told_of(request.reach, party, request), "contacts": contacts}
