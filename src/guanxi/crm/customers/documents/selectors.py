"""Reads of documents. Each asks for a reach; row security is behind it. Opening one is a deed of `services`."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from guanxi.crm.customers.documents.models import Document
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.archive import ArchivePolicy, DocumentKind


def archive_policy(today: date) -> ArchivePolicy | None:
    """The policy of the archive in force; None for a bank without one, which then keeps no documents."""
    policy = known("archive", today)
    return policy if isinstance(policy, ArchivePolicy) else None


def hears_of(reach: Reach, kind: DocumentKind | None) -> bool:
    """Whether this person is told that a document of this kind is on file: who may open it or may be handed one."""
    return kind is not None and (opens(reach, kind) or brings(reach, kind))


def hears_of_any(reach: Reach, policy: ArchivePolicy | None) -> bool:
    """Whether this person is told of any document at all."""
    return policy is not None and any(hears_of(reach, one) for one in policy.documents)


def opens(reach: Reach, kind: DocumentKind | None) -> bool:
    """Whether this person may open documents of this kind: by role, and never where customers are shown masked."""
    unmasked = reach.may(Right.REVEAL) and not reach.masked
    return kind is not None and unmasked and kind.may_open(reach.roles)


def brings(reach: Reach, kind: DocumentKind | None) -> bool:
    """Whether this person may hand in a document of this kind."""
    return kind is not None and reach.sees_customers and kind.may_bring(reach.roles)


def brought_for(reach: Reach, party: Party, policy: ArchivePolicy) -> list[DocumentKind]:
    """Kinds of document this person may hand in for this kind of customer, in the policy's order."""
    return [one for one in policy.documents if party.kind in one.customer_kinds and brings(reach, one)]


def documents_of(reach: Reach, party: Party, policy: ArchivePolicy | None) -> QuerySet[Document]:
    """Every version of the documents this person is told of, the latest first; without a byte of them. One query."""
    told = [one.document for one in policy.documents if hears_of(reach, one)] if policy else []
    if not told or not reach.covers(party.unit_id, party.keeper_id):
        return Document.objects.none()
    rows = Document.objects.filter(party__in=numbers_of(party), kind__in=told)
    return rows.select_related("added_by", "withdrawn_by").order_by("-added_at", "-pk")


def document_or_404(reach: Reach, uuid: UUID, policy: ArchivePolicy | None) -> tuple[Document, DocumentKind]:
    """A version about a customer within reach of a kind one is told of; otherwise as not there at all."""
    rows = Document.objects.select_related("party", "party__unit", "party__keeper")
    found = rows.filter(uuid=uuid).first()
    kind = policy.document(found.kind) if found and policy else None
    if found is None or kind is None or not hears_of(reach, kind):
        raise Http404
    if not reach.covers(found.party.unit_id, found.party.keeper_id):
        raise Http404
    return found, kind
