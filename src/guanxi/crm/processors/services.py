"""Writes on the register: entered by one, approved by another on the hash of what was read; ended; supervised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.services import require
from guanxi.crm.processors import rules
from guanxi.crm.processors.models import Processor, State, Supervision


@dataclass(frozen=True)
class Draft:
    """An entry as somebody writes it down; `contract_until` is none only for a channel of the bank's own."""

    vendor: str
    is_own: bool
    purpose: str
    connectors: Sequence[str]
    fields: Sequence[str]
    country: str
    contract_no: str
    contract_from: date
    contract_until: date | None
    supervisor: Staff


@transaction.atomic
def enter(*, by: Staff, draft: Draft, today: date, now: datetime) -> Processor:
    """Enter a processor; it counts once another person approved it. ValidationError for what cannot be one."""
    require(by, Right.KEEP_PROCESSORS, today)
    _check(draft, today)
    made = Processor(
        **{name: value for name, value in vars(draft).items() if name not in ("connectors", "fields")},
        connectors=sorted(set(draft.connectors)), fields=sorted(set(draft.fields)), state=State.PROPOSED,
        written_by=by, written_at=now,
    )  # fmt: skip
    made.content_hash = content_hash(made)
    made.save(force_insert=True)
    audit.record(by=by, verb="processors.entered", on=made, content_hash=made.content_hash)
    return made


@transaction.atomic
def approve(*, by: Staff, processor: Processor, read: str, today: date, now: datetime) -> Processor:
    """Approve exactly what was read (`read`: its hash). What stood to be confirmed for these channels ends with it."""
    locked = _decidable(by, processor, today)
    if not read == locked.content_hash == content_hash(locked):
        raise ValidationError(_("This entry is no longer what you have read. Read it again."))
    decided = _decide(locked, State.APPROVED, by, now, "")
    for code in decided.connectors:
        stood = Processor.objects.filter(state=State.TO_CONFIRM, connectors=[code])
        stood.update(state=State.ENDED, ended_on=today)
    return decided


@transaction.atomic
def reject(*, by: Staff, processor: Processor, note: str, today: date, now: datetime) -> Processor:
    """Turn an entry down, with the reason."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    return _decide(_decidable(by, processor, today), State.REJECTED, by, now, note.strip()[:200])


@transaction.atomic
def end(*, by: Staff, processor: Processor, note: str, today: date) -> Processor:
    """Let a contract count no more from this instant on. One person is enough: nothing leaves by it."""
    require(by, Right.KEEP_PROCESSORS, today)
    locked = _locked(processor)
    if locked.state not in (State.APPROVED, State.TO_CONFIRM):
        raise ValidationError(_("Only an entry that counts can be ended."))
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked.state, locked.ended_on = State.ENDED, today
    locked.save(update_fields=["state", "ended_on"])
    audit.record(by=by, verb="processors.ended", on=locked, note=note.strip()[:200])
    return locked


@transaction.atomic
def supervise(
    *, by: Staff, processor: Processor, on: date, finding: str, today: date, now: datetime
) -> Supervision:
    """Keep what a look at the processor found. ValidationError for a day to come or before the contract."""
    if processor.supervisor_id != by.pk:
        require(by, Right.KEEP_PROCESSORS, today)
    locked = _locked(processor)
    if locked.state != State.APPROVED:
        raise ValidationError(_("Only an approved processor is supervised."))
    if not locked.contract_from <= on <= today:
        raise ValidationError(_("The day lies between the contract's first day and today."))
    if not finding.strip():
        raise ValidationError(_("Say what was found."))
    made = Supervision.objects.create(processor=locked, on=on, by=by, finding=finding.strip()[:400], at=now)
    audit.record(by=by, verb="processors.supervised", on=locked, day=on)
    return made


def content_hash(processor: Processor) -> str:
    """SHA-256 over all that is approved."""
    names = ("vendor", "is_own", "purpose", "connectors", "fields", "country", "contract_no", "contract_from",
             "contract_until", "supervisor_id")  # fmt: skip
    return rules.content_hash({name: getattr(processor, name) for name in names})


def _check(draft: Draft, today: date) -> None:
    if not draft.connectors or not all(code.strip() for code in draft.connectors):
        raise ValidationError(_("Name at least one channel."))
    if not set(draft.fields) <= set(rules.FIELDS) or not draft.fields:
        raise ValidationError(_("Say which data go there."))
    if draft.contract_until is None and not draft.is_own:
        raise ValidationError(_("A contract with a vendor has a last day."))
    if draft.contract_until is not None and draft.contract_until < max(draft.contract_from, today):
        raise ValidationError(_("The contract's last day is not before its first, and not over."))


def _locked(processor: Processor) -> Processor:
    return Processor.objects.select_for_update(of=("self",)).get(pk=processor.pk)


def _decidable(by: Staff, processor: Processor, today: date) -> Processor:
    require(by, Right.APPROVE_PROCESSORS, today)
    locked = _locked(processor)
    if locked.state != State.PROPOSED:
        raise ValidationError(_("Somebody has decided this already."))
    if by.pk == locked.written_by_id:
        raise PermissionDenied("who entered a processor does not approve it")
    check_second_person(by, (locked.written_by_id,), today)
    return locked


def _decide(processor: Processor, state: State, by: Staff, now: datetime, note: str) -> Processor:
    processor.state, processor.decided_by, processor.decided_at = state, by, now
    processor.decided_note = note
    processor.save(update_fields=["state", "decided_by", "decided_at", "decided_note"])
    audit.record(
        by=by, verb=f"processors.{state}", on=processor, content_hash=processor.content_hash, note=note
    )
    return processor
