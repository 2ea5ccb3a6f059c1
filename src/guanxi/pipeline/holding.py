"""Complaints hold marketing up (投诉期间暂停营销): opened and ended by the night from what the run knows, set-based.

An open complaint holds until it is settled, a settled one for the days of the contact rules. The same night again
changes nothing; a hold that a person released stays released.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
from django.utils import timezone

from guanxi.crm.messaging.policy import contact_policy

Connection = psycopg.Connection[Any]

# `usual_times` of a complaint's signal: how many of the customer's complaints are open.
_OPEN = """
INSERT INTO messaging_hold (party_id, reason, note, since, until, subject)
SELECT said.party_id, 'complaint', '', %(at)s,
       CASE WHEN said.usual_times > 0 THEN NULL ELSE (said.day + %(days)s + 1)::timestamp AT TIME ZONE %(zone)s END,
       'complaint:' || said.day
FROM foresight_signal AS said
WHERE said.signal = 'complaint' AND said.day IS NOT NULL
  AND (said.usual_times > 0 OR said.day + %(days)s >= %(today)s)
ON CONFLICT (party_id, reason, subject) WHERE subject <> '' DO NOTHING
"""
_END = """
UPDATE messaging_hold AS held
SET until = GREATEST((%(today)s + %(days)s)::timestamp AT TIME ZONE %(zone)s, held.since + INTERVAL '1 second')
WHERE held.reason = 'complaint' AND held.subject LIKE 'complaint:%%' AND held.until IS NULL
  AND held.released_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM foresight_signal AS said
    WHERE said.party_id = held.party_id AND said.signal = 'complaint' AND said.usual_times > 0
  )
"""


@dataclass(frozen=True)
class Held:
    """How many holds the night began, and how many open ones it gave an end."""

    begun: int = 0
    ended: int = 0


def hold_complaints(connection: Connection, today: date) -> Held:
    """Hold customers with a complaint, as of the morning of `today`; nothing without contact rules."""
    policy = contact_policy(today)
    if policy is None:
        return Held()
    told = {
        "at": timezone.make_aware(datetime.combine(today, time())) - timedelta(minutes=1), "today": today,
        "days": policy.complaint_days, "zone": policy.bank_zone,
    }  # fmt: skip
    with connection.transaction(), connection.cursor() as cursor:
        begun = cursor.execute(_OPEN, told).rowcount
        ended = cursor.execute(_END, told).rowcount
    return Held(begun, ended)
