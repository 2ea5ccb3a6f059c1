"""Reads of requests: one's own, and those one may decide on."""

from datetime import date, datetime
from typing import cast

from django.db.models import Q, QuerySet

from guanxi.crm.exports.models import ExportRequest, State
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.access import AccessPolicy


def access(on: date) -> AccessPolicy | None:
    """The policy of taking data out in force; None for a bank without it, where nothing is taken."""
    return cast("AccessPolicy | None", known(AccessPolicy.kind, on))


def approval_limit(reach: Reach, on: date) -> int:
    """The most rows that this person may approve for others; 0: none."""
    policy = access(on)
    return policy.approval_limit(reach.roles) if policy and reach.may(Right.APPROVE_EXPORTS) else 0


def visible_to(reach: Reach) -> QuerySet[ExportRequest]:
    """One's own requests; those of one's units for who approves; all for an approver who sees no customers."""
    rows = ExportRequest.objects.select_related("asked_by", "decided_by", "unit")
    own = Q(asked_by=reach.staff_id)
    if not reach.may(Right.APPROVE_EXPORTS):
        return rows.filter(own)
    if reach.whole_bank or not reach.sees_customers:
        return rows
    return rows.filter(own | Q(unit__in=sorted(reach.unit_ids)))


def waiting_for(reach: Reach, on: date) -> QuerySet[ExportRequest]:
    """What waits and this person may decide on: asked by others, of no more rows than the role may approve."""
    rows = visible_to(reach).filter(state=State.ASKED, rows__lte=approval_limit(reach, on))
    return rows.exclude(asked_by=reach.staff_id)


def usable(by: Staff, uuid: str, address: str, now: datetime) -> ExportRequest | None:
    """The approved request of this person for exactly this address, neither taken nor run out."""
    rows = ExportRequest.objects.filter(
        asked_by=by, state=State.APPROVED, address=address, expires_at__gt=now
    )
    return next((one for one in rows if str(one.uuid) == uuid), None)
