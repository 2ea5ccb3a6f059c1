"""Reads over the other rooms, for a team: each a fixed number of queries, within the reader's reach."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length, Trim

from guanxi.crm.foresight.models import EarlyWarning, ListState
from guanxi.crm.foresight.selectors import warnings
from guanxi.crm.interactions import selectors as interactions
from guanxi.crm.interactions.models import Contact, Promise, PromiseState
from guanxi.crm.keeping import selectors as keeping
from guanxi.crm.keeping.models import PoolEntry
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.performance.models import (
    Advice,
    Decision,
    DecisionState,
    Efficiency,
    Measure,
    Pack,
    PersonFigure,
    TeamMedian,
)
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.rules import Count
from guanxi.crm.scores.models import Maturity, PartyScore
from guanxi.crm.scores.reports.places import Place, rows_at
from guanxi.crm.scores.selectors import maturities, scores_within
from guanxi.crm.visits.models import Visit
from guanxi.crm.worklist.models import STANDING, Task


def untouched_warnings(reach: Reach, place: Place | None, terms: Terms) -> QuerySet[EarlyWarning]:
    """Warnings on the lists for the policy's days or longer with no contact since, the oldest first."""
    since = terms.on - timedelta(days=terms.work.untouched_days)
    touched = Contact.objects.filter(party=OuterRef("party"), day__gte=OuterRef("listed_on"))
    rows = rows_at(warnings(reach), reach, place)
    listed = rows.filter(state=ListState.LISTED, listed_on__lte=since)
    return listed.filter(~Exists(touched)).order_by("listed_on", "-at_stake_fen", "party")


def broken_promises(reach: Reach, place: Place | None, terms: Terms) -> QuerySet[Promise]:
    """Promises not kept by their day and its grace, nor since; the oldest first."""
    line = terms.on - timedelta(days=terms.talk.promise_grace_days)
    late = Q(state=PromiseState.BROKEN) | Q(state=PromiseState.OPEN, due_on__lt=line)
    return rows_at(interactions.promises(reach), reach, place).filter(late).order_by("due_on", "pk")


def uncovered(reach: Reach, place: Place | None, terms: Terms) -> QuerySet[PartyScore]:
    """Customers of a tier with a cadence whom nobody reached within it, the wealthiest first."""
    late = Q(pk=None)
    for scheme, rank, days in terms.cadences:
        since = terms.on - timedelta(days=days)
        counted = counted_contacts(terms).filter(party=OuterRef("party"))
        in_time = Exists(counted.filter(day__gt=since, day__lte=terms.on))
        late |= Q(~in_time, tier_scheme=scheme, tier_rank=rank)
    rows = rows_at(scores_within(reach), reach, place).filter(late, keeper__isnull=False)
    return rows.select_related("party", "unit", "keeper").defer("details")


def counted_contacts(terms: Terms) -> QuerySet[Contact]:
    """Contacts that count: the customer was reached and, for a visit, there is evidence."""
    recorded = Visit.objects.filter(contact__isnull=False)
    proven = Q(pk__in=recorded.filter(is_proven=True).values("contact"))
    noted = ~Q(pk__in=recorded.values("contact")) & Q(signs__gte=terms.work.note_length)
    rows = Contact.objects.annotate(signs=Length(Trim("note")))
    return rows.filter(~Q(channel="visit") | proven | noted, outcome__in=terms.reached)


def unassigned(reach: Reach, place: Place | None) -> QuerySet[PoolEntry]:
    """待分配池: customers in managed scope whom nobody keeps, the earliest due first."""
    rows = rows_at(keeping.pool(reach), reach, place).select_related("party", "party__partyscore", "unit")
    return rows.defer("party__partyscore__details").order_by("due_on", "party")


def standing_tasks(reach: Reach, place: Place, until: date) -> QuerySet[Task]:
    """Tasks of the place not done yet and due by that day, the oldest first."""
    rows = Task.objects.filter(unit__in=place.members, state__in=STANDING, due_on__lte=until)
    told = rows.filter(unit__in=sorted(reach.unit_ids)).select_related("party", "assignee", "unit", "keeper")
    return told.order_by("due_on", "-value_fen", "pk")


def maturing_between(reach: Reach, place: Place | None, first: date, last: date) -> QuerySet[Maturity]:
    """What matures in these days, the largest first."""
    rows = rows_at(maturities(reach), reach, place).filter(matures_on__range=(first, last))
    return rows.order_by("matures_on", "-amount_fen", "account_no")


