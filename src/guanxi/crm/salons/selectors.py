"""Reads of salons. Each asks for a reach; row security is behind those of invitations."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.http import Http404

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.leads.program import within_the_bank
from guanxi.crm.organisation.models import Unit, UnitScope
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.salons.models import Invitation, Salon
from guanxi.crm.salons.rules import Stage, State

PANEL_ROWS = 5


def _above(units: Iterable[int]) -> QuerySet[UnitScope, int]:
    return UnitScope.objects.filter(member__in=sorted(units)).values_list("unit", flat=True)


def salons_for(reach: Reach) -> QuerySet[Salon]:
    """Salons of units within reach, of units one works at, and of those above: these invite one's customers too."""
    rows = Salon.objects.select_related("unit", "owner", "community")
    if reach.whole_bank:
        return rows
    near = Q(unit__in=sorted(reach.unit_ids)) | Q(unit__in=_above(reach.post_unit_ids))
    return rows.filter(near | Q(owner=reach.staff_id))


def salon_or_404(reach: Reach, uuid: UUID) -> Salon:
    """The salon with this key; out of reach answers exactly as not there at all."""
    found = salons_for(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def coming(reach: Reach) -> QuerySet[Salon]:
    """What lies ahead or is not ended yet, the nearest first."""
    return salons_for(reach).filter(state=Stage.PLANNED).order_by("day", "starts_at", "pk")


def past(reach: Reach) -> QuerySet[Salon]:
    """What is over, the latest first."""
    return salons_for(reach).exclude(state=Stage.PLANNED).order_by("-day", "-pk")


def may_hold(reach: Reach, unit: int) -> bool:
    """Whether one may plan a salon of this unit: where one works, or sees customers of."""
    return reach.whole_bank or unit in reach.unit_ids or unit in reach.post_unit_ids


def may_lead(reach: Reach, salon: Salon) -> bool:
    """Whether one may change, end and call off: its owner, and who heads its unit."""
    return salon.owner_id == reach.staff_id or reach.whole_bank or salon.unit_id in reach.unit_ids


def units_for(reach: Reach) -> QuerySet[Unit]:
    """Units one may plan a salon of."""
    if reach.whole_bank:
        return Unit.objects.order_by("unit_no")
    return Unit.objects.filter(pk__in=sorted(reach.unit_ids | reach.post_unit_ids)).order_by("unit_no")


def invitations_of(reach: Reach, salon: Salon) -> QuerySet[Invitation]:
    """Who is invited, as far as one sees the customers; those who signed up first, then by code."""
    rows = Invitation.objects.filter(salon=salon)
    if not reach.whole_bank:
        rows = rows.filter(Q(unit__in=sorted(reach.unit_ids)) | Q(keeper__in=sorted(reach.staff_ids)))
    return rows.select_related("party", "keeper", "lead", "brought_by__party").order_by("state", "code")


@dataclass(frozen=True)
class Counts:
    """Numbers of one salon, of the whole of it, whoever asks: how many are invited and what became of it."""

    invited: int
    coming: int
    waiting: int
    declined: int
    came: int
    came_signed: int
    guests: int
    absent: int


def counts_of(salon: Salon) -> Counts:
    """Counts of all invitations of a salon, of every book: numbers only."""
    with within_the_bank():
        told = Invitation.objects.filter(salon=salon).aggregate(
            invited=Count("pk"),
            coming=Count("pk", filter=Q(state=State.COMING)),
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            declined=Count("pk", filter=Q(state=State.DECLINED)),
            came=Count("pk", filter=Q(came_at__isnull=False)),
            came_signed=Count("pk", filter=Q(came_at__isnull=False, state=State.COMING)),
            guests=Count("pk", filter=Q(party=None)),
            absent=Count("pk", filter=Q(came_at=None, state=State.COMING)),
        )
    return Counts(**told)


def attended(reach: Reach, party: Party) -> list[Invitation]:
    """The latest salons a customer was invited to, for the customer page: one query."""
    if nothing_in(party, Invitation) or not reach.covers(party.unit_id, party.keeper_id):
        return []
    rows = Invitation.objects.filter(party__in=numbers_of(party)).select_related("salon")
    return list(rows.order_by("-salon__day", "-pk")[:PANEL_ROWS])


def unit_of(invitation: int) -> int | None:
    """The unit whose rows an invitation stands among; None when there is none: for the open doors alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT salons_unit_of(%s)", [invitation])
        row = cursor.fetchone()
    return row[0] if row else None
