"""Reads of the archive. Each asks for a reach; row security is behind it."""

from uuid import UUID

from django.db.models import F, QuerySet
from django.http import Http404

from guanxi.crm.customers.archive.models import Note, ProfileChange
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.organisation.rules import Reach, Right


def reads_notes(reach: Reach) -> bool:
    """Whether notes are shown at all: to managers, planners and heads, who may see a customer unmasked."""
    return reach.may(Right.REVEAL) and not reach.masked


def notes_of(reach: Reach, party: Party) -> QuerySet[Note]:
    """The notes that stand about a customer within reach, the pinned first, then the latest; one query."""
    return (
        all_notes_of(reach, party)
        .filter(is_latest=True, withdrawn_at=None)
        .order_by("-pinned", "-written_at", "-pk")
    )


def all_notes_of(reach: Reach, party: Party) -> QuerySet[Note]:
    """Every version of every note, withdrawn ones too, the latest version of the latest thread first."""
    if not reads_notes(reach) or not reach.covers(party.unit_id, party.keeper_id) or nothing_in(party, Note):
        return Note.objects.none()
    rows = Note.objects.filter(party__in=numbers_of(party)).select_related("withdrawn_by")
    return rows.order_by("-written_at", "-pk")


def changes_of(reach: Reach, party: Party) -> QuerySet[ProfileChange]:
    """What nights changed in the profile (档案变更), the latest first; one query."""
    if not reach.covers(party.unit_id, party.keeper_id) or nothing_in(party, ProfileChange):
        return ProfileChange.objects.none()
    rows = ProfileChange.objects.filter(party__in=numbers_of(party)).exclude(old=F("new"))
    rows = rows.exclude(field="birth_date") if reach.masked else rows
    return rows.order_by("-day", "field", "pk")


def note_or_404(reach: Reach, thread: UUID) -> Note:
    """The version that stands of a note about a customer within reach; otherwise as not there at all."""
    rows = Note.objects.select_related("party", "party__unit", "party__keeper")
    found = (
        rows.filter(thread=thread, is_latest=True, withdrawn_at=None).first() if reads_notes(reach) else None
    )
    if found is None or not reach.covers(found.party.unit_id, found.party.keeper_id):
        raise Http404
    return found
