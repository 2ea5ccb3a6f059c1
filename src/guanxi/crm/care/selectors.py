"""Reads of care. Each asks for a reach and shows nothing without one; row security is behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import ExtractDay, ExtractMonth
from django.http import Http404

from guanxi.crm.care import dates
from guanxi.crm.care.models import COUNTED, Gift, GiftState, ImportantDate, LifeEvent, Voice, VoiceState
from guanxi.crm.care.rules import Sums
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of, within
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.greetings import birthdays_on, days


@dataclass(frozen=True)
class Done:
    """One thing of care on a customer's page: a gift, an event, or an important date that stands.

    Of a date `state` is its calendar and `number` its month times 100 and day; of a gift `number` is its value in fen.
    """

    what: str  # gift, event or date
    day: date
    kind: str
    state: str
    number: int


@dataclass(frozen=True)
class Birthday:
    """Somebody of one's book whose birthday comes; `noted` where it is kept as a person noted it."""

    day: date
    party: Party
    age: int | None
    score: PartyScore
    noted: ImportantDate | None = None


def sums_of(party: Party, giver: Staff, budget: str, year: int) -> Sums:
    """What counts in a year: to this customer under all numbers, by this giver to anybody, from the outlet's budget.

    The database answers it through one function: a manager does not see what colleagues gave, the sums count all.
    """
    with connection.cursor() as cursor:
        told: list[Any] = [party.merged_into_id or party.pk, giver.pk, party.unit_id, budget, year]
        cursor.execute("SELECT * FROM care_gift_sums(%s, %s, %s, %s, %s)", told)
        row = cursor.fetchone()
    return Sums(*(int(fen) for fen in row)) if row else Sums()


def tier_of(reach: Reach, party: Party, today: date) -> tuple[str | None, str | None]:
    """The scheme and the code of the tier this customer holds; one query."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None, None
    score = PartyScore.objects.filter(party=party).only("tier_scheme", "tier_rank").first()
    band = tier_names(today).band(score.tier_scheme, score.tier_rank) if score else None
    return (score.tier_scheme, band.code) if score and band else (None, None)


def gifts(reach: Reach) -> QuerySet[Gift]:
    """The ledger within reach, and what one gave oneself; the latest first."""
    rows = Gift.objects.select_related("party", "staff", "paid_by", "decided_by")
    if not reach.sees_customers:
        return rows.none()
    seen = rows if reach.whole_bank else rows.filter(_seen(reach) | Q(staff=reach.staff_id))
    return seen.order_by("-day", "-pk")


def waiting(reach: Reach) -> QuerySet[Gift]:
    """Gifts that wait for this person's word: within reach and not one's own."""
    return gifts(reach).filter(state=GiftState.WAITING).exclude(staff=reach.staff_id)


def gift_or_404(reach: Reach, number: int) -> Gift:
    """A gift of the ledger within reach; otherwise as not there at all."""
    found = gifts(reach).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def news(reach: Reach) -> QuerySet[LifeEvent]:
    """Life events of customers within reach, the latest first."""
    return within(LifeEvent.objects.all(), reach).select_related("party", "staff").order_by("-day", "-pk")


def voices(reach: Reach) -> QuerySet[Voice]:
    """Suggestions of customers within reach, and those one handed in; what is open first, the earliest due first."""
    rows = Voice.objects.select_related("party", "staff", "answered_by", "unit")
    if not reach.sees_customers:
        return rows.none()
    seen = rows if reach.whole_bank else rows.filter(_seen(reach) | Q(staff=reach.staff_id))
    return seen.order_by(F("answered_on").desc(nulls_first=True), "due_on", "-pk")


def voice_or_404(reach: Reach, number: int) -> Voice:
    """A suggestion within reach; otherwise as not there at all."""
    found = voices(reach).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def done_for(reach: Reach, party: Party, today: date) -> list[Done]:
    """This year's gifts, the events of the last year and the dates that stand, the latest first; one query."""
    nothing = all(nothing_in(party, table) for table in (Gift, LifeEvent, ImportantDate))
    if nothing or not reach.covers(party.unit_id, party.keeper_id):
        return []
    own = numbers_of(party)
    given = Gift.objects.filter(party__in=own, state__in=COUNTED, day__gte=today.replace(month=1, day=1))
    told = LifeEvent.objects.filter(party__in=own, day__gte=today - timedelta(days=366))
    standing = ImportantDate.objects.filter(party__in=own, ended_on=None)
    columns = ("said", "said_day", "kind", "said_state", "number")
    gifts_too = given.annotate(
        said=Value("gift"), said_day=F("day"), said_state=F("state"), number=F("value_fen")
    ).values_list(*columns)
    events_too = told.annotate(
        said=Value("event"), said_day=F("day"), said_state=Value(""), number=Value(0)
    ).values_list(*columns)
    dates_too = standing.annotate(
        said=Value("date"),
        said_day=F("noted_on"),
        said_state=F("calendar"),
        number=F("month") * 100 + F("dom"),
    ).values_list(*columns)
    rows = gifts_too.order_by().union(events_too.order_by(), dates_too.order_by(), all=True)
    return sorted((Done(*row) for row in rows), key=lambda one: one.day, reverse=True)


