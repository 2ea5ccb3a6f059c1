"""The policies this room reads, in force on a day, in one query; a payload is read once in the life of the process."""

from dataclasses import dataclass
from datetime import date
from typing import cast

from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.rules import in_force_from
from guanxi.crm.policies.selectors import COUNTING, policy_of
from guanxi.insight.policies import Policy
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.insight.policies.performance import PerformancePolicy
from guanxi.insight.policies.scope import ScopePolicy
from guanxi.insight.policies.tier import TierPolicy

NEEDED = ("performance", "interaction", "tier")
KINDS = (*NEEDED, "scope")
_known: dict[str, Policy] = {}  # by content hash: a policy's payload never changes


class PolicyMissing(KeyError):
    """The bank has not set a policy of this kind."""

    def __init__(self, kind: str) -> None:
        """Keep the kind."""
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Terms:
    """A day with what counts on it: lines and days of team work, of contacts, the tiers, and minutes by tier."""

    on: date
    work: PerformancePolicy
    talk: InteractionPolicy
    tiers: TierPolicy
    scope: ScopePolicy | None

    @property
    def reached(self) -> list[str]:
        """Outcomes of a contact in which the customer was reached."""
        return [one.outcome for one in self.talk.outcomes if one.reached]

    @property
    def cadences(self) -> list[tuple[str, int, int]]:
        """Scheme, rank and days of every tier that is to be contacted so often."""
        return [
            (scheme.code, band.rank, band.contact_days)
            for scheme in self.tiers.schemes
            for band in scheme.bands
            if band.contact_days
        ]

    @property
    def capacity(self) -> int:
        """A keeper's minutes a month; 0 while the bank has no scope policy."""
        return self.scope.capacity_minutes if self.scope else 0


def terms_on(day: date) -> Terms:
    """What counts on that day; PolicyMissing for a kind that the bank has not set."""
    found = _in_force(day)
    for kind in NEEDED:
        if kind not in found:
            raise PolicyMissing(kind)
    return Terms(
        day,
        cast("PerformancePolicy", found["performance"]),
        cast("InteractionPolicy", found["interaction"]),
        cast("TierPolicy", found["tier"]),
        cast("ScopePolicy | None", found.get("scope")),
    )


def _in_force(day: date) -> dict[str, Policy]:
    rows = PolicyVersion.objects.filter(kind__in=KINDS, state__in=COUNTING, valid_from__isnull=False)
    dated: dict[str, dict[date, tuple[int, str]]] = {}
    for kind, since, key, content in rows.values_list("kind", "valid_from", "pk", "content_hash"):
        dated.setdefault(kind, {})[cast("date", since)] = (key, content)
    found = {}
    for kind, versions in dated.items():
        counting = in_force_from(list(versions), day)
        if counting is not None:
            found[kind] = _read(*versions[counting])
    return found


def _read(key: int, content: str) -> Policy:
    if content not in _known:
        _known[content] = policy_of(PolicyVersion.objects.get(pk=key))
    return _known[content]
