"""Writes on notes: written, changed by a next version, withdrawn with a reason. Each audited in its transaction."""

from datetime import date, datetime
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.archive.models import LONGEST_NOTE, Note
from guanxi.crm.customers.archive.selectors import reads_notes
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import reach_of


@transaction.atomic
def write_note(*, by: Staff, party: Party, text: str, pinned: bool, today: date, now: datetime) -> Note:
    """Write a note about a customer within reach; ValidationError for an empty or too long text."""
    _may(by, party, today)
    note = Note.objects.create(
        party=party,
        thread=uuid4(),
        text=_checked(text),
        pinned=pinned,
        author=by,
        author_name=by.name,
        written_at=now,
    )
    audit.record(by=by, verb="customers.note_written", on=note, party=party.pk)
    return note


@transaction.atomic
def change_note(*, by: Staff, note: Note, text: str, pinned: bool, today: date, now: datetime) -> Note:
    """The next version of a note; the one before stays readable. The same text and pin again change nothing.

    ValidationError when somebody changed or withdrew it since it was read.
    """
    before = _standing(by, note, today)
    said = _checked(text)
    if (before.text, before.pinned) == (said, pinned):
        return before
    Note.objects.filter(pk=before.pk).update(is_latest=False)
    made = Note.objects.create(
        party=before.party, thread=before.thread, version=before.version + 1, text=said, pinned=pinned, author=by,
        author_name=by.name, written_at=now,
    )  # fmt: skip
    audit.record(by=by, verb="customers.note_changed", on=made, party=made.party_id, version=made.version)
    return made


@transaction.atomic
def withdraw_note(*, by: Staff, note: Note, reason: str, today: date, now: datetime) -> None:
    """Withdraw a note: its author or a head; it stays readable in the archive with who withdrew it and why."""
    standing = _standing(by, note, today)
    if standing.author_id != by.pk and not reach_of(by, today).may(Right.ASSIGN_KEEPER):
        raise PermissionDenied("only its author or a head withdraws a note")
    if not reason.strip():
        raise ValidationError(_("Say why the note is withdrawn."))
    Note.objects.filter(pk=standing.pk).update(
        withdrawn_at=now, withdrawn_by=by, withdrawn_why=reason.strip()[:200]
    )
    audit.record(
        by=by, verb="customers.note_withdrawn", on=standing, party=standing.party_id, reason=reason.strip()
    )


def _may(by: Staff, party: Party, today: date) -> None:
    reach = reach_of(by, today)
    if not reads_notes(reach) or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not write notes about this customer")


def _standing(by: Staff, note: Note, today: date) -> Note:
    """The version that was read, locked, while it still stands."""
    _may(by, note.party, today)
    rows = Note.objects.select_for_update(of=("self",)).select_related("party")
    found = rows.filter(pk=note.pk, is_latest=True, withdrawn_at=None).first()
    if found is None:
        raise ValidationError(_("Somebody changed or withdrew this note meanwhile. Read it again."))
    return found


def _checked(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_NOTE:
        raise ValidationError(_("A note has one to %(most)s characters.") % {"most": LONGEST_NOTE})
    return said