def figures_of(
    staff: Iterable[int], *, using: str = "default"
) -> tuple[date | None, Mapping[int, Mapping[Measure, Count]]]:
    """The figures of these people as the last night measured them, with its day."""
    rows = PersonFigure.objects.using(using).filter(staff__in=list(staff))
    as_of = rows.order_by("-as_of").values_list("as_of", flat=True).first()
    found: dict[int, dict[Measure, Count]] = {}
    for row in rows.filter(as_of=as_of) if as_of else ():
        found.setdefault(row.staff_id, {})[Measure(row.measure)] = Count(row.hits, row.cases, row.expected)
    return as_of, found


def outputs_of(staff: Iterable[int]) -> list[Efficiency]:
    """The adjusted outputs of these people as the last night counted them, within the reader's reach."""
    rows = Efficiency.objects.filter(staff__in=list(staff))
    latest = rows.order_by("-as_of").values("as_of")[:1]
    return list(rows.filter(as_of=latest).select_related("staff", "unit").order_by("staff", "-output"))


def medians_for(units: Iterable[int], role: str, as_of: date | None) -> Mapping[Measure, TeamMedian]:
    """The medians of a role in the smallest of these units, which lie one above the other, that has any."""
    if as_of is None:
        return {}
    rows = TeamMedian.objects.filter(unit__in=list(units), role=role, as_of=as_of).select_related("unit")
    found: dict[Measure, TeamMedian] = {}
    for row in sorted(rows, key=lambda one: one.people):
        found.setdefault(Measure(row.measure), row)
    return found


def packs(reach: Reach, place: Place) -> QuerySet[Pack]:
    """The packs of a unit, the latest first."""
    rows = Pack.objects.filter(unit=place.unit, unit__in=sorted(reach.unit_ids))
    return rows.select_related("unit", "made_by").order_by("-week")


def pack_within(reach: Reach, number: int) -> Pack | None:
    """One pack, when its unit is within reach."""
    rows = Pack.objects.select_related("unit", "made_by").filter(unit__in=sorted(reach.unit_ids))
    return rows.filter(pk=number).first()


def decisions_of(pack: Pack) -> QuerySet[Decision]:
    """What was decided in one meeting, in the order it was."""
    return Decision.objects.filter(pack=pack).select_related("owner").order_by("pk")


def decisions_before(pack_unit: int, week: date) -> QuerySet[Decision]:
    """Decisions of earlier meetings of a unit that are open, or were made or closed in the week before this one."""
    before = week - timedelta(days=7)
    recent = Q(state=DecisionState.OPEN) | Q(pack__week__gte=before) | Q(closed_on__gte=before)
    rows = Decision.objects.filter(recent, unit=pack_unit, pack__week__lt=week)
    return rows.select_related("owner").order_by("due_on", "pk")


def decisions_open(unit: int) -> QuerySet[Decision]:
    """What meetings of a unit decided and nobody has closed, the soonest due first."""
    rows = Decision.objects.filter(unit=unit, state=DecisionState.OPEN)
    return rows.select_related("owner").order_by("due_on", "pk")


def decisions_owned(staff: Staff) -> QuerySet[Decision]:
    """What meetings asked of a person and is still to do."""
    return Decision.objects.filter(owner=staff, state=DecisionState.OPEN).order_by("due_on", "pk")


def advice_about(reach: Reach, staff: Iterable[int]) -> QuerySet[Advice]:
    """Advice given to these people, the latest first; one's own too."""
    rows = Advice.objects.filter(Q(unit__in=sorted(reach.unit_ids)) | Q(staff=reach.staff_id))
    return rows.filter(staff__in=list(staff)).select_related("coach", "staff").order_by("-given_on", "-pk")


def recent_notes(staff: int, first: date, last: date) -> list[int]:
    """Keys of the contacts of a person that have a note, in these days."""
    rows = Contact.objects.filter(staff=staff, day__range=(first, last)).exclude(note="")
    return list(rows.order_by("-day", "-pk").values_list("pk", flat=True)[:200])


def contacts_by_key(keys: Iterable[int]) -> list[Contact]:
    """These contacts, as far as row security shows them, the latest first."""
    rows = Contact.objects.filter(pk__in=list(keys)).select_related("party", "unit", "keeper")
    return list(rows.order_by("-at", "-pk"))


def advice_in(reach: Reach, place: Place) -> QuerySet[Advice]:
    """Advice given to the people of a place, that to be looked at soonest first."""
    rows = Advice.objects.filter(unit__in=sorted(reach.unit_ids & set(place.members)))
    return rows.select_related("coach", "staff").order_by("review_on", "pk")
