"""From single events to what they add up to, each minute: counts a day, and what a customer did lately.

A batch is added exactly once: the statements and the mark on the batch are one transaction, and a batch somebody else
is adding is left to them. Read and written by the pipeline's login, which sees every customer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction

from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy

LONG, SHORT = 30, 7
"""Days of the two counts."""
MOST_BATCHES = 2_000

_CLAIM = """
SELECT id FROM behaviour_batch WHERE rolled_at IS NULL ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_NEW = """
CREATE TEMPORARY TABLE behaviour_added ON COMMIT DROP AS
SELECT party_id, day, kind, source, COUNT(*) AS times, MAX(at) AS last_at,
       COALESCE((array_agg(properties ->> 'product' ORDER BY at DESC)
                 FILTER (WHERE properties ->> 'product' IS NOT NULL))[1], '') AS product
FROM behaviour_event WHERE batch_id = ANY(%(batches)s)
GROUP BY party_id, day, kind, source
"""
_ADD_DAYS = """
INSERT INTO behaviour_daily AS known (party_id, day, kind, source, times, last_at, last_product)
SELECT party_id, day, kind, source, times, last_at, product FROM behaviour_added
ORDER BY party_id, day, kind, source
ON CONFLICT (party_id, day, kind, source) DO UPDATE
SET times = known.times + EXCLUDED.times,
    last_product = CASE WHEN EXCLUDED.last_product <> '' AND (EXCLUDED.last_at >= known.last_at
                             OR known.last_product = '') THEN EXCLUDED.last_product ELSE known.last_product END,
    last_at = GREATEST(known.last_at, EXCLUDED.last_at)
"""
_ADD_KINDS = """
INSERT INTO behaviour_kindday AS known (day, kind, source, times)
SELECT day, kind, source, SUM(times) FROM behaviour_added GROUP BY day, kind, source ORDER BY day, kind, source
ON CONFLICT (day, kind, source) DO UPDATE SET times = known.times + EXCLUDED.times
"""
_TOUCHED = "SELECT DISTINCT party_id FROM behaviour_added"
_STALE = "SELECT party_id FROM behaviour_recent WHERE as_of < %(today)s"
# Counts have no upper bound of the day: what a clock ahead of ours wrote for tomorrow has happened too.
_RECENT = """
WITH who AS ({who}), lately AS (
    SELECT daily.* FROM behaviour_daily AS daily JOIN who ON who.party_id = daily.party_id
), kinds AS (
    SELECT party_id, kind, MAX(last_at) AS last_at,
           COALESCE(SUM(times) FILTER (WHERE day > %(today)s::date - %(short)s), 0) AS times_short,
           COALESCE(SUM(times) FILTER (WHERE day > %(today)s::date - %(long)s), 0) AS times_long
    FROM lately GROUP BY party_id, kind
), counted AS (
    SELECT party_id, jsonb_object_agg(kind, jsonb_build_array(times_short, times_long, last_at)) AS counts
    FROM kinds GROUP BY party_id
), channels AS (
    SELECT party_id, jsonb_object_agg(source, last_day) AS sources
    FROM (SELECT party_id, source, MAX(day) AS last_day FROM lately GROUP BY party_id, source) AS each
    GROUP BY party_id
), latest AS (
    SELECT DISTINCT ON (party_id) party_id, kind, source, last_at FROM lately
    ORDER BY party_id, last_at DESC, kind, source
), left_off AS (
    SELECT DISTINCT ON (party_id) party_id, kind, last_product, last_at FROM lately
    WHERE kind = ANY(%(left)s) AND day > %(today)s::date - %(long)s ORDER BY party_id, last_at DESC, kind, source
)
INSERT INTO behaviour_recent (party_id, as_of, last_at, last_kind, last_source, counts, sources, left_kind,
                              left_product, left_at)
SELECT latest.party_id, %(today)s, latest.last_at, latest.kind, latest.source, counted.counts, channels.sources,
       COALESCE(left_off.kind, ''), COALESCE(left_off.last_product, ''), left_off.last_at
FROM latest JOIN counted USING (party_id) JOIN channels USING (party_id) LEFT JOIN left_off USING (party_id)
ORDER BY latest.party_id
ON CONFLICT (party_id) DO UPDATE
SET as_of = EXCLUDED.as_of, last_at = EXCLUDED.last_at, last_kind = EXCLUDED.last_kind,
    last_source = EXCLUDED.last_source, counts = EXCLUDED.counts, sources = EXCLUDED.sources,
    left_kind = EXCLUDED.left_kind, left_product = EXCLUDED.left_product, left_at = EXCLUDED.left_at
"""
_MARK = "UPDATE behaviour_batch SET rolled_at = %(now)s WHERE id = ANY(%(batches)s)"


@dataclass(frozen=True)
class Rolled:
    """Batches added, events in them by customer, day, kind and channel, and customers brought up to date."""

    batches: int = 0
    rows: int = 0
    customers: int = 0


def roll_up(policy: BehaviourEventPolicy, *, today: date, now: datetime, using: str = "pipeline") -> Rolled:
    """Add the batches that came since; in the first minute of a day, also let yesterday's counts grow old."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(_CLAIM, {"most": MOST_BATCHES})
        batches = [row[0] for row in cursor.fetchall()]
        told: dict[str, Any] = {
            "batches": batches, "today": today, "now": now, "long": LONG, "short": SHORT,
            "left": _meaning(policy, "abandon"),
        }  # fmt: skip
        rows = _add(cursor, told) if batches else 0
        customers = cursor.rowcount if batches else 0
        if batches:
            cursor.execute(_MARK, told)
            cursor.execute("DROP TABLE behaviour_added")
        cursor.execute(_RECENT.format(who=_STALE), told)
        return Rolled(len(batches), rows, customers + cursor.rowcount)


def _add(cursor: Any, told: dict[str, Any]) -> int:
    cursor.execute(_NEW, told)
    rows = int(cursor.rowcount)
    for statement in (_ADD_DAYS, _ADD_KINDS):
        cursor.execute(statement, told)
    cursor.execute(_RECENT.format(who=_TOUCHED), told)
    return rows


def _meaning(policy: BehaviourEventPolicy, *meanings: str) -> list[str]:
    return [one.event_kind for one in policy.event_kinds if one.meaning in meanings]


def count_again(parties: Iterable[int], policy: BehaviourEventPolicy, *, today: date, using: str) -> int:
    """Bring these customers' rows of what they did lately up to date from the counts a day."""
    told: dict[str, Any] = {
        "today": today, "long": LONG, "short": SHORT, "left": _meaning(policy, "abandon"), "these": list(parties)
    }  # fmt: skip
    with connections[using].cursor() as cursor:
        cursor.execute(_RECENT.format(who="SELECT unnest(%(these)s::bigint[]) AS party_id"), told)
        return int(cursor.rowcount)
