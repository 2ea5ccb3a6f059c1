"""Reads of leads and opportunities. Each asks for a reach; row security is behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import Http404

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.leads.models import (
    Kind,
    Lead,
    LeadEvent,
    LeadList,
    LeadSource,
    MapStep,
    Opportunity,
    Specialism,
)
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.program import within_the_bank
from guanxi.crm.leads.rules import WORKED, Deed, State
from guanxi.crm.organisation.models import Staff, Unit, UnitScope
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import posts_on

LET_GO = (Deed.LAPSE, Deed.GIVE_BACK)
_ROW = ("unit", "owner", "handed_by", "batch", "source")


def leads_seen(reach: Reach) -> QuerySet[Lead]:
    """Every lead this person may open: handed in, held, of one's units as head, published where one works."""
    wanted: Q = Q(handed_by=reach.staff_id)
    if reach.may(Right.WORK_LEADS):
        wanted |= Q(owner__in=sorted({reach.staff_id, *reach.staff_ids}))
        wanted |= Q(state=State.PUBLISH, board__in=_boards(reach))
        wanted |= Q(Exists(MapStep.objects.filter(lead=OuterRef("pk"), staff=reach.staff_id)))
    if reach.may(Right.ALLOCATE_LEADS):
        wanted |= Q(unit__in=sorted(reach.unit_ids))
    return Lead.objects.filter(wanted).select_related(*_ROW)


