"""Each minute: events become counts, and what the policy calls work becomes a keeper's task (线上行为触发).

The room of behaviour stands below the worklist and is never told by it; this looks at both. Set-based, as the
pipeline's login, idempotent: a task that stands, or was settled within the trigger's quiet days, is not opened again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from guanxi.crm.behaviour.models import Waiting
from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.behaviour.rollup import roll_up
from guanxi.crm.behaviour.tidy import Tidied, settle, tidy
from guanxi.crm.organisation.models import Token
from guanxi.crm.scores.selectors import aged_by
from guanxi.crm.worklist.models import STANDING, Origin
from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy, EventTrigger

FRESH_HOURS = 24
"""What happened longer ago than that is no news, however late it was sent."""

_OPEN = """
WITH done AS (
    SELECT party_id, SUM(times) AS times, MAX(last_at) AS last_at,
           (array_agg(last_product ORDER BY last_at DESC) FILTER (WHERE last_product <> ''))[1] AS product
    FROM behaviour_daily WHERE kind = %(kind)s AND day > %(today)s::date - %(window)s
    GROUP BY party_id HAVING SUM(times) >= %(times)s AND MAX(last_at) > %(fresh)s
)
INSERT INTO worklist_task (party_id, unit_id, keeper_id, assignee_id, origin, subject, due_on, opened_on, value_fen,
                           urgency, reason, offer_family, link)
SELECT party.id, party.unit_id, party.keeper_id, party.keeper_id, %(origin)s, %(subject)s, %(today)s, %(today)s,
       COALESCE(score.aum_fen, 0), %(urgency)s,
       %(reason)s::jsonb || jsonb_build_object('times', done.times, 'product', COALESCE(done.product, ''),
           'day_on', (done.last_at AT TIME ZONE %(zone)s)::date),
       '', 'desk:customer ' || party.uuid
FROM done
JOIN customers_party AS party ON party.id = done.party_id AND party.state = 'active' AND party.merged_into_id IS NULL
JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.is_active
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE NOT EXISTS (
    SELECT 1 FROM worklist_task AS known
    WHERE known.party_id = party.id AND known.origin = %(origin)s AND known.subject = %(subject)s
      AND (known.state = ANY(%(standing)s) OR known.closed_on > %(today)s::date - %(quiet)s)
)
ORDER BY party.id
ON CONFLICT DO NOTHING
"""
_RECORD = """
INSERT INTO audit_changelog (at, staff_no, staff_name, request_id, verb, object_kind, object_key, object_label, details)
VALUES (%(now)s, '', '', '', 'worklist.behaviour', 'behaviour.trigger', '', '', %(details)s)
"""


@dataclass(frozen=True)
class Minute:
    """What one minute did: batches added to the counts, tasks opened by trigger."""

    batches: int
    opened: dict[str, int]


def minute(*, today: date, now: datetime) -> Minute | None:
    """Add what came to the counts and open the tasks it means; None where the bank has no policy of events."""
    policy = event_policy(today)
    if policy is None:
        return None
    rolled = roll_up(policy, today=today, now=now)
    return Minute(rolled.batches, open_tasks(policy, today=today, now=now) if rolled.batches else {})


def open_tasks(
    policy: BehaviourEventPolicy, *, today: date, now: datetime, using: str = "pipeline"
) -> dict[str, int]:
    """A task of the keeper for each customer and trigger fulfilled; how many are new, by trigger."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        opened = {}
        for one in policy.event_triggers:
            cursor.execute(_OPEN, _told(one, policy, today, now))
            if cursor.rowcount:
                opened[one.trigger] = cursor.rowcount
        if opened:
            cursor.execute(_RECORD, {"now": now, "details": json.dumps(opened)})
    return opened


def hour(*, today: date, now: datetime) -> Tidied | None:
    """Let go what is no longer kept, and give waiting events to whom their number belongs to by now."""
    policy, aged = event_policy(today), aged_by(now)
    if policy is None:
        return None
    done = tidy(policy, today=today, aged_by=aged)
    for token in Token.objects.filter(pk__in=Waiting.objects.values("token")).select_related("staff"):
        found = settle(token, policy, today=today, now=now)
        done.found += found.found
        done.dropped += found.dropped
    return done


def _told(one: EventTrigger, policy: BehaviourEventPolicy, today: date, now: datetime) -> dict[str, Any]:
    kind = policy.kind_of(one.event_kind)
    reason = {
        "code": "behaviour", "name_zh": kind.label_zh if kind else one.event_kind,
        "name_en": kind.label_en if kind else one.event_kind, "say_zh": one.say_zh, "say_en": one.say_en,
    }  # fmt: skip
    return {
        "kind": one.event_kind, "window": one.window_days, "times": one.times, "quiet": one.quiet_days,
        "fresh": now - timedelta(hours=FRESH_HOURS), "urgency": one.urgency_level, "today": today,
        "origin": Origin.LEAD.value, "subject": f"behaviour:{one.trigger}", "reason": json.dumps(reason),
        "standing": [str(state) for state in STANDING], "zone": settings.TIME_ZONE,
    }  # fmt: skip
