"""Customers as search and home name them: name by role, tier, outlet and keeper."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.selectors import tiers_held_by
from guanxi.crm.scores.tiers import TierNames, tier_names


@dataclass(frozen=True)
class Hit:
    """A customer found: who, where, kept by whom, and the tier in words and as scheme and rank."""

    party: Party
    name: str
    tier: str
    scheme: str | None
    rank: int | None

    @property
    def detail(self) -> str:
        """Outlet and keeper in one line."""
        keeper = self.party.keeper
        return " · ".join(filter(None, [self.party.unit.name, keeper.name if keeper else ""]))


def hits_of(reach: Reach, parties: Iterable[Party], today: date) -> list[Hit]:
    """These customers with their tiers, in the order given; two queries."""
    listed = list(parties)
    if not listed:
        return []
    names = tier_names(today)
    tiers = tiers_held_by(reach, listed)
    return [_hit(reach, party, tiers.get(party.pk, (None, None)), names) for party in listed]


def _hit(reach: Reach, party: Party, tier: tuple[str | None, int | None], names: TierNames) -> Hit:
    return Hit(party, shown_name(party.name, hidden=reach.hides_names), names.label(*tier), *tier)
