"""Reads for the review of merges: pairs, groups and questions whose people all lie within the asking person's reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404

from guanxi.crm.customers.identity.models import (
    About,
    HouseholdHint,
    IdentityDecision,
    IdentityPair,
    PairState,
    StoppedMember,
    Verdict,
)
from guanxi.crm.customers.models import ContactPoint, Party
from guanxi.crm.organisation.rules import Reach

Listed = TypeVar("Listed", bound=Model)
AT_ONCE = 50
"""Pairs shown at a time, the most certain first: those below come up as the ones above are decided."""


def both_within(rows: QuerySet[Listed], reach: Reach) -> QuerySet[Listed]:
    """Rows of two parties, `left` and `right`, both of them within reach."""
    if not reach.sees_customers:
        return rows.none()
    if reach.whole_bank:
        return rows
    return rows.filter(_side("left", reach), _side("right", reach))


def pairs(reach: Reach, state: PairState) -> QuerySet[IdentityPair]:
    """Pairs in a state, with both sides and their outlets."""
    return both_within(IdentityPair.objects.filter(state=state), reach).select_related(
        "left__unit", "right__unit"
    )


def queue(reach: Reach) -> QuerySet[IdentityPair]:
    """Pairs that wait for a person: not decided since the run, the surest first.

    Behind them those whose valid identity numbers differ (mostly twins), and last those put off for later.
    """
    said = IdentityDecision.objects.filter(about=About.PERSON, left=OuterRef("left"), right=OuterRef("right"))
    waiting = pairs(reach, PairState.REVIEW).filter(
        ~Exists(said.filter(verdict__in=[Verdict.MERGE, Verdict.APART]))
    )
    return waiting.annotate(put_off=Exists(said.filter(verdict=Verdict.LATER))).order_by(
        "put_off", "conflict", "-posterior", "pk"
    )


def pair_or_404(reach: Reach, number: int) -> IdentityPair:
    """One pair within reach; out of reach answers as not there."""
    rows = both_within(IdentityPair.objects.filter(pk=number), reach)
    found = rows.select_related("left__unit", "left__keeper", "right__unit", "right__keeper").first()
    if found is None:
        raise Http404
    return found


def decisions_on(left: Party, right: Party, about: About = About.PERSON) -> list[IdentityDecision]:
    """What was said of two numbers, the latest first."""
    rows = IdentityDecision.objects.filter(about=about, left=left, right=right)
    return list(rows.select_related("staff").order_by("-pk"))


def reached_by(parties: Iterable[Party]) -> dict[int, list[ContactPoint]]:
    """Contact points of these customers, masked forms and all, by party."""
    found: dict[int, list[ContactPoint]] = {}
    for point in ContactPoint.objects.filter(party__in=list(parties)).order_by("-is_primary", "pk"):
        found.setdefault(point.party_id, []).append(point)
    return found


@dataclass(frozen=True)
class Group:
    """A group of numbers that linkage stopped: why, the members within reach, how many there are in all."""

    key: int
    reason: str
    members: list[Party]


def stopped_groups(reach: Reach) -> list[Group]:
    """Stopped groups with at least two members within reach, at most `AT_ONCE`."""
    if not reach.sees_customers:
        return []
    rows = StoppedMember.objects.select_related("party__unit").order_by("group_key", "party_id")
    if not reach.whole_bank:
        rows = rows.filter(_side("party", reach))
    groups: dict[int, list[StoppedMember]] = {}
    for row in rows[: AT_ONCE * 20]:
        groups.setdefault(row.group_key, []).append(row)
    return [
        Group(key, members[0].reason, [row.party for row in members])
        for key, members in list(groups.items())[:AT_ONCE]
        if len(members) > 1
    ]


def household_hints(reach: Reach) -> QuerySet[HouseholdHint]:
    """Questions of households that nobody answered yet."""
    said = IdentityDecision.objects.filter(
        about=About.HOUSEHOLD, left=OuterRef("left"), right=OuterRef("right")
    ).exclude(verdict=Verdict.LATER)
    rows = both_within(HouseholdHint.objects.filter(~Exists(said)), reach)
    return rows.select_related("left__unit", "right__unit").order_by("members", "pk")


def hint_or_404(reach: Reach, number: int) -> HouseholdHint:
    """One question within reach."""
    found = (
        both_within(HouseholdHint.objects.filter(pk=number), reach).select_related("left", "right").first()
    )
    if found is None:
        raise Http404
    return found


def numbers_of(party: Party) -> list[Party]:
    """All numbers of a person, the one that gave the key first."""
    others = Party.objects.filter(merged_into=party).order_by("customer_no")
    return [party, *others]


def _side(name: str, reach: Reach) -> Q:
    units, books = sorted(reach.unit_ids), sorted(reach.staff_ids)
    return Q(**{f"{name}__unit__in": units}) | Q(**{f"{name}__keeper__in": books})
