"""What is no longer kept (留存期限): old events by kind, events of nobody, refused lines, and everything of a customer
who refused profiling, has left or is too young. And events of a number that a customer has by now.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from guanxi.crm.behaviour.models import Batch, Daily, Event, KindDay, Recent, RefusedLine, Waiting
from guanxi.crm.behaviour.taking import who_are
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Token
from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy

AT_ONCE = 50_000  # rows one statement deletes: nobody waits long
MONTH_DAYS = 31

_OLD = """
DELETE FROM behaviour_event WHERE key IN (
    SELECT key FROM behaviour_event WHERE kind = %(kind)s AND day < %(before)s LIMIT %(most)s
)
"""
_UNREGISTERED = "DELETE FROM behaviour_event WHERE kind <> ALL(%(kinds)s) AND day < %(before)s"
# The same four words as when events are taken (taking._WHO).
_UNWANTED = """
SELECT seen.party_id FROM (SELECT party_id FROM behaviour_recent UNION SELECT party_id FROM behaviour_daily) AS seen
LEFT JOIN customers_party AS party ON party.id = seen.party_id
WHERE party.id IS NULL OR party.state <> 'active'
   OR party.birth_date > (%(today)s::date - make_interval(years => %(youngest)s))
   OR EXISTS (
        SELECT 1 FROM (
            SELECT DISTINCT ON (said.channel) said.agreed FROM customers_consent AS said
            WHERE said.party_id = party.id AND said.purpose = 'profiling'
              AND (said.given_on <= %(today)s OR NOT said.agreed)
            ORDER BY said.channel, said.given_on DESC
        ) AS word WHERE NOT word.agreed
   )
"""


@dataclass
class Tidied:
    """What went: single events by age, customers whose rows went, events of nobody, lines; and what found an owner."""

    events: int = 0
    customers: int = 0
    unknown: int = 0
    lines: int = 0
    found: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


def tidy(policy: BehaviourEventPolicy, *, today: date, aged_by: datetime, using: str = "pipeline") -> Tidied:
    """Delete what is no longer kept, by its age at `aged_by`; safe to run as often as one likes."""
    done, day = Tidied(), timezone.localdate(aged_by)
    _age(done, policy, day, using)
    with transaction.atomic(using=using):
        _forget(done, policy, today, using)
    waiting = Waiting.objects.using(using).filter(taken_at__lt=aged_by - timedelta(days=policy.unknown_days))
    done.unknown, _each = waiting.delete()
    before = aged_by - timedelta(days=policy.quarantine_days)
    lines = RefusedLine.objects.using(using).filter(
        batch__in=Batch.objects.using(using).filter(taken_at__lt=before)
    )
    done.lines, _each = lines.delete()
    months = day - timedelta(days=policy.daily_months * MONTH_DAYS)
    Daily.objects.using(using).filter(day__lt=months).delete()
    KindDay.objects.using(using).filter(day__lt=months).delete()
    longest = max((one.keep_days for one in policy.event_kinds), default=0)
    Batch.objects.using(using).filter(
        rolled_at__isnull=False, taken_at__lt=aged_by - timedelta(days=longest + policy.late_days + 1)
    ).delete()
    return done


def settle(token: Token, policy: BehaviourEventPolicy, *, today: date, now: datetime) -> Tidied:
    """Give events of a number that a customer has by now to that customer, within the sight of the token's person."""
    done = Tidied()
    with acting_as(token.staff, today=today):
        rows = list(
            Waiting.objects.filter(token=token).order_by("key")[:AT_ONCE].select_for_update(skip_locked=True)
        )
        who = who_are({(row.identity, by) for row in rows for by in (True, False)}, policy, today, "default")
        ours = [row for row in rows if row.identity in who]
        batch = Batch(token=token, taken_at=now, came=len(ours), new=0, known=0, waiting=0, refused=0)
        kept = []
        for row in ours:
            if who[row.identity].why_not:
                done.dropped[who[row.identity].why_not] += 1
            else:
                kept.append((row, who[row.identity].party or 0))
        if ours:
            batch.dropped = dict(done.dropped)
            batch.new = len(kept)
            batch.save()
            Event.objects.bulk_create(
                (_event(row, party, batch) for row, party in kept), ignore_conflicts=True
            )
            Waiting.objects.filter(pk__in=[row.pk for row in ours]).delete()
        done.found = len(kept)
    return done


def _event(row: Waiting, party: int, batch: Batch) -> Event:
    return Event(
        key=row.key, batch=batch, party_id=party, kind=row.kind, source=row.source, at=row.at,
        day=timezone.localtime(row.at).date(), properties=row.properties,
    )  # fmt: skip


def _age(done: Tidied, policy: BehaviourEventPolicy, day: date, using: str) -> None:
    for one in policy.event_kinds:
        told = {"kind": one.event_kind, "before": day - timedelta(days=one.keep_days), "most": AT_ONCE}
        while True:
            with transaction.atomic(using=using):
                gone = _run(_OLD, told, using)
            done.events += gone
            if gone < AT_ONCE:
                break
    shortest = min((one.keep_days for one in policy.event_kinds), default=0)
    told = {
        "kinds": [one.event_kind for one in policy.event_kinds], "before": day - timedelta(days=shortest)
    }  # fmt: skip
    done.events += _run(_UNREGISTERED, told, using)


def _forget(done: Tidied, policy: BehaviourEventPolicy, today: date, using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(_UNWANTED, {"today": today, "youngest": policy.youngest_age})
        parties = [row[0] for row in cursor.fetchall()]
    done.customers = len(parties)
    for model in (Event, Daily, Recent):
        model.objects.using(using).filter(party__in=parties).delete()


def _run(statement: str, told: dict[str, Any], using: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, told)
        return int(cursor.rowcount)
