"""Reads of policies: what is in force on a day, and the versions of a kind."""

from collections.abc import Mapping
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.rules import in_force_from
from guanxi.insight.policies import KINDS, Policy, load_policy

COUNTING = (State.ACTIVE, State.RETIRED)


def version_in_force(kind: str, on: date) -> PolicyVersion | None:
    """The version that counts on that day; the first one also counts for days before it. None: never activated."""
    versions = {
        version.valid_from: version
        for version in PolicyVersion.objects.filter(kind=kind, state__in=COUNTING)
        if version.valid_from is not None
    }
    day = in_force_from(list(versions), on)
    return versions[day] if day else None


_COUNTING = """
SELECT valid_from, content_hash FROM policies_policyversion
WHERE kind = %s AND state = ANY(%s) AND valid_from IS NOT NULL
"""


def hash_in_force(kind: str, on: date) -> str | None:
    """The content's hash of the version that counts on that day, without reading the content: pages ask it often."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTING, [kind, [str(state) for state in COUNTING]])
        hashes = dict(cursor.fetchall())
    day = in_force_from(list(hashes), on)
    return hashes[day] if day else None


def active(kind: str, on: date) -> Policy:
    """The policy in force on that day, read into its dataclass; KeyError when the bank has none of this kind."""
    version = version_in_force(kind, on)
    if version is None:
        raise KeyError(kind)
    return policy_of(version)


def in_force(on: date) -> Mapping[str, Policy]:
    """Every kind's policy in force on that day, for the run."""
    found = {kind: version_in_force(kind, on) for kind in KINDS}
    return {kind: policy_of(version) for kind, version in found.items() if version is not None}


def policy_of(version: PolicyVersion) -> Policy:
    """The version's payload read into its dataclass."""
    return load_policy(version.kind, version.payload)


def words_of(version: PolicyVersion, language: str) -> list[str]:
    """The version read out, one sentence a line, in "zh…" or "en"."""
    return policy_of(version).in_words(language)


def changes_between(
    old: PolicyVersion | None, new: PolicyVersion, language: str
) -> tuple[list[str], list[str]]:
    """Sentences that only the old version says, and those that only the new one says."""
    before = words_of(old, language) if old else []
    after = words_of(new, language)
    return [line for line in before if line not in after], [line for line in after if line not in before]


def versions_of(kind: str) -> QuerySet[PolicyVersion]:
    """All versions of a kind, newest first, with the people."""
    return (
        PolicyVersion.objects.filter(kind=kind)
        .select_related("proposed_by", "decided_by")
        .order_by("-version")
    )


def awaiting_decision() -> QuerySet[PolicyVersion]:
    """Versions that somebody has to approve or reject, or to activate."""
    waiting = PolicyVersion.objects.filter(state__in=(State.PROPOSED, State.APPROVED))
    return waiting.select_related("proposed_by", "decided_by").order_by("kind", "version")
