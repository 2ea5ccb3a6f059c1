"""Important dates of customers (重要日子): noted, ended, and when they come next."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.care.models import Calendar, DateKind, DateSource, ImportantDate
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of, party_or_404
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.organisation.services import require
from guanxi.insight.greetings import days, kept_on, lunar_year, next_kept

EARLIEST = 1900
"""The first year the lunar tables are trusted for."""


@dataclass(frozen=True)
class DateDraft:
    """A date as it is noted; `year` of the same calendar, where known."""

    kind: str
    calendar: str
    month: int
    dom: int
    source: str
    year: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Coming:
    """A date with the day it is kept next, and the years it then counts; None where the year is not known."""

    row: ImportantDate
    day: date
    years: int | None


@transaction.atomic
def note(*, by: Staff, party: Party, draft: DateDraft, today: date) -> ImportantDate:
    """Note a date of a customer within reach; a birthday noted anew ends the one before.

    PermissionDenied without the right or out of reach; ValidationError for a day that no year has.
    """
    _may(by, party, today)
    _check(draft, today)
    own = ImportantDate.objects.select_for_update().filter(party=party, ended_on=None)
    same = own.filter(
        kind=draft.kind, calendar=draft.calendar, month=draft.month, dom=draft.dom, note=draft.note
    ).first()
    if same is not None and same.year == draft.year:
        return same
    if draft.kind == DateKind.BIRTHDAY:
        own.filter(kind=DateKind.BIRTHDAY).update(ended_on=today)
    made = ImportantDate.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=by, kind=draft.kind,
        calendar=draft.calendar, month=draft.month, dom=draft.dom, year=draft.year, note=draft.note.strip()[:60],
        source=draft.source, noted_on=today,
    )  # fmt: skip
    audit.record(by=by, verb="care.date_noted", on=made, party=party.pk, kind=made.kind, source=made.source)
    return made


@transaction.atomic
def end(*, by: Staff, found: ImportantDate, today: date) -> ImportantDate:
    """A date counts no more; the line stays on record."""
    locked = ImportantDate.objects.select_for_update(of=("self",)).select_related("party").get(pk=found.pk)
    _may(by, locked.party, today)
    if locked.ended_on is None:
        locked.ended_on = today
        locked.save(update_fields=["ended_on"])
        audit.record(by=by, verb="care.date_ended", on=locked, party=locked.party_id, kind=locked.kind)
    return locked


def dates_of(reach: Reach, uuid: UUID, today: date) -> tuple[Party, list[Coming]]:
    """A customer within reach with the dates that stand, the next first. Http404 out of reach."""
    party = party_or_404(reach, uuid)
    rows = ImportantDate.objects.select_related("staff").filter(party__in=numbers_of(party), ended_on=None)
    return party, sorted((coming(row, today) for row in rows), key=lambda one: (one.day, one.row.pk))


def date_or_404(reach: Reach, number: int) -> ImportantDate:
    """A date of a customer within reach; otherwise as not there at all."""
    found = ImportantDate.objects.select_related("party").filter(pk=number, ended_on=None).first()
    if found is None or not reach.covers(found.party.unit_id, found.party.keeper_id):
        raise Http404
    return found


def coming(row: ImportantDate, today: date) -> Coming:
    """When it is kept next from today on."""
    day = next_kept((row.calendar, row.month, row.dom), today)
    return Coming(row, day, _years(row, day))


def of_book(reach: Reach, first: date, last: date) -> list[Coming]:
    """The dates of one's own book (and of books one covers for) kept from `first` to `last`, in order."""
    rows = ImportantDate.objects.select_related("party").filter(
        _within(first, last), keeper__in=sorted(reach.staff_ids), ended_on=None, party__state="active",
        party__merged_into=None,
    )  # fmt: skip
    found = [coming(row, first) for row in rows]
    return sorted(found, key=lambda one: (one.day, one.row.pk))


def noted_birthdays() -> QuerySet[ImportantDate]:
    """The birthdays noted of customers the acting person sees: the birth date of their papers is not greeted."""
    return ImportantDate.objects.filter(kind=DateKind.BIRTHDAY, ended_on=None)


def birthdays_kept(first: date, last: date) -> dict[int, date]:
    """The noted birthdays kept from `first` to `last`: day by customer, of customers the acting person sees."""
    rows = noted_birthdays().filter(_within(first, last))
    return {row.party_id: coming(row, first).day for row in rows}


def _within(first: date, last: date) -> Q:
    wanted = Q(pk__in=[])
    for calendar, month, dom in {kept for day in days(first, last) for kept in kept_on(day)}:
        wanted |= Q(calendar=calendar, month=month, dom=dom)
    return wanted


def _years(row: ImportantDate, day: date) -> int | None:
    if row.year is None:
        return None
    return (day.year if row.calendar == Calendar.SOLAR else lunar_year(day)) - row.year


def _check(draft: DateDraft, today: date) -> None:
    known = draft.kind in DateKind.values and draft.calendar in Calendar.values
    if not known or draft.source not in DateSource.values:
        raise ValidationError(_("There is no such kind of date."))
    try:
        next_kept((draft.calendar, draft.month, draft.dom), today)
    except (ValueError, IndexError):
        raise ValidationError(_("No year has such a day.")) from None
    if draft.year is not None and not EARLIEST <= draft.year <= today.year:
        raise ValidationError(_("The year is between 1900 and this year."))
    if draft.kind == DateKind.OTHER and not draft.note.strip():
        raise ValidationError(_("Say what the day is."))


def _may(by: Staff, party: Party, today: date) -> None:
    require(by, Right.GIVE_CARE, today)
    if not reach_of(by, today).covers(party.unit_id, party.keeper_id):
        raise PermissionDenied("not within reach")
