"""Communities and grids (社区网格): kept by an outlet, their customers by the village declared, counts, and events.

Addresses are tokens in the lake and stand encrypted in the vault; nobody searches them, so a community is made of the
villages and communities (居住村/社区) customers name to the bank.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party, PartyState
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.models import Lead
from guanxi.crm.organisation.models import Unit, UnitScope
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.salons import selectors
from guanxi.crm.salons.models import Community, Invitation, Salon
from guanxi.crm.salons.rules import Stage
from guanxi.crm.scores.tiers import TierNames

PERSON = "person"


@dataclass(frozen=True)
class CommunityDraft:
    """A community as somebody keeps it."""

    unit: Unit
    name: str
    villages: tuple[str, ...]
    about: str = ""


@dataclass
class Figures:
    """A community in numbers, within the reader's reach; AUM in fen, tiers as (name, customers), the highest first."""

    customers: int = 0
    aum_fen: int = 0
    tiers: list[tuple[str, int]] = field(default_factory=list)
    leads: int = 0
    events: int = 0
    ahead: int = 0


@transaction.atomic
def keep(acting: Acting, draft: CommunityDraft, community: Community | None = None) -> Community:
    """A new community of a unit one works at or heads, or another form of one there is; its unit stays.

    ValidationError: no village, the name is taken, or a village belongs to another community of the unit.
    """
    acting.need(Right.RUN_SALONS)
    unit = community.unit if community else draft.unit
    if not selectors.may_hold(acting.reach, unit.pk):
        raise PermissionDenied("a community of another unit")
    Unit.objects.select_for_update().get(pk=unit.pk)  # two at once would not see each other's villages
    _check(draft, unit, community)
    kept = community or Community(unit=unit, made_by=acting.by, made_at=acting.now)
    kept.name, kept.about, kept.villages = draft.name.strip(), draft.about, sorted(set(draft.villages))
    kept.save()
    verb = "salons.community_changed" if community else "salons.community_kept"
    audit.record(by=acting.by, verb=verb, on=kept, villages=len(kept.villages), unit=unit.unit_no)
    return kept


def _check(draft: CommunityDraft, unit: Unit, community: Community | None) -> None:
    if not draft.villages:
        raise ValidationError(_("Choose at least one village."))
    others = Community.objects.filter(unit=unit, closed_on=None)
    if community is not None:
        others = others.exclude(pk=community.pk)
    for other in others:
        if other.name == draft.name.strip():
            raise ValidationError(_("The outlet has a community of this name."))
        taken = set(other.villages) & set(draft.villages)
        if taken:
            told = {"village": min(taken), "name": other.name}
            raise ValidationError(_("%(village)s belongs to %(name)s already.") % told)


def communities_for(reach: Reach) -> QuerySet[Community]:
    """Communities of units within reach and of those one works at, by outlet and name."""
    rows = Community.objects.filter(closed_on=None).select_related("unit").order_by("unit__unit_no", "name")
    if reach.whole_bank:
        return rows
    return rows.filter(unit__in=sorted(reach.unit_ids | reach.post_unit_ids))


def community_or_404(reach: Reach, uuid: UUID) -> Community:
    """The community with this key; out of reach answers exactly as not there at all."""
    found = communities_for(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def members(reach: Reach, community: Community) -> QuerySet[Party]:
    """The community's customers within reach."""
    units = UnitScope.objects.filter(unit=community.unit_id).values_list("member", flat=True)
    return visible_to(reach).filter(
        state=PartyState.ACTIVE, village__in=list(community.villages), unit__in=units
    )


def leads_of(reach: Reach, community: Community) -> QuerySet[Lead]:
    """People who signed up for the community's events and are no customers yet, within reach, the latest first."""
    signed = _within(reach, Invitation.objects.filter(salon__community=community))
    return Lead.objects.filter(pk__in=signed.values("lead"), party=None).order_by("-made_at", "-pk")


def events_of(reach: Reach, community: Community) -> QuerySet[Salon]:
    """The community's events within reach, the latest first."""
    return selectors.salons_for(reach).filter(community=community).order_by("-day", "-pk")


def villages_of(reach: Reach, units: Iterable[int]) -> list[tuple[str, int]]:
    """Villages that customers of these units (and below) within reach declare, with how many, by name."""
    scope = UnitScope.objects.filter(unit__in=sorted(units)).values_list("member", flat=True)
    rows = visible_to(reach).filter(state=PartyState.ACTIVE, unit__in=scope).exclude(village=None)
    counted = rows.order_by("village").values_list("village").annotate(n=Count("pk"))
    return [(str(name), n) for name, n in counted if name]


def figures(reach: Reach, communities: Sequence[Community], names: TierNames) -> dict[int, Figures]:
    """Each community in numbers, in four statements however many there are."""
    made = {one.pk: Figures() for one in communities}
    _add_customers(reach, communities, names, made)
    signed = _within(reach, Invitation.objects.filter(salon__community__in=made, lead__isnull=False))
    leads = signed.filter(lead__party=None).order_by().values_list("salon__community")
    for key, number in leads.annotate(n=Count("lead", distinct=True)):
        made[key].leads = number
    events = selectors.salons_for(reach).filter(community__in=made).order_by().values_list("community")
    ahead = Count("pk", filter=Q(state=Stage.PLANNED))
    for key, held, planned in events.annotate(n=Count("pk"), ahead=ahead):
        made[key].events, made[key].ahead = held, planned
    return made


def _add_customers(
    reach: Reach, communities: Sequence[Community], names: TierNames, made: dict[int, Figures]
) -> None:
    above = defaultdict(set)
    for unit, member in UnitScope.objects.filter(unit__in={one.unit_id for one in communities}).values_list(
        "unit", "member"
    ):
        above[member].add(unit)
    of = {(one.unit_id, village): one.pk for one in communities for village in one.villages}
    rows = visible_to(reach).filter(
        state=PartyState.ACTIVE, village__in={village for _unit, village in of}, unit__in=list(above)
    )
    tiers: dict[int, dict[tuple[str, int], int]] = defaultdict(lambda: defaultdict(int))
    grouped = rows.order_by().values_list(
        "unit", "village", "partyscore__tier_scheme", "partyscore__tier_rank"
    )
    for unit, village, scheme, rank, number, fen in grouped.annotate(
        n=Count("pk"), fen=Sum("partyscore__aum_fen")
    ):
        for key in {of[place, str(village)] for place in above[unit] if (place, village) in of}:
            made[key].customers += number
            made[key].aum_fen += int(fen or 0)
            if scheme == PERSON and rank is not None:
                tiers[key][scheme, rank] += number
    for key, counted in tiers.items():
        ordered = sorted(counted.items(), key=lambda one: -one[0][1])
        made[key].tiers = [(names.label(*tier), number) for tier, number in ordered]


def _within(reach: Reach, rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    if reach.whole_bank:
        return rows
    return rows.filter(Q(unit__in=sorted(reach.unit_ids)) | Q(keeper__in=sorted(reach.staff_ids)))
