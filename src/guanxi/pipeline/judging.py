"""The ledger's word on retention cases (挽留核验): so many days after one ended, the wealth against that at opening.

Nobody marks an own case as kept: `kept` is written here and nowhere else. The first night on or after the day does it,
with the wealth of its own business date; a case judged once stays as it was judged.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from guanxi.crm.policies.services import in_force
from guanxi.insight.policies.retention import RetentionPolicy

Connection = psycopg.Connection[Any]

# Of a company, which has no AUM, its deposits: as at opening. A customer whose number was merged is judged as a whole.
_JUDGE = """
WITH judged AS (
    UPDATE retention_case AS c
    SET judged_on = %(on)s, judged_fen = COALESCE(x.aum_fen, x.deposits_fen, 0),
        kept = COALESCE(x.aum_fen, x.deposits_fen, 0) >= COALESCE(c.opening_fen, 0) * %(share)s::numeric
    FROM customers_party AS p JOIN scores_partyscore AS x ON x.party_id = COALESCE(p.merged_into_id, p.id)
    WHERE p.id = c.party_id AND c.judged_on IS NULL AND c.judge_on <= %(on)s
    RETURNING c.id, c.party_id, c.opened_on, c.judged_fen, c.kept
)
INSERT INTO audit_changelog (at, staff_no, staff_name, verb, object_kind, object_key, object_label, details)
SELECT now(), '', '', 'retention.case_judged', 'retention.case', id::text, party_id || ' ' || opened_on,
       jsonb_build_object('fen', judged_fen, 'kept', kept)
FROM judged
"""


def judge_cases(connection: Connection, on: date) -> int:
    """Judge every case whose day has come by business date `on`; one statement, in the trail as the program's doing.

    Returns how many; nothing in a bank without the policy.
    """
    policy = in_force(on).get(RetentionPolicy.kind)
    if not isinstance(policy, RetentionPolicy):
        return 0
    return connection.execute(_JUDGE, {"on": on, "share": policy.kept_share}).rowcount