def lead_or_404(reach: Reach, uuid: UUID) -> Lead:
    """The lead with this key; out of reach answers exactly as not there at all."""
    found = leads_seen(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def names_of(reach: Reach, keys: Sequence[str]) -> dict[str, str]:
    """Names of leads by their public key, of those that this person may see."""
    seen = leads_seen(reach).filter(uuid__in=keys).order_by().values_list("uuid", "name", "kind")
    return {
        str(key): shown_name(name, hidden=reach.hides_names and kind == Kind.PERSON)
        for key, name, kind in seen
    }


def handed_in(reach: Reach) -> QuerySet[Lead]:
    """What one handed in oneself, the newest first."""
    return Lead.objects.filter(handed_by=reach.staff_id).select_related("unit").order_by("-made_at", "-pk")


def held(reach: Reach) -> QuerySet[Lead]:
    """What one works, and what people one covers for work; the soonest to run out first."""
    owners = sorted({reach.staff_id, *reach.staff_ids})
    rows = Lead.objects.filter(owner__in=owners, state__in=WORKED).select_related(*_ROW)
    return rows.order_by("protected_until", "pk")


def board(reach: Reach) -> QuerySet[Lead]:
    """The published leads of the meetings one sits in, the oldest publication first."""
    rows = Lead.objects.filter(state=State.PUBLISH)
    seen = Q(board__in=_boards(reach))
    if reach.may(Right.ALLOCATE_LEADS):
        seen |= Q(unit__in=sorted(reach.unit_ids))
    return rows.filter(seen).select_related(*_ROW).order_by("published_on", "pk")


def of_units(reach: Reach, *states: State) -> QuerySet[Lead]:
    """A head's leads in these states, the oldest first."""
    if not reach.may(Right.ALLOCATE_LEADS):
        return Lead.objects.none()
    rows = Lead.objects.filter(unit__in=sorted(reach.unit_ids), state__in=states)
    return rows.select_related(*_ROW).order_by("made_on", "pk")


def moved_since(reach: Reach, day: date) -> QuerySet[LeadEvent]:
    """What happened to a head's leads from this day on, newest first."""
    rows = LeadEvent.objects.filter(lead__unit__in=sorted(reach.unit_ids), on__gte=day)
    return rows.select_related("lead", "by", "staff").order_by("-at", "-pk")


def events_of(lead: Lead) -> QuerySet[LeadEvent]:
    """A lead's history, newest first."""
    return LeadEvent.objects.filter(lead=lead).select_related("by", "staff").order_by("-at", "-pk")


def steps_of(lead: Lead) -> QuerySet[MapStep]:
    """The battle map, by due date."""
    return MapStep.objects.filter(lead=lead).select_related("staff").order_by("due_on", "pk")


def handed_in_on(person: Staff, day: date) -> int:
    """How many leads somebody handed in by hand that day; lists are counted by themselves."""
    return Lead.objects.filter(handed_by=person, made_on=day, batch=None).count()


def in_hand(person: Staff) -> int:
    """How many leads somebody works now."""
    return Lead.objects.filter(owner=person, state__in=WORKED).count()


def room_of(people: Iterable[int], today: date) -> dict[int, int]:
    """How many more leads each of these may take, wherever the ones in hand come from."""
    limit = lead_policy(today).open_leads
    keys = list(people)
    with within_the_bank():
        rows = Lead.objects.filter(owner__in=keys, state__in=WORKED)
        held = dict(rows.values_list("owner").annotate(number=Count("pk")))
    return {key: max(0, limit - held.get(key, 0)) for key in keys}


def resting_for(person: Staff, today: date) -> set[int]:
    """Leads this person let go too short a time ago to have again."""
    return set(_resting(today).filter(staff=person).values_list("lead_id", flat=True))


def resting(leads: Iterable[int], today: date) -> dict[int, frozenset[int]]:
    """Of each of these leads, who may not have it again yet."""
    found: dict[int, set[int]] = {}
    for lead, person in _resting(today).filter(lead__in=list(leads)).values_list("lead_id", "staff_id"):
        if person is not None:
            found.setdefault(lead, set()).add(person)
    return {lead: frozenset(people) for lead, people in found.items()}


def _resting(today: date) -> QuerySet[LeadEvent]:
    since = today - timedelta(days=lead_policy(today).rest_days)
    return LeadEvent.objects.filter(deed__in=LET_GO, on__gt=since)


def team(reach: Reach, today: date) -> QuerySet[Staff]:
    """Those of one's units who work leads, by name."""
    policy = lead_policy(today)
    roles = {*policy.person_roles, *policy.company_roles}
    posts = posts_on(today, units=reach.unit_ids).filter(role__in=roles)
    return Staff.objects.filter(is_active=True, pk__in=posts.values("staff")).order_by("name", "pk")


def specialisms_of(people: Iterable[Staff]) -> dict[int, list[str]]:
    """Industries each of these knows."""
    found: dict[int, list[str]] = {}
    rows = Specialism.objects.filter(staff__in=list(people)).order_by("staff", "industry")
    for person, industry in rows.values_list("staff_id", "industry"):
        found.setdefault(person, []).append(industry)
    return found


@dataclass(frozen=True)
class Funnel:
    """One row of the funnel (E16): how many came, and how far they got; each further stage is among the one before."""

    origin: str
    name: str
    came: int
    known: int
    assigned: int
    contacted: int
    interested: int
    sold: int
    sold_fen: int | None


def funnel(reach: Reach) -> list[Funnel]:
    """Per list, web form or origin, for a head's units; the newest list first."""
    won = Q(state=State.WON)
    interested = Q(interested_on__isnull=False) | won
    contacted = Q(contacted_on__isnull=False) | interested
    assigned = Q(owner__isnull=False) | contacted
    rows: Any = (
        Lead.objects.filter(unit__in=sorted(reach.unit_ids))
        .values("origin", "batch__name", "batch_id", "source__name")
        .annotate(
            came=Count("pk"),
            known=Count("pk", filter=Q(state__in=(State.KNOWN, State.TWICE))),
            assigned=Count("pk", filter=assigned),
            contacted=Count("pk", filter=contacted),
            interested=Count("pk", filter=interested),
            sold=Count("pk", filter=won),
            sold_fen=Sum("sold_fen"),
        )
        .order_by("-batch_id", "origin", "source__name")
    )
    counts = ("came", "known", "assigned", "contacted", "interested", "sold", "sold_fen")
    return [
        Funnel(
            row["origin"], row["batch__name"] or row["source__name"] or "", *(row[name] for name in counts)
        )
        for row in rows
    ]


def lists_of(reach: Reach) -> QuerySet[LeadList]:
    """Lists brought for one's units, the newest first."""
    rows = LeadList.objects.filter(unit__in=sorted(reach.unit_ids)).select_related("brought_by", "unit")
    return rows.order_by("-brought_at", "-pk")


def sources() -> QuerySet[LeadSource]:
    """All web forms, those that still may call first."""
    return LeadSource.objects.select_related("unit", "made_by").order_by("revoked_at", "name")


def opportunities(reach: Reach) -> QuerySet[Opportunity]:
    """One's own opportunities and, for a head, those of one's units; the soonest first."""
    seen = Q(owner__in=sorted({reach.staff_id, *reach.staff_ids}))
    if reach.may(Right.ALLOCATE_LEADS):
        seen |= Q(unit__in=sorted(reach.unit_ids))
    rows = Opportunity.objects.filter(seen).select_related("party", "lead", "owner")
    return rows.order_by("expected_on", "pk")


def opportunities_of(reach: Reach, party: Party) -> QuerySet[Opportunity]:
    """The opportunities of a customer within reach, open ones first, then the latest ended."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return Opportunity.objects.none()
    rows = Opportunity.objects.filter(party=party).select_related("owner")
    return rows.order_by("outcome", "-stage_on", "-pk")


def _boards(reach: Reach) -> Any:
    """The units whose meetings one sits in: those above one's posts, and these themselves."""
    return UnitScope.objects.filter(member__in=sorted(reach.post_unit_ids)).values("unit")


def colleagues_of(reach: Reach, today: date) -> QuerySet[Staff]:
    """Everybody with a post at one of one's own outlets, by name."""
    posts = posts_on(today, units=reach.post_unit_ids)
    return Staff.objects.filter(is_active=True, pk__in=posts.values("staff")).order_by("name", "pk")


def outlets() -> QuerySet[Unit]:
    """Where a lead may be nearest: every unit without others below it."""
    return Unit.objects.filter(children=None).order_by("unit_no")
