"""The tasks behind the last weeks' contacts, some that nobody did in time, and a morning of today's list already done.

A closed task stands on each contact that the room before has told (a share of them: a manager also calls unasked), so
what supervisors count has evidence. Today's list itself is the night's, opened once more now that there are promises
and contacts to count from.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from guanxi.pipeline.opening import open_tasks

DAYS = 42
TOLD = "past:%"

_CLOSED = """
INSERT INTO worklist_task (party_id, unit_id, keeper_id, assignee_id, origin, subject, due_on, opened_on, state,
                           value_fen, urgency, reason, outcome, closed_at, closed_on, closed_by_id, contact_id)
SELECT contact.party_id, contact.unit_id, contact.keeper_id, contact.staff_id, kind.origin, 'past:' || contact.id,
       contact.day + kind.slack, contact.day - kind.ahead, 'done', COALESCE(score.aum_fen, 0) / kind.parts, 0,
       kind.reason || jsonb_build_object('day_on', contact.day + kind.slack,
           'amount_fen', COALESCE(score.aum_fen, 0) / kind.parts), contact.outcome, contact.at, contact.day,
       contact.staff_id, contact.id
FROM interactions_contact AS contact
JOIN (VALUES
    (0, 'visit', 3, 5, 1, '{"code": "contact_due", "days": 60}'::jsonb),
    (1, 'maturity', 2, 8, 4, '{"code": "maturity", "product": "一年期整存整取"}'::jsonb),
    (2, 'visit', -1, 6, 1, '{"code": "contact_due", "days": 90}'::jsonb),
    (3, 'warning', 1, 2, 3, '{"code": "warning", "signal": "slope"}'::jsonb),
    (4, 'profile', 20, 9, 1, '{"code": "profile", "facts": ["occupation"]}'::jsonb),
    (5, 'maturity', 0, 7, 5, '{"code": "maturity", "product": "三个月定期"}'::jsonb),
    (6, 'birthday', 0, 3, 1, '{"code": "birthday", "age": 50}'::jsonb)
) AS kind (number, origin, slack, ahead, parts, reason) ON kind.number = contact.id %% 9
LEFT JOIN scores_partyscore AS score ON score.party_id = contact.party_id
WHERE contact.staff_id IS NOT NULL AND contact.day BETWEEN %(first)s AND %(today)s - 1
ON CONFLICT DO NOTHING
"""
# What nobody came to: a customer in twelve of a book, spread over the weeks.
_LAPSED = """
INSERT INTO worklist_task (party_id, unit_id, keeper_id, assignee_id, origin, subject, due_on, opened_on, state,
                           value_fen, urgency, reason, outcome, closed_at, closed_on)
SELECT party.id, party.unit_id, party.keeper_id, party.keeper_id, 'maturity', 'past:lapsed:' || party.id,
       %(today)s - (10 + party.id %% %(days)s)::int, %(today)s - (25 + party.id %% %(days)s)::int, 'lapsed',
       COALESCE(score.aum_fen, 0) / 4, 0, jsonb_build_object('code', 'maturity', 'product', '一年期整存整取',
           'amount_fen', COALESCE(score.aum_fen, 0) / 4, 'day_on', %(today)s - (10 + party.id %% %(days)s)::int),
       'too_late', %(morning)s - ((party.id %% %(days)s)::text || ' days')::interval,
       %(today)s - (party.id %% %(days)s)::int
FROM customers_party AS party JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.is_active
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.state = 'active' AND party.merged_into_id IS NULL AND party.id %% 12 = 5
ON CONFLICT DO NOTHING
"""
# This morning: of each list's dearest, every third row is done, and one in nine put off with a reason of the policy.
_MORNING = """
WITH placed AS (
    SELECT id, party_id, ROW_NUMBER() OVER (PARTITION BY assignee_id ORDER BY value_fen DESC, id) AS place
    FROM worklist_task WHERE state = 'open' AND origin IN ('maturity', 'birthday', 'visit') AND due_on <= %(today)s + 7
)
UPDATE worklist_task AS task
SET state = CASE WHEN placed.place %% 3 = 1 THEN 'done' ELSE 'snoozed' END,
    outcome = CASE WHEN placed.place %% 3 = 1 THEN 'done' ELSE '' END,
    closed_at = CASE WHEN placed.place %% 3 = 1 THEN %(morning)s + (placed.place * 9)::int * interval '1 minute' END,
    closed_on = CASE WHEN placed.place %% 3 = 1 THEN %(today)s::date END,
    closed_by_id = CASE WHEN placed.place %% 3 = 1 THEN task.assignee_id END,
    snoozed_until = CASE WHEN placed.place %% 3 <> 1 THEN %(today)s + 2 + (placed.place %% 4)::int END,
    snooze_reason = CASE WHEN placed.place %% 3 = 1 THEN '' WHEN placed.place %% 2 = 0 THEN 'customer_later'
                         ELSE 'not_reached' END
FROM placed
WHERE placed.id = task.id AND placed.place <= 9 AND (placed.place %% 3 = 1 OR placed.place = 6)
"""


def tell(*, today: date) -> int:
    """Write the room's past as of `today`; returns the rows written, 0 when it was told before."""
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM worklist_task WHERE subject LIKE %s)", [TOLD])
        row = cursor.fetchone()
        cursor.execute("SELECT id FROM scores_run WHERE is_current")
        run = cursor.fetchone()
        if run is None or (row and row[0]):
            return 0
        morning = datetime.combine(today, time(8, 40), timezone.get_current_timezone())
        told: dict[str, Any] = {
            "today": today,
            "first": today - timedelta(days=DAYS),
            "days": DAYS,
            "morning": morning,
        }
        written: int = 0
        for statement in (_CLOSED, _LAPSED):
            cursor.execute(statement, told)
            written += cursor.rowcount
        connection = connections["pipeline"].connection
        opened = open_tasks(connection, today - timedelta(days=1), run=str(run[0]), now=morning)
        cursor.execute(_MORNING, told)
        return written + opened.rows + int(cursor.rowcount)
