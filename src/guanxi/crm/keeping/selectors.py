"""Reads of the keeping room. Each asks for a reach; row security stands behind it."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet

from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.customers.selectors import keeper_terms_of, within
from guanxi.crm.keeping.models import (
    EXIT_STANDING,
    MOVING,
    STANDING,
    ExitProposal,
    HandOver,
    HandOverLine,
    OverrideState,
    PoolEntry,
    SharedKeeping,
    TierOverride,
)
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach


def pool(reach: Reach) -> QuerySet[PoolEntry]:
    """Customers within reach who wait for a keeper."""
    return within(PoolEntry.objects.filter(closed_on=None, keeper=None), reach)


def pool_listed(reach: Reach) -> QuerySet[PoolEntry]:
    """The pool as its page lists it, the earliest due first, with names, tiers and the proposal."""
    rows = pool(reach).select_related("party", "party__partyscore", "unit", "proposed")
    return rows.defer("party__partyscore__details").order_by("due_on", "pk")


def handovers(reach: Reach) -> QuerySet[HandOver]:
    """Hand-overs of one's units, and those one gives or takes."""
    rows = HandOver.objects.select_related("unit", "giver", "taker")
    if not reach.sees_customers:
        return rows.none()
    if reach.whole_bank:
        return rows
    mine = Q(giver=reach.staff_id) | Q(taker=reach.staff_id)
    return rows.filter(Q(unit__in=sorted(reach.unit_ids)) | mine)


def lines_of(handover: HandOver) -> QuerySet[HandOverLine]:
    """The customers of a hand-over that one may see, the wealthiest first."""
    return HandOverLine.objects.filter(handover=handover).order_by("-aum_fen", "party_id")


def moving(giver: Staff, unit: Unit) -> frozenset[int]:
    """Keys of the customers this person keeps at a unit who are in a hand-over that is not over."""
    lines = HandOverLine.objects.filter(party__keeper=giver, party__unit=unit, handover__state__in=MOVING)
    return frozenset(lines.values_list("party_id", flat=True))


def exits(reach: Reach) -> QuerySet[ExitProposal]:
    """Exits within reach, the newest first."""
    rows = within(ExitProposal.objects.all(), reach)
    told = rows.select_related(
        "party", "party__partyscore", "unit", "book", "decided_by", "appealed_by", "heard_by"
    )
    return told.defer("party__partyscore__details").order_by("-proposed_on", "pk")


def shared(reach: Reach) -> QuerySet[SharedKeeping]:
    """Customers whom their outlet keeps together, the latest first."""
    rows = within(SharedKeeping.objects.filter(until=None), reach)
    return (
        rows.select_related("party", "party__partyscore", "unit", "exit")
        .defer("party__partyscore__details")
        .order_by("-since", "pk")
    )


def overrides(reach: Reach) -> QuerySet[TierOverride]:
    """Tiers set by hand within reach, what waits first."""
    rows = within(TierOverride.objects.all(), reach)
    return rows.select_related("party", "unit", "keeper", "proposed_by", "decided_by").order_by(
        "-proposed_at", "pk"
    )


def override_on(reach: Reach, party: Party, day: date) -> TierOverride | None:
    """What was approved by hand for this customer and counts on that day or is asked for; None when nothing."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    rows = TierOverride.objects.filter(party=party).select_related("proposed_by", "decided_by")
    counts = Q(state=OverrideState.APPROVED, valid_to__gte=day)
    return rows.filter(counts | Q(state=OverrideState.PROPOSED)).order_by("state", "valid_from").first()


def keeper_history(reach: Reach, party: Party) -> Sequence[KeeperTerm]:
    """Who kept this customer, primary and secondary, the latest first."""
    return list(keeper_terms_of(reach, party))


def standing_of(reach: Reach, party: Party) -> dict[str, object]:
    """What of this room is open about one customer: pool entry, hand-over, exit, shared keeping."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return {}
    handover = HandOver.objects.filter(lines__party=party, state__in=STANDING).select_related(
        "giver", "taker"
    )
    return {
        "pool": PoolEntry.objects.filter(party=party, closed_on=None).first()
        if party.keeper_id is None
        else None,
        "handover": handover.first(),
        "exit": ExitProposal.objects.filter(party=party, state__in=EXIT_STANDING).first(),
        "shared": SharedKeeping.objects.filter(party=party, until=None).first(),
    }
