"""Writes on documents: handed in, replaced by a newer version, withdrawn, opened. Each audited in its transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.documents.checks import Paper
from guanxi.crm.customers.documents.models import LONGEST_REMARK, Document, DocumentContent
from guanxi.crm.customers.documents.selectors import archive_policy, brings, opens
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.protected import door
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.insight.policies.archive import DocumentKind, kept_until


@dataclass(frozen=True)
class Draft:
    """What is said with a file: the kind's code, the last day it counts where it has one, and a remark."""

    kind: str
    ends_on: date | None = None
    remark: str = ""


def add_document(
    *, by: Staff, party: Party, draft: Draft, paper: Paper, today: date, now: datetime
) -> Document:
    """Keep a paper about a customer within reach; ValidationError when it may not be so, or is on file already."""
    kind = _kind(draft.kind, today)
    _may_bring(by, party, kind, today)
    if party.kind not in kind.customer_kinds:
        raise ValidationError(_("This kind of customer has no such document."))
    row = _row(by, party, draft, kind, paper, today, now)
    row.thread = row.uuid
    return _keep(row, paper, "customers.document_added", by)


@transaction.atomic
def replace_document(
    *, by: Staff, document: Document, draft: Draft, paper: Paper, today: date, now: datetime
) -> Document:
    """The next version of a document; the one before stays on file for as long as its kind says."""
    kind = _kind(document.kind, today)
    _may_bring(by, document.party, kind, today)
    before = _standing(document)
    row = _row(by, before.party, draft, kind, paper, today, now)
    row.thread, row.version, row.kind = before.thread, before.version + 1, before.kind
    Document.objects.filter(pk=before.pk).update(is_latest=False, kept_until=kept_until(kind, today))
    return _keep(row, paper, "customers.document_replaced", by)


@transaction.atomic
def withdraw_document(*, by: Staff, document: Document, reason: str, today: date, now: datetime) -> None:
    """Take a document out of use: who handed it in or a head, with a reason. Its bytes stay until `kept_until`."""
    kind = _kind(document.kind, today)
    reach = reach_of(by, today)
    if not may_withdraw(reach, document, kind) or not _covers(reach, document.party):
        raise PermissionDenied("only who handed it in or a head withdraws a document")
    standing, said = _standing(document), reason.strip()[:200]
    if not said:
        raise ValidationError(_("Say why the document is withdrawn."))
    Document.objects.filter(pk=standing.pk).update(
        withdrawn_at=now, withdrawn_by=by, withdrawn_why=said, kept_until=kept_until(kind, today)
    )
    told = _told(standing)
    audit.record(by=by, verb="customers.document_withdrawn", on=standing, reason=said, **told)


@transaction.atomic
def open_document(*, by: Staff, document: Document, purpose: str, today: date) -> bytes:
    """The bytes of a version, for a purpose that is written down with the look; PermissionDenied by role and kind."""
    reach, said = reach_of(by, today), purpose.strip()[:200]
    if not opens(reach, _kind(document.kind, today)) or not _covers(reach, document.party):
        raise PermissionDenied(f"{by.staff_no} may not open this document")
    if not said:
        raise ValidationError(_("Say what you need it for."))
    kept = DocumentContent.objects.get(document=document)
    audit.viewed(by=by, party_key=document.party_id, what="document", reason=said)
    audit.record(by=by, verb="customers.document_opened", on=document, reason=said, **_told(document))
    return door().open_document(kept.key_id, bytes(kept.ciphertext), document.uuid.bytes)


def may_withdraw(reach: Reach, document: Document, kind: DocumentKind) -> bool:
    """Whether this person, within whose reach it lies, may withdraw it: who handed it in, or a head who may open it."""
    is_head = reach.may(Right.ASSIGN_KEEPER) and opens(reach, kind)
    return is_head or (document.added_by_id == reach.staff_id and brings(reach, kind))


def _keep(row: Document, paper: Paper, verb: str, by: Staff) -> Document:
    key_id, ciphertext = door().seal_document(paper.content, row.uuid.bytes)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            DocumentContent.objects.create(document=row, key_id=key_id, ciphertext=ciphertext)
            audit.record(by=by, verb=verb, on=row, **_told(row))
    except IntegrityError as error:
        raise ValidationError(_("This very file is on file already.")) from error
    return row


def _row(
    by: Staff, party: Party, draft: Draft, kind: DocumentKind, paper: Paper, today: date, now: datetime
) -> Document:
    if kind.ends and draft.ends_on is not None and draft.ends_on < today:
        raise ValidationError({"ends_on": _("This document has ended already.")})
    return Document(
        party=party, uuid=uuid4(), kind=kind.document, remark=draft.remark.strip()[:LONGEST_REMARK], mime=paper.mime,
        size=len(paper.content), sha256=paper.sha256, ends_on=draft.ends_on if kind.ends else None, added_by=by,
        added_on=today, added_at=now,
    )  # fmt: skip


def _told(row: Document) -> dict[str, Any]:
    return {"party": row.party_id, "kind": row.kind, "version": row.version, "sha256": row.sha256}


def _kind(code: str, today: date) -> DocumentKind:
    policy = archive_policy(today)
    kind = policy.document(code) if policy else None
    if kind is None:
        raise ValidationError(_("There is no such kind of document."))
    return kind


def _covers(reach: Reach, party: Party) -> bool:
    return reach.covers(party.unit_id, party.keeper_id)


def _may_bring(by: Staff, party: Party, kind: DocumentKind, today: date) -> None:
    reach = reach_of(by, today)
    if not brings(reach, kind) or not _covers(reach, party):
        raise PermissionDenied(f"{by.staff_no} may not hand in this document")


def _standing(document: Document) -> Document:
    """The version that was read, locked, while it still stands."""
    rows = Document.objects.select_for_update(of=("self",)).select_related("party")
    found = rows.filter(pk=document.pk, is_latest=True, withdrawn_at=None).first()
    if found is None:
        raise ValidationError(
            _("Somebody replaced or withdrew this document meanwhile. Read the archive again.")
        )
    return found
