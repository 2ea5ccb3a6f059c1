"""How short the lists stay (new alerts per manager and day), and what changed since the run before, ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When
from django.db.models.functions import Abs, Coalesce

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.foresight.models import Change, Listing
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.warning import WarningPolicy

# How much it hurts to hear of it a day late: what went wrong, then what can be used, then what passed by itself.
_URGENCY = {
    "signal_new": 3, "tier_down": 3, "aum_down": 2, "tier_up": 1, "aum_up": 1, "stage": 1, "signal_gone": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """New alerts of one day over the managers who keep customers within reach."""

    day: date
    alerts: int
    managers: int  # who got at least one
    median: int
    most_of_nine_in_ten: int
    most: int


@dataclass(frozen=True)
class Short:
    """How short the lists stayed: each day, all manager-days, how many of them by number of new alerts."""

    days: tuple[Spread, ...]
    managers: int
    manager_days: int
    mean: float
    by_number: Mapping[int, int]


def shortness(reach: Reach, until: date, days: int = 30) -> Short | None:
    """New alerts per manager-day in the last `days` days up to `until`; None before any was listed.

    Managers without a new alert on a day of listing count with 0.
    """
    kept = within(Party.objects.filter(keeper__isnull=False), reach)
    managers = kept.values("keeper").distinct().count()
    rows = (
        Listing.objects.filter(
            party__in=kept, listed_on__gt=until - timedelta(days=days), listed_on__lte=until
        )
        .values("listed_on", "party__keeper")
        .annotate(number=Count("*"))
        .values_list("listed_on", "number")
    )
    by_day: dict[date, list[int]] = defaultdict(list)
    for day, number in rows:
        by_day[day].append(number)
    if not by_day or not managers:
        return None
    spreads = tuple(_spread(day, by_day[day], managers) for day in sorted(by_day, reverse=True))
    numbers: dict[int, int] = defaultdict(int)
    for found in by_day.values():
        for number in _filled(found, managers):
            numbers[number] += 1
    alerts = sum(sum(found) for found in by_day.values())
    manager_days = managers * len(by_day)
    return Short(spreads, managers, manager_days, alerts / manager_days, dict(sorted(numbers.items())))


def _filled(found: Sequence[int], managers: int) -> list[int]:
    return sorted([*found, *[0] * (managers - len(found))])


def _spread(day: date, found: Sequence[int], managers: int) -> Spread:
    numbers = _filled(found, managers)
    return Spread(day, sum(found), len(found), at_share(numbers, 0.5), at_share(numbers, 0.9), numbers[-1])


def at_share(numbers: Sequence[int], share: float) -> int:
    """The least number that this share of the sorted `numbers` does not exceed."""
    return numbers[max(0, ceil(len(numbers) * share) - 1)]


def budget(today: date) -> int:
    """New alerts that a manager gets in a day, by the policy in force; 0 without one."""
    policy = known(WarningPolicy.kind, today)
    return policy.budget if isinstance(policy, WarningPolicy) else 0


@dataclass(frozen=True)
class Changed:
    """One customer with everything that changed, the most urgent and largest first."""

    party: Party
    changes: tuple[Change, ...]


def ranked_changes(reach: Reach) -> QuerySet[Change]:
    """What changed since the run before, of customers within reach: by urgency, then by money, then by customer."""
    whens = [When(kind=kind, then=Value(weight)) for kind, weight in _URGENCY.items()]
    told = Change.objects.annotate(
        urgency=Case(*whens, default=Value(0), output_field=IntegerField()),
        size=Abs(Coalesce(F("amount_fen"), Value(0))),
    )
    if not reach.whole_bank:
        told = told.filter(party__in=within(Party.objects.all(), reach))
    return told.order_by("-urgency", "-size", "party", "kind", "what")


def changed(reach: Reach, most: int) -> list[Changed]:
    """The first `most` customers of the ranking, each once, with all their changes."""
    first: dict[int, None] = {}
    for party in ranked_changes(reach).values_list("party", flat=True)[: most * _A_CUSTOMER].iterator():
        first.setdefault(party)
        if len(first) == most:
            break
    return _together(
        ranked_changes(reach).filter(party__in=list(first)).select_related("party__partyscore"), first
    )


_A_CUSTOMER = 8  # changes a customer has at most, for reading no more rows than are shown


def _together(rows: Iterable[Change], order: Mapping[int, None]) -> list[Changed]:
    by_party: dict[int, list[Change]] = defaultdict(list)
    for row in rows:
        by_party[row.party_id].append(row)
    return [Changed(by_party[key][0].party, tuple(by_party[key])) for key in order if by_party[key]]


def changed_customers(reach: Reach) -> int:
    """How many customers within reach have changed."""
    rows = Change.objects.all()
    if not reach.whole_bank:
        rows = rows.filter(party__in=within(Party.objects.all(), reach))
    return rows.values("party").distinct().count()
