"""Reads of what customers do on our channels. Each asks for a reach, or says whose program asks and what for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connections
from django.db.models import QuerySet, Sum
from django.utils import timezone

from guanxi.crm.behaviour.models import Batch, Event, KindDay, Recent, RefusedLine
from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.organisation.rules import Reach


class WrongPurpose(Exception):
    """Events that are for service only were asked for something else."""


@dataclass(frozen=True)
class Occurred:
    """That a customer did something: when, with which product, and when we added it to the counts."""

    party_id: int
    kind: str
    at: datetime
    product: str
    added_at: datetime


_OCCURRED = """
SELECT event.party_id, event.kind, event.at, COALESCE(event.properties ->> 'product', ''), batch.rolled_at
FROM behaviour_batch AS batch JOIN behaviour_event AS event ON event.batch_id = batch.id
WHERE batch.rolled_at > %(since)s AND event.kind = ANY(%(kinds)s)
ORDER BY batch.rolled_at, event.at, event.key
LIMIT %(most)s
"""


def occurred(
    names: Iterable[str], since: datetime, *, today: date, purpose: str = "marketing", using: str = "pipeline",
    most: int = 100_000,
) -> list[Occurred]:  # fmt: skip
    """What customers did of these kinds, as added to the counts after `since`, the earliest first.

    By when it was added and not by when it happened: an event that a phone sends late is not missed. Ask next with the
    last `added_at`. For programs (the pipeline's login sees every customer; the application's own what the acting
    person sees). WrongPurpose for kinds that the policy keeps for something else (P3).
    """
    wanted = list(names)
    policy = event_policy(today)
    known = {one.event_kind: one.use_for for one in policy.event_kinds} if policy else {}
    if purpose == "marketing" and any(known.get(name) == "service" for name in wanted):
        raise WrongPurpose(", ".join(name for name in wanted if known.get(name) == "service"))
    with connections[using].cursor() as cursor:
        cursor.execute(_OCCURRED, {"since": since, "kinds": wanted, "most": most})
        return [Occurred(*row) for row in cursor.fetchall()]


def recent_of(reach: Reach, party: Party) -> list[Recent]:
    """What a customer did lately, with the numbers merged into it; nothing for one out of reach. One query."""
    if nothing_in(party, Recent) or not reach.covers(party.unit_id, party.keeper_id):
        return []
    return list(Recent.objects.filter(party__in=numbers_of(party)))


def events_of(reach: Reach, party: Party, most: int) -> list[Event]:
    """The single events of a customer, the latest first, at most so many."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return []
    rows = Event.objects.filter(party__in=numbers_of(party))
    return list(rows.order_by("-at", "key")[:most])


def kind_days(since: date) -> list[tuple[str, str, int]]:
    """How often each kind happened in the whole bank from that day on, by kind and channel."""
    rows = KindDay.objects.filter(day__gt=since).values("kind", "source").annotate(times=Sum("times"))
    return [(row["kind"], row["source"], row["times"]) for row in rows.order_by("kind", "source")]


def batches(today: date, days: int) -> QuerySet[Batch]:
    """The requests of the last days, today's among them."""
    first = timezone.make_aware(datetime.combine(today - timedelta(days=days - 1), time()))
    return Batch.objects.filter(taken_at__gte=first)


def refused_lines(today: date, days: int) -> QuerySet[RefusedLine]:
    """Lines refused in the last days, the latest batch first."""
    rows = RefusedLine.objects.filter(batch__in=batches(today, days)).select_related("batch__token")
    return rows.order_by("-batch", "line")
