"""Writes on contacts and promises: one transaction each, audited in it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Channel, Contact, Promise, PromiseState, Source
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.interactions.rules import may_move
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.insight.policies.interaction import InteractionPolicy

OTHER_STEP = "other"


@dataclass(frozen=True)
class PromiseDraft:
    """A promise about to be made: what, by which day, and the next step of the policy it stands for."""

    text: str
    due_on: date
    step: str = OTHER_STEP


@dataclass(frozen=True)
class ContactDraft:
    """What a person wrote down of one contact; `client_key` was made where it was written down."""

    channel: str
    at: datetime
    outcome: str
    client_key: UUID
    note: str = ""
    promise: PromiseDraft | None = None
    intent_family: str = ""
    intent_fen: int | None = None
    source: str = Source.SCREEN


def log_contact(
    *, by: Staff, party: Party, channel: str, at: datetime, outcome: str, note: str = "",
    promise: PromiseDraft | None = None, intent_family: str = "", intent_fen: int | None = None, client_key: UUID,
    today: date, now: datetime, source: str = Source.SCREEN,
) -> Contact:  # fmt: skip
    """Keep a contact of this person with a customer within reach, and what was promised in it.

    The same `client_key` again gives the contact kept first and writes nothing. PermissionDenied without the right or
    out of reach, or for a key another person used; ValidationError says what does not fit the policy. Money in fen.
    """
    draft = ContactDraft(
        channel=channel, at=at, outcome=outcome, client_key=client_key, note=note, promise=promise,
        intent_family=intent_family, intent_fen=intent_fen, source=source,
    )  # fmt: skip
    return keep_draft(by=by, party=party, draft=draft, today=today, now=now)


@transaction.atomic
def keep_draft(*, by: Staff, party: Party, draft: ContactDraft, today: date, now: datetime) -> Contact:
    """The same from a draft."""
    _check_may_log(by, party, today)
    known = Contact.objects.filter(client_key=draft.client_key).first()
    if known is not None:
        return _own(known, by)
    check_draft(draft, interaction_policy(today), today)
    contact = _contact(by, party, draft, now)
    try:
        with transaction.atomic():
            contact.save(force_insert=True)
    except IntegrityError:  # the same key at the same moment: the other one is kept
        return _own(Contact.objects.filter(client_key=draft.client_key).first(), by)
    audit.record(
        by=by, verb="interactions.contact_logged", on=contact, party=party.pk, channel=draft.channel,
        outcome=draft.outcome, source=draft.source, client_key=draft.client_key,
    )  # fmt: skip
    if draft.promise is not None:
        make_promise(by=by, party=party, draft=draft.promise, today=contact.day, contact=contact)
    return contact


def check_draft(draft: ContactDraft, policy: InteractionPolicy, today: date) -> None:
    """Refuse with ValidationError what the policy has no place for."""
    day = day_of(draft.at)
    if day > today:
        raise ValidationError(_("A contact cannot lie ahead."))
    if (today - day).days > policy.late_days:
        told = {"days": policy.late_days}
        raise ValidationError(_("A contact is written down within %(days)s days.") % told)
    outcome = policy.outcome(draft.outcome)
    if draft.channel not in Channel.values or outcome is None or draft.channel not in outcome.channels:
        raise ValidationError(_("This outcome does not fit this channel."))
    if draft.intent_family and draft.intent_family not in policy.intent_families:
        raise ValidationError(_("Choose a product family of the list."))
    if draft.intent_fen is not None and (draft.intent_fen <= 0 or not draft.intent_family):
        raise ValidationError(_("An amount needs a product family and must be above nothing."))
    if draft.promise is not None and draft.promise.due_on < day:
        raise ValidationError(_("A promise is due on the day of the contact or later."))


def make_promise(
    *, by: Staff, party: Party, draft: PromiseDraft, today: date, contact: Contact | None = None
) -> Promise:
    """Keep a promise made to a customer on that day; with the contact in which it was made, where there was one."""
    with transaction.atomic():
        if contact is None:
            _check_may_log(by, party, today)
        if not draft.text.strip() or draft.due_on < today:
            raise ValidationError(_("Say what is promised, and by a day not past."))
        promise = Promise.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, contact=contact, staff=by, step=draft.step,
            text=draft.text.strip()[:200], made_on=today, due_on=draft.due_on,
        )  # fmt: skip
        audit.record(
            by=by, verb="interactions.promise_made", on=promise, party=party.pk, step=draft.step, due_on=draft.due_on
        )  # fmt: skip
    return promise


@transaction.atomic
def keep_promise(*, promise: Promise, by: Staff, now: datetime, today: date | None = None) -> Promise:
    """Say that a promise was kept, also a broken one (late). ValidationError when it is over already."""
    day = today or day_of(now)
    locked = _movable(promise, by, day, PromiseState.KEPT)
    locked.kept_at = now
    return _close(locked, by, day, PromiseState.KEPT, "")


@transaction.atomic
def withdraw_promise(
    *, promise: Promise, by: Staff, now: datetime, note: str, today: date | None = None
) -> Promise:
    """Take a promise back, with the reason the customer was told."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    day = today or day_of(now)
    locked = _movable(promise, by, day, PromiseState.WITHDRAWN)
    return _close(locked, by, day, PromiseState.WITHDRAWN, note.strip()[:200])


def day_of(at: datetime) -> date:
    """The day a moment was here."""
    return timezone.localtime(at).date()


def _contact(by: Staff, party: Party, draft: ContactDraft, now: datetime) -> Contact:
    return Contact(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=by, author_name=by.name,
        channel=draft.channel, at=draft.at, day=day_of(draft.at), outcome=draft.outcome,
        intent_family=draft.intent_family, intent_fen=draft.intent_fen, note=draft.note.strip()[:1000],
        source=draft.source, client_key=draft.client_key, logged_at=now,
    )  # fmt: skip


def _check_may_log(by: Staff, party: Party, today: date) -> Reach:
    reach = reach_of(by, today)
    if not reach.may(Right.LOG_CONTACTS) or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not log contacts with this customer")
    return reach


def _own(known: Contact | None, by: Staff) -> Contact:
    if known is None or known.staff_id != by.pk:
        raise PermissionDenied("this key was used by somebody else")
    return known


def _movable(promise: Promise, by: Staff, today: date, to: str) -> Promise:
    """The promise locked, when it may take that state and its customer is within reach."""
    locked = Promise.objects.select_for_update(of=("self",)).filter(pk=promise.pk).first()
    if locked is None:
        raise PermissionDenied("no such promise within reach")
    reach = reach_of(by, today)
    if not reach.may(Right.LOG_CONTACTS) or not reach.covers(locked.unit_id, locked.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not close this promise")
    if not may_move(locked.state, to):
        raise ValidationError(_("This promise is over already."))
    return locked


def _close(promise: Promise, by: Staff, day: date, state: str, note: str) -> Promise:
    was = promise.state
    promise.state, promise.closed_on, promise.closed_by, promise.closed_note = state, day, by, note
    promise.save(update_fields=["state", "closed_on", "closed_by", "closed_note", "kept_at"])
    audit.record(by=by, verb=f"interactions.promise_{state}", on=promise, was=was, note=note)
    return promise
