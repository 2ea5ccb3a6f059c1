"""Qualifications that expire soon (从业资格到期): a task for who holds one, opened by the night, once for each."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import psycopg

from guanxi.crm.policies.selectors import in_force
from guanxi.insight.policies.suitability import LICENCES, LICENCES_EN, SuitabilityPolicy

Connection = psycopg.Connection[Any]

# A renewal that is recorded already (same kind, good for longer) makes the task needless.
_OPEN = """
INSERT INTO worklist_task (party_id, unit_id, keeper_id, assignee_id, origin, subject, due_on, opened_on, value_fen,
                           urgency, reason, offer_family)
SELECT NULL, held.unit_id, NULL, licence.staff_id, 'coaching', 'licence:' || licence.id, licence.expires_on, %(on)s, 0,
       2, jsonb_build_object('code', 'licence', 'kind_zh', %(zh)s::jsonb ->> licence.kind::text,
                             'kind_en', %(en)s::jsonb ->> licence.kind::text, 'day_on', licence.expires_on), ''
FROM organisation_licence AS licence
JOIN organisation_staff AS staff ON staff.id = licence.staff_id AND staff.is_active
JOIN LATERAL (
    SELECT post.unit_id FROM organisation_post AS post
    WHERE post.staff_id = licence.staff_id AND post.valid_from <= %(on)s
      AND (post.valid_to IS NULL OR post.valid_to > %(on)s)
    ORDER BY post.valid_from, post.id LIMIT 1
) AS held ON TRUE
WHERE licence.ended_on IS NULL AND licence.expires_on BETWEEN %(on)s AND %(on)s::date + %(days)s
  AND NOT EXISTS (
    SELECT 1 FROM organisation_licence AS later WHERE later.staff_id = licence.staff_id AND later.kind = licence.kind
      AND later.ended_on IS NULL AND (later.expires_on IS NULL OR later.expires_on > licence.expires_on))
  AND NOT EXISTS (
    SELECT 1 FROM worklist_task AS known WHERE known.assignee_id = licence.staff_id AND known.origin = 'coaching'
      AND known.subject = 'licence:' || licence.id)
ON CONFLICT DO NOTHING
"""


def warn_of_expiry(connection: Connection, on: date) -> int:
    """Open the tasks of business date `on`; returns how many. Nothing in a bank without the policy."""
    policy = in_force(on).get(SuitabilityPolicy.kind)
    if not isinstance(policy, SuitabilityPolicy):
        return 0
    told = {
        "on": on, "days": policy.licence_warn_days, "zh": json.dumps(LICENCES), "en": json.dumps(LICENCES_EN),
    }  # fmt: skip
    return connection.execute(_OPEN, told).rowcount
