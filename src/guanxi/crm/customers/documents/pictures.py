"""What the archive page is told of documents; no request, no markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from guanxi.crm.customers.documents import selectors, services, words
from guanxi.crm.customers.documents.models import Document
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.rules import Reach
from guanxi.insight.policies.archive import ArchivePolicy, DocumentKind

MOST_ON_PAGE = 200


@dataclass(frozen=True)
class Kept:
    """A document with the versions before it, the latest first, and what this person may do with it."""

    latest: Document
    before: Sequence[Document]
    kind: DocumentKind
    label: str
    state: str  # standing, soon or over
    may_open: bool
    may_replace: bool
    may_withdraw: bool


def panel(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """Documents that stand, the one that ends first on top; those withdrawn; one query."""
    policy = selectors.archive_policy(today)
    if policy is None:
        return {"documents_kept": False, "may_bring": False}
    threads: dict[Any, list[Document]] = {}
    rows = list(selectors.documents_of(reach, party, policy)[:MOST_ON_PAGE])
    for row in rows:
        threads.setdefault(row.thread, []).append(row)
    told = [_kept(versions, reach, policy, today) for versions in threads.values()]
    standing = [one for one in told if one.latest.withdrawn_at is None]
    return {
        "documents_kept": True,
        "documents": sorted(standing, key=lambda one: one.latest.ends_on or date.max),
        "documents_withdrawn": [one for one in told if one.latest.withdrawn_at is not None],
        "documents_ending": [one for one in standing if one.state != "standing"],
        "may_bring": bool(selectors.brought_for(reach, party, policy)),
        "document_states": words.BY_WEIGHT,
        "size_in_words": words.size_in_words,
    }


def state_of(document: Document, today: date, hint_days: int) -> str:
    """Whether a document stands, ends within the policy's days, or has ended: its last day still counts."""
    if document.ends_on is None or document.ends_on > today + timedelta(days=hint_days):
        return "standing"
    return "over" if document.ends_on < today else "soon"


def _kept(versions: list[Document], reach: Reach, policy: ArchivePolicy, today: date) -> Kept:
    latest, *before = sorted(versions, key=lambda row: -row.version)
    kind = policy.document(latest.kind)
    assert kind is not None  # the selector gives the policy's kinds alone
    stands = latest.withdrawn_at is None
    return Kept(
        latest,
        before,
        kind,
        kind.label(words.language()),
        state_of(latest, today, policy.hint_days),
        selectors.opens(reach, kind),
        stands and selectors.brings(reach, kind),
        stands and services.may_withdraw(reach, latest, kind),
    )
