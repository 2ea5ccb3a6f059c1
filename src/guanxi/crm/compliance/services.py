"""Writes of requests: handed in, taken, identity noted, decided, file made and fetched, answered. Each audited."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.compliance import files
from guanxi.crm.compliance.explain import explained_to
from guanxi.crm.compliance.gather import gathered_about
from guanxi.crm.compliance.models import (
    FILE_KINDS,
    LONGEST_WORDS,
    OPEN,
    Asker,
    IdentityCheck,
    Refusal,
    RequestFile,
    RequestKind,
    RequestState,
    SubjectRequest,
    Verdict,
)
from guanxi.crm.compliance.policy import needed
from guanxi.crm.compliance.words import FIELDS
from guanxi.crm.customers.models import Party, PartyState
from guanxi.crm.customers.protected import door
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.selectors import reach_of
from guanxi.web import formats


@dataclass(frozen=True)
class RequestDraft:
    """What is asked, by whom, in which words; for a correction which field and what is right."""

    kind: str
    asker: str
    words: str = ""
    field: str = ""
    right_value: str = ""
    identity: str = ""
    received_on: date | None = None


@transaction.atomic
def hand_in(*, by: Staff, party: Party, draft: RequestDraft, today: date, now: datetime) -> SubjectRequest:
    """Hand a customer's request in; its clock runs from receipt by the policy in force then.

    By whoever meets customers about one within reach, or by compliance. ValidationError for a day ahead, a correction
    that names nothing, and the same thing asked while an earlier request is open.
    """
    reach = reach_of(by, today)
    meets = reach.may(Right.HAND_IN_REQUESTS) and reach.covers(party.unit_id, party.keeper_id)
    if not (meets or reach.may(Right.HANDLE_REQUESTS)):
        raise PermissionDenied(f"{by.staff_no} may not hand a request of this customer in")
    received = draft.received_on or today
    _check_draft(draft, received, today)
    if SubjectRequest.objects.filter(
        party=party, kind=draft.kind, field=draft.field, state__in=OPEN
    ).exists():
        raise ValidationError(_("This customer's request of this kind is open already."))
    made = SubjectRequest(
        uuid=uuid4(), party=party, customer_no=party.customer_no, kind=draft.kind, asker=draft.asker,
        words=draft.words.strip()[:LONGEST_WORDS], field=draft.field, received_on=received,
        due_on=needed(today).due_on(received), handed_in_by=by, handed_in_at=now, identity=draft.identity,
        identity_by=by if draft.identity else None, identity_at=now if draft.identity else None,
    )  # fmt: skip
    if draft.right_value.strip():
        made.right_key, made.right_value = door().seal_document(
            draft.right_value.strip().encode(), made.uuid.bytes
        )
    made.save(force_insert=True)
    audit.record(by=by, verb="compliance.request_handed_in", on=made, kind=made.kind, due_on=made.due_on)
    return made


def _check_draft(draft: RequestDraft, received: date, today: date) -> None:
    if draft.kind not in RequestKind.values or draft.asker not in Asker.values:
        raise ValidationError(_("Choose what is asked, and by whom."))
    if draft.identity and draft.identity not in IdentityCheck.values:
        raise ValidationError(_("Choose how it was made sure who asks."))
    if received > today:
        raise ValidationError({"received_on": _("It cannot have been received after today.")})
    if draft.kind == RequestKind.CORRECT and (draft.field not in FIELDS or not draft.right_value.strip()):
        raise ValidationError(_("Say what is wrong and what would be right."))


@transaction.atomic
def take(*, by: Staff, request: SubjectRequest, today: date) -> SubjectRequest:
    """Take a request, from a colleague too: one person answers for it."""
    locked = _open(by, request, today)
    locked.handler = by
    if locked.state == RequestState.HANDED_IN:
        locked.state = RequestState.IN_WORK
    locked.save(update_fields=["handler", "state"])
    audit.record(by=by, verb="compliance.request_taken", on=locked)
    return locked


@transaction.atomic
def identify(
    *, by: Staff, request: SubjectRequest, identity: str, today: date, now: datetime
) -> SubjectRequest:
    """Note how it was made sure who asks; a near relative shows death and kinship."""
    locked = _open(by, request, today)
    if identity not in IdentityCheck.values:
        raise ValidationError(_("Choose how it was made sure who asks."))
    if (locked.asker == Asker.RELATIVE) != (identity == IdentityCheck.KINSHIP):
        raise ValidationError(_("A near relative shows proof of death and of kinship; nobody else needs to."))
    locked.identity, locked.identity_by, locked.identity_at = identity, by, now
    locked.save(update_fields=["identity", "identity_by", "identity_at"])
    audit.record(by=by, verb="compliance.request_identified", on=locked, identity=identity)
    return locked


@dataclass(frozen=True)
class Decision:
    """What is decided; refusing something, wholly or in part, names its ground and says why."""

    verdict: str
    refusal: str = ""
    reason: str = ""


@transaction.atomic
def decide(
    *, by: Staff, request: SubjectRequest, decision: Decision, today: date, now: datetime
) -> SubjectRequest:
    """Decide a request. Granting, also in part, needs to know who asks; refusing needs a ground and a reason.

    What is granted may take everything known of a customer out of the bank: who handed the request in or made sure who
    asks does not grant it. A near relative is granted nothing while the bank's own data know the customer as alive.
    """
    locked = _open(by, request, today)
    if locked.state == RequestState.DECIDED:
        raise ValidationError(_("This request is decided already."))
    _check_decision(by, locked, decision, today)
    locked.verdict, locked.decided_by, locked.decided_at = decision.verdict, by, now
    locked.refusal = "" if decision.verdict == Verdict.GRANTED else decision.refusal
    locked.reason, locked.state = decision.reason.strip()[:LONGEST_WORDS], RequestState.DECIDED
    locked.handler = locked.handler or by
    locked.save(
        update_fields=["verdict", "refusal", "reason", "decided_by", "decided_at", "state", "handler"]
    )
    audit.record(
        by=by, verb=f"compliance.request_{locked.verdict}", on=locked, refusal=locked.refusal, reason=locked.reason
    )  # fmt: skip
    return locked


def _check_decision(by: Staff, request: SubjectRequest, decision: Decision, today: date) -> None:
    if decision.verdict not in Verdict.values:
        raise ValidationError(_("Choose what is decided."))
    grounded = decision.refusal in Refusal.values and decision.reason.strip()
    if decision.verdict != Verdict.GRANTED and not grounded:
        raise ValidationError(_("Say on which ground it is refused, and why."))
    if decision.verdict == Verdict.REFUSED:
        return
    if not request.identity:
        raise ValidationError(_("Note first how it was made sure who asks."))
    makers = (request.handed_in_by_id, request.identity_by_id)
    if by.pk in makers:
        raise ValidationError(_("Another person grants: you handed this request in or made sure who asks."))
    check_second_person(by, makers, today)
    if request.asker == Asker.RELATIVE and request.party.state != PartyState.DECEASED:
        raise ValidationError(
            _("The bank's data know this customer as alive: the death is entered at the source first.")
        )


@transaction.atomic
def make_file(*, by: Staff, request: SubjectRequest, today: date, now: datetime) -> RequestFile:
    """Gather everything about the customer into the file for this request, encrypted until it is fetched.

    Only for a request that was granted, at least in part. Making it anew replaces the one before.
    """
    locked = _open(by, request, today)
    if locked.kind not in FILE_KINDS or locked.verdict not in (Verdict.GRANTED, Verdict.PARTLY):
        raise ValidationError(
            _("There is a file only for access, copies and explanations that were granted.")
        )
    gathered = gathered_about(locked.party)
    content = files.zip_of(gathered, explained_to(locked.party, by, today), _notes(by, locked, now))
    key_id, ciphertext = door().seal_document(content, locked.uuid.bytes)
    RequestFile.objects.filter(request=locked).delete()
    made = RequestFile.objects.create(
        request=locked, made_by=by, made_at=now, kept_until=today + timedelta(days=needed(today).file_days),
        rows=gathered.rows, tables=[table.label for table in gathered.tables if table.rows], size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), key_id=key_id, ciphertext=ciphertext,
    )  # fmt: skip
    audit.viewed(by=by, party_key=locked.party_id, what="request_file", reason=str(locked.pk))
    audit.record(by=by, verb="compliance.file_made", on=locked, rows=made.rows, sha256=made.sha256)
    return made


def _notes(by: Staff, request: SubjectRequest, now: datetime) -> Sequence[str]:
    told = {"name": by.name, "number": by.staff_no, "moment": formats.moment(timezone.localtime(now))}
    return [
        _("Made by %(name)s (%(number)s) on %(moment)s") % told,
        _("For request %(n)s, received on %(day)s")
        % {"n": request.pk, "day": formats.day(request.received_on)},
        _("Customer number %(number)s") % {"number": request.customer_no},
    ]


@transaction.atomic
def fetch_file(*, by: Staff, request: SubjectRequest, today: date) -> bytes:
    """Hand the file out, once: its bytes are deleted with the row of the trail that tells who took them."""
    locked = _open(by, request, today)
    kept = RequestFile.objects.select_for_update().filter(request=locked).first()
    if kept is None or kept.kept_until < today:
        raise ValidationError(
            _("There is no file to fetch: it was fetched before, or waited too long. Make it anew.")
        )
    content = door().open_document(kept.key_id, bytes(kept.ciphertext), locked.uuid.bytes)
    audit.exported(
        by=by, what="subject_request", rows=kept.rows, columns=kept.tables, filters={"request": locked.pk},
        content_hash=kept.sha256, customers=[locked.party_id],
    )  # fmt: skip
    audit.record(by=by, verb="compliance.file_fetched", on=locked, sha256=kept.sha256)
    kept.delete()
    return content


@transaction.atomic
def answer(*, by: Staff, request: SubjectRequest, today: date) -> SubjectRequest:
    """The answer has gone to who asked; what was not fetched is deleted."""
    locked = _open(by, request, today)
    if locked.state != RequestState.DECIDED:
        raise ValidationError(_("Decide before you answer."))
    return _ended(by, locked, RequestState.ANSWERED, today)


@transaction.atomic
def withdraw(*, by: Staff, request: SubjectRequest, today: date) -> SubjectRequest:
    """Who asked does not want it any more."""
    return _ended(by, _open(by, request, today), RequestState.WITHDRAWN, today)


def _ended(by: Staff, request: SubjectRequest, state: RequestState, today: date) -> SubjectRequest:
    RequestFile.objects.filter(request=request).delete()
    request.state, request.ended_on = state, today
    request.save(update_fields=["state", "ended_on"])
    audit.record(by=by, verb=f"compliance.request_{state}", on=request)
    return request


def _open(by: Staff, request: SubjectRequest, today: date) -> SubjectRequest:
    """The request as it stands now, locked, while it is open; for compliance alone."""
    if not reach_of(by, today).may(Right.HANDLE_REQUESTS):
        raise PermissionDenied(f"{by.staff_no} answers no requests")
    locked = SubjectRequest.objects.select_for_update(of=("self",)).select_related("party").get(pk=request.pk)
    if locked.state not in OPEN:
        raise ValidationError(_("This request has ended."))
    return locked
