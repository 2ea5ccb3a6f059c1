"""Writes: asked for, approved by another on the hash of what was read, turned down, taken once."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.exports import selectors
from guanxi.crm.exports.models import ExportRequest, State
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.services import require


@dataclass(frozen=True)
class Asked:
    """What is asked for: the list's code, its address with filters, the purpose, and its rows now."""

    what: str
    address: str
    purpose: str
    rows: int


@transaction.atomic
def ask(*, by: Staff, reach: Reach, asked: Asked, reason: str, today: date, now: datetime) -> ExportRequest:
    """Ask for a file above the own limit. ValidationError without a reason, or when nobody may approve so many rows."""
    if not reach.posts or not reach.may(Right.EXPORT_CUSTOMERS):
        raise PermissionDenied("needs customers.export")
    if not reason.strip():
        raise ValidationError(_("Say why."))
    policy = selectors.access(today)
    most = max(policy.approved_rows.values(), default=0) if policy else 0
    if asked.rows > most:
        raise ValidationError(_("Nobody may approve so many rows; narrow the filters."))
    made = ExportRequest.objects.create(
        **asdict(asked), reason=reason.strip()[:400], asked_by=by, unit_id=reach.posts[0].unit_id, asked_at=now,
        content_hash=content_hash(asked, reason.strip()[:400], by.pk),
    )  # fmt: skip
    audit.record(
        by=by, verb="exports.asked", on=made, what=asked.what, rows=asked.rows, purpose=asked.purpose
    )
    return made


@transaction.atomic
def approve(
    *, by: Staff, reach: Reach, request: ExportRequest, read: str, today: date, now: datetime
) -> ExportRequest:
    """Let exactly what was read (`read`: its hash) be taken once within the policy's days."""
    locked = _decidable(by, reach, request, today)
    policy = selectors.access(today)
    if locked.rows > selectors.approval_limit(reach, today) or policy is None:
        raise PermissionDenied("more rows than this role may approve")
    asked = Asked(locked.what, locked.address, locked.purpose, locked.rows)
    if not read == locked.content_hash == content_hash(asked, locked.reason, locked.asked_by_id):
        raise ValidationError(_("This request is no longer what you have read. Read it again."))
    locked.expires_at = now + timedelta(days=policy.approved_days)
    return _decide(locked, State.APPROVED, by, now, "")


@transaction.atomic
def turn_down(
    *, by: Staff, reach: Reach, request: ExportRequest, note: str, today: date, now: datetime
) -> ExportRequest:
    """Turn it down, with the reason."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    return _decide(_decidable(by, reach, request, today), State.REFUSED, by, now, note.strip()[:200])


@transaction.atomic
def take(*, by: Staff, request: ExportRequest, rows: int, now: datetime) -> None:
    """Use an approval for its one file. PermissionDenied when it was used, has run out, or the file has grown."""
    locked = ExportRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    good = locked.state == State.APPROVED and locked.expires_at is not None and now < locked.expires_at
    if not good or locked.asked_by_id != by.pk or rows > locked.rows:
        raise PermissionDenied("this approval lets no such file out")
    locked.state, locked.taken_at = State.TAKEN, now
    locked.save(update_fields=["state", "taken_at"])
    audit.record(by=by, verb="exports.taken", on=locked, rows=rows)


def content_hash(asked: Asked, reason: str, asker: int) -> str:
    """SHA-256 over all that is approved."""
    told = asdict(asked) | {"reason": reason, "asker": asker}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _decidable(by: Staff, reach: Reach, request: ExportRequest, today: date) -> ExportRequest:
    require(by, Right.APPROVE_EXPORTS, today)
    locked = ExportRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if not selectors.visible_to(reach).filter(pk=locked.pk).exists():
        raise PermissionDenied("outside of one's units")
    if locked.state != State.ASKED:
        raise ValidationError(_("Somebody has decided this already."))
    if by.pk == locked.asked_by_id:
        raise PermissionDenied("who asks for a file does not approve it")
    check_second_person(by, (locked.asked_by_id,), today)
    return locked


def _decide(request: ExportRequest, state: State, by: Staff, now: datetime, note: str) -> ExportRequest:
    request.state, request.decided_by, request.decided_at, request.decided_note = state, by, now, note
    request.save(update_fields=["state", "decided_by", "decided_at", "decided_note", "expires_at"])
    audit.record(
        by=by,
        verb=f"exports.{state}",
        on=request,
        content_hash=request.content_hash,
        rows=request.rows,
        note=note,
    )
    return request
