"""Counts of the outbox for the overview: of the whole bank, by channel and purpose, without any customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.utils import timezone

from guanxi.crm.messaging.models import ChannelAccount
from guanxi.crm.messaging.selectors import accounts
from guanxi.crm.processors.policy import protection_policy

_COUNTS = "SELECT channel, purpose, what, code, number, cost_fen FROM messaging_counts(%s)"
_ABROAD = "SELECT messaging_people_abroad(%s, %s, %s, %s)"
QUEUED, SENT, DELIVERED, FAILED, REFUSED, DOUBT = "queued", "sent", "delivered", "failed", "refused", "doubt"


@dataclass
class Line:
    """One account's day: how many wait, left, arrived, failed, were refused and why; cost in fen."""

    account: ChannelAccount
    counts: dict[str, int] = field(default_factory=dict)
    why: dict[str, int] = field(default_factory=dict)
    cost_fen: int = 0

    def number(self, what: str) -> int:
        """How many."""
        return self.counts.get(what, 0)


def lines(since: datetime) -> list[Line]:
    """Each account's counts since that instant; two statements."""
    found = {(str(one.kind), str(one.purpose)): Line(one) for one in accounts()}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [since])
        rows = cursor.fetchall()
    for channel, purpose, what, code, number, cost in rows:
        line = found.get((channel, purpose))
        if line is not None:
            line.counts[what] = line.counts.get(what, 0) + number
            line.cost_fen += int(cost or 0)
            if what == REFUSED:
                line.why[code] = line.why.get(code, 0) + number
    return list(found.values())


def people_abroad(today: date) -> int | None:
    """How many different people's data went to an endpoint abroad since the first of January, merged numbers as one.

    By the register as it stands: an entry that says later where an endpoint was counts for all its contract's days.
    None for a bank without the policy that says where it is.
    """
    policy = protection_policy(today)
    if policy is None:
        return None
    days = [date(today.year + more, 1, 1) for more in (0, 1)]
    year = [timezone.make_aware(datetime.combine(day, time())) for day in days]
    with connection.cursor() as cursor:
        cursor.execute(_ABROAD, [*year, policy.home_country, str(timezone.get_current_timezone())])
        return int(cursor.fetchone()[0])


def totals(told: list[Line]) -> Mapping[str, Any]:
    """The bank's sums over all accounts."""
    whats = (QUEUED, SENT, DELIVERED, FAILED, REFUSED, DOUBT)
    return {what: sum(line.number(what) for line in told) for what in whats} | {
        "cost_fen": sum(line.cost_fen for line in told)
    }
