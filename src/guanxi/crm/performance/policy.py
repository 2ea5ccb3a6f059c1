"""The policies this room reads, in force on a day."""

from dataclasses import dataclass
from datetime import date
from typing import cast

from guanxi.crm.organisation.once import reading
from guanxi.crm.policies.selectors import known
from guanxi.insight.policies import Policy
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.insight.policies.performance import PerformancePolicy
from guanxi.insight.policies.scope import ScopePolicy
from guanxi.insight.policies.tier import TierPolicy

NEEDED = ("performance", "interaction", "tier")
KINDS = (*NEEDED, "scope")


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
    with reading():
        found = {kind: known(kind, day) for kind in KINDS}
    return {kind: policy for kind, policy in found.items() if policy is not None}
