"""Reads of policies: what is in force on a day, and the versions of a kind."""

from collections.abc import Mapping
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from guanxi.crm.organisation.once import once
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.rules import in_chinese, in_force_from
from guanxi.insight.policies import KINDS, Added, Policy, load_policy, missing_in
from guanxi.insight.policies.tier import TierPolicy

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


# Every kind at once: a page asks for several, and there are a few rows of each.
_COUNTING = """
SELECT kind, valid_from, id, content_hash FROM policies_policyversion
WHERE state = ANY(%s) AND valid_from IS NOT NULL
"""
_read: dict[tuple[str, str], Policy] = {}  # by kind and content hash: another payload has another hash


def _counting() -> Mapping[str, Mapping[date, tuple[int, str]]]:
    """Key and content's hash of the versions that count or counted, by kind and first day; no payload."""
    found: dict[str, dict[date, tuple[int, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTING, [[str(state) for state in COUNTING]])
        for kind, since, key, content in cursor.fetchall():
            found.setdefault(kind, {})[since] = (key, content)
    return found


def _standing(kind: str, on: date) -> tuple[int, str] | None:
    versions = once("policies counting", _counting).get(kind, {})
    day = in_force_from(list(versions), on)
    return versions[day] if day else None


def hash_in_force(kind: str, on: date) -> str | None:
    """The content's hash of the version that counts on that day, without reading the content: pages ask it often."""
    standing = _standing(kind, on)
    return standing[1] if standing else None


def known(kind: str, on: date) -> Policy | None:
    """The policy in force on that day; None when the bank has none of this kind.

    A payload is read into its dataclass once in the life of the process; which one counts is asked anew by each
    request.
    """
    standing = _standing(kind, on)
    if standing is None:
        return None
    key, content = standing
    if (kind, content) not in _read:
        _read[kind, content] = policy_of(PolicyVersion.objects.get(pk=key))
    return _read[kind, content]


def active(kind: str, on: date) -> Policy:
    """The same; KeyError when the bank has none of this kind."""
    policy = known(kind, on)
    if policy is None:
        raise KeyError(kind)
    return policy


def in_force(on: date) -> Mapping[str, Policy]:
    """Every kind's policy in force on that day, for the run."""
    found = {kind: version_in_force(kind, on) for kind in KINDS}
    return {kind: policy_of(version) for kind, version in found.items() if version is not None}


def policy_of(version: PolicyVersion) -> Policy:
    """The version's payload read into its dataclass, with what the program asks for only since it was written."""
    return load_policy(version.kind, version.payload)


def filled_in(version: PolicyVersion) -> list[Added]:
    """The entries a version is too old to have; the program's defaults count for them until a version says them."""
    return missing_in(version.kind, version.payload)


def words_of(version: PolicyVersion, language: str) -> list[str]:
    """The version read out, one sentence a line, in "zh…" or "en"; in Chinese no code of a tier or a kind is left."""
    sentences = policy_of(version).in_words(language)
    return sentences if language.startswith("en") else in_chinese(sentences, _tier_names(version.valid_from))


def _tier_names(on: date | None) -> Mapping[str, str]:
    """Code → Chinese name of the tiers in force that day: policies of other kinds know only the code."""
    tiers = known("tier", on or date.max)
    if not isinstance(tiers, TierPolicy):
        return {}
    return {band.code: band.label_zh for scheme in tiers.schemes for band in scheme.bands}


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
