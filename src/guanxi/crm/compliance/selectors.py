"""Reads of requests. For compliance within `sight.whole_store`; others see the requests they handed in."""

from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from guanxi.crm.compliance.models import OPEN, SubjectRequest
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Role, Staff
from guanxi.crm.organisation.selectors import posts_on


def requests() -> QuerySet[SubjectRequest]:
    """All that row security shows, with people and customer."""
    return SubjectRequest.objects.select_related(
        "party__unit", "handler", "handed_in_by", "decided_by", "identity_by"
    )


def open_requests() -> QuerySet[SubjectRequest]:
    """Those that wait for something, the earliest due first."""
    return requests().filter(state__in=OPEN).order_by("due_on", "pk")


def ended_requests() -> QuerySet[SubjectRequest]:
    """Those that ended, the latest first."""
    return requests().exclude(state__in=OPEN).order_by("-ended_on", "-pk")


def request_or_404(number: int) -> SubjectRequest:
    """One request by its number."""
    found = requests().filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def party_numbered(customer_no: str) -> Party | None:
    """The customer of this number in full; of a number merged into another, that person."""
    found = (
        Party.objects.select_related("merged_into__unit", "unit")
        .filter(customer_no=customer_no.strip())
        .first()
    )
    return (found.merged_into or found) if found else None


def officers(today: date) -> QuerySet[Staff]:
    """Who answers requests today."""
    held = posts_on(today).filter(role=Role.COMPLIANCE).order_by()
    return Staff.objects.filter(is_active=True, pk__in=held.values("staff")).order_by("staff_no")
