"""How full the books are: customers and minutes a month of each keeper, by the minutes of a tier in the policy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from guanxi.crm.keeping.policy import scope_policy
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names


@dataclass(frozen=True)
class Load:
    """What somebody keeps now."""

    customers: int = 0
    minutes: int = 0


class Minutes:
    """Minutes a month of a tier on a day."""

    def __init__(self, on: date) -> None:
        """Read policy and tier names once."""
        self._policy, self._names = scope_policy(on), tier_names(on)

    @property
    def capacity(self) -> int:
        """What one keeper can give."""
        return self._policy.capacity_minutes

    def of(self, scheme: str | None, rank: int | None) -> int:
        """For a customer of this tier; 0 where the policy sets none."""
        band = self._names.band(scheme, rank)
        return self._policy.minutes(scheme or "", band.code) if band else 0


def loads(staff: Iterable[int], minutes: Minutes) -> Mapping[int, Load]:
    """The load of each of these people within reach; who keeps nobody is missing."""
    rows = (
        PartyScore.objects.filter(keeper__in=list(staff))
        .values_list("keeper_id", "tier_scheme", "tier_rank")
        .annotate(number=Count("*"))
    )
    found: dict[int, Load] = {}
    for keeper, scheme, rank, number in rows:
        before = found.get(keeper, Load())
        found[keeper] = Load(before.customers + number, before.minutes + number * minutes.of(scheme, rank))
    return found
