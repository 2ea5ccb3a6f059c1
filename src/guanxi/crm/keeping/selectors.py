"""Reads of the keeping room. Each asks for a reach; row security stands behind it."""

from collections.abc import Sequence
from datetime import date

from django.db import connection
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


# Of most customers nothing is open: one question finds out what is.
_OPEN = """
SELECT (SELECT MIN(entry.id) FROM keeping_poolentry AS entry JOIN customers_party AS party ON party.id = entry.party_id
        WHERE entry.party_id = %(party)s AND entry.closed_on IS NULL AND party.keeper_id IS NULL),
       (SELECT MIN(moved.handover_id) FROM keeping_handoverline AS moved
        JOIN keeping_handover AS handover ON handover.id = moved.handover_id
        WHERE moved.party_id = %(party)s AND handover.state = ANY(%(moving)s)),
       (SELECT MIN(id) FROM keeping_exitproposal WHERE party_id = %(party)s AND state = ANY(%(leaving)s)),
       (SELECT MIN(id) FROM keeping_sharedkeeping WHERE party_id = %(party)s AND until IS NULL)
"""


def standing_of(reach: Reach, party: Party) -> dict[str, object]:
    """What of this room is open about one customer: pool entry, hand-over, exit, shared keeping."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return {}
    with connection.cursor() as cursor:
        moving, leaving = ([str(state) for state in states] for states in (STANDING, EXIT_STANDING))
        cursor.execute(_OPEN, {"party": party.pk, "moving": moving, "leaving": leaving})
        pool, handover, exiting, shared = cursor.fetchone() or (None,) * 4
    with_people = HandOver.objects.select_related("giver", "taker")
    return {
        "pool": PoolEntry.objects.get(pk=pool) if pool else None,
        "handover": with_people.get(pk=handover) if handover else None,
        "exit": ExitProposal.objects.get(pk=exiting) if exiting else None,
        "shared": SharedKeeping.objects.get(pk=shared) if shared else None,
    }