def given_in_year(parties: list[int], today: date) -> dict[int, int]:
    """Fen given this calendar year by customer, of those that count."""
    rows = Gift.objects.filter(party__in=parties, state__in=COUNTED, day__gte=today.replace(month=1, day=1))
    sums: dict[int, int] = {}
    for party, fen in rows.values_list("party", "value_fen"):
        sums[party] = sums.get(party, 0) + fen
    return sums


def birthdays(reach: Reach, first: date, last: date) -> list[Birthday]:
    """Persons of one's own book (and of books one covers for) whose birthday is greeted from `first` to `last`.

    A birthday that a person noted (by the lunar calendar, for one) stands before the birth date of the papers.
    """
    rows = PartyScore.objects.filter(
        keeper__in=sorted(reach.staff_ids), party__state="active", party__merged_into=None,
        party__kind__in=("person", "sole_trader"),
    ).select_related("party")  # fmt: skip
    found = [*_by_papers(rows, first, last), *_as_noted(rows, reach, first, last)]
    return sorted(found, key=lambda one: (one.day, -(one.score.aum_fen or 0), one.party.pk))


def _by_papers(rows: QuerySet[PartyScore], first: date, last: date) -> Iterator[Birthday]:
    greeted = {born: day for day in days(first, last) for born in birthdays_on(day)}
    rows = rows.filter(party__birth_date__isnull=False)
    rows = rows.exclude(party__in=dates.noted_birthdays().values("party"))
    coming = rows.annotate(month=ExtractMonth("party__birth_date"), dom=ExtractDay("party__birth_date"))
    wanted = Q(pk__in=[])
    for month in {born[0] for born in greeted}:
        wanted |= Q(month=month, dom__in=[dom for at, dom in greeted if at == month])
    for score in coming.filter(wanted):
        born = score.party.birth_date
        assert born is not None  # asked for above
        day = greeted[(born.month, born.day)]
        yield Birthday(day, score.party, day.year - born.year, score)


def _as_noted(rows: QuerySet[PartyScore], reach: Reach, first: date, last: date) -> Iterator[Birthday]:
    noted = {one.row.party_id: one for one in dates.of_book(reach, first, last) if one.row.kind == "birthday"}
    for score in rows.filter(party__in=noted) if noted else ():
        one = noted[score.party_id]
        yield Birthday(one.day, score.party, one.years, score, one.row)


def open_voices(reach: Reach) -> QuerySet[Voice]:
    """Those head office has not answered yet."""
    return voices(reach).filter(state__in=[VoiceState.HANDED_IN, VoiceState.TAKEN])


def _seen(reach: Reach) -> Q:
    return Q(unit__in=sorted(reach.unit_ids)) | Q(keeper__in=sorted(reach.staff_ids))
